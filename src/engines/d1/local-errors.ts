import { MigrateError } from '../../lib/errors.ts';
import { SqlError } from '../engine.ts';

/** Another connection, such as a running dev server's, has the database at this moment. */
export function isBusy(error: unknown): boolean {
  const base = baseOf(error);
  return base === 5 || base === 6;
}

/** What node:sqlite threw, as our own error; anything that SQLite did not refuse is a bug and is thrown again. */
export function toSqlError(error: unknown, location: string): SqlError {
  if (error instanceof SqlError) return error;
  if (!(error instanceof Error)) throw error;
  const base = baseOf(error);
  if (base === undefined) {
    // What node:sqlite refuses to prepare or to bind comes with a code of Node's own.
    if ('code' in error && String(error.code).startsWith('ERR_')) {
      return new SqlError(error.message, { code: String(error.code), cause: error });
    }
    throw error;
  }
  return new SqlError(storageText(base, location) ?? error.message, {
    code: codeOf(error, base),
    cause: error,
  });
}

/** The failure of a read as what `query` throws. */
export function toQueryError(error: unknown, location: string): Error {
  if (error instanceof MigrateError) return error;
  const refused = toSqlError(error, location);
  const base = baseOf(error) ?? 0;
  if (base === 11 || base === 26) {
    return new MigrateError(
      'unreachable',
      `${location} is not a readable SQLite database (${refused.message})`,
      {
        cause: error,
        next: 'Stop the dev server, and restore the database from a backup or delete its file.',
      },
    );
  }
  const text = storageText(base, location);
  if (text === undefined) return refused;
  return new MigrateError('storage', text, {
    cause: error,
    next: 'Check the free space and the permissions of the folder it is in.',
  });
}

function storageText(base: number, location: string): string | undefined {
  switch (base) {
    case 8:
      return `${location} cannot be written: the file or its disk is read-only`;
    case 10:
      return `${location} cannot be read or written: the disk reported an error`;
    case 13:
      return `${location} cannot grow: its disk is full`;
    case 14:
      return `${location} or a file beside it cannot be opened`;
    default:
      return undefined;
  }
}

/** SQLite's result code without its extension; undefined when SQLite did not raise it. */
function baseOf(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode & 0xff
    : undefined;
}

function codeOf(error: Error, base: number): string {
  const extended = 'errcode' in error ? Number(error.errcode) >> 8 : 0;
  const constraint = base === 19 ? constraints[extended] : undefined;
  return `${names[base] ?? `SQLITE_${base}`}${constraint === undefined ? '' : `_${constraint}`}`;
}

// https://www.sqlite.org/rescode.html
const names: Readonly<Record<number, string>> = {
  1: 'SQLITE_ERROR',
  4: 'SQLITE_ABORT',
  5: 'SQLITE_BUSY',
  6: 'SQLITE_LOCKED',
  8: 'SQLITE_READONLY',
  9: 'SQLITE_INTERRUPT',
  10: 'SQLITE_IOERR',
  11: 'SQLITE_CORRUPT',
  13: 'SQLITE_FULL',
  14: 'SQLITE_CANTOPEN',
  17: 'SQLITE_SCHEMA',
  18: 'SQLITE_TOOBIG',
  19: 'SQLITE_CONSTRAINT',
  20: 'SQLITE_MISMATCH',
  23: 'SQLITE_AUTH',
  25: 'SQLITE_RANGE',
  26: 'SQLITE_NOTADB',
};

const constraints: Readonly<Record<number, string>> = {
  1: 'CHECK',
  3: 'FOREIGNKEY',
  5: 'NOTNULL',
  6: 'PRIMARYKEY',
  7: 'TRIGGER',
  8: 'UNIQUE',
  10: 'ROWID',
  12: 'DATATYPE',
};
