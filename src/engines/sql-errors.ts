import { LibsqlError } from '@libsql/client/sqlite3';
import { MigrateError } from '../lib/errors.ts';
import { SqlError } from './engine.ts';

/** Another connection has the database, or the table, at this moment. */
export function isBusy(error: unknown): boolean {
  return error instanceof LibsqlError && busyCodes.has(error.code);
}

/** The engine's refusal as our own error; anything that is none is a bug and is thrown again. */
export function toSqlError(error: unknown, location: string): SqlError {
  if (error instanceof SqlError) return error;
  // A value that the binding refuses (a text with a lone surrogate, say) comes as a plain TypeError or RangeError.
  if (!(error instanceof LibsqlError)) throw error;
  const code = error.extendedCode ?? error.code;
  // The client puts the code before the message, for a batch twice.
  const message = error.message.replace(/^(?:(?:SQLITE_[A-Z_]+|SQL_[A-Z_]+|SQLite error): )+/, '');
  return new SqlError(storageText(error.code, location) ?? message, { code, cause: error });
}

/** The failure of a read as what `query` throws. */
export function toQueryError(error: unknown, location: string): Error {
  const refused = toSqlError(error, location);
  const kind = baseCode(refused.code);
  if (kind === 'SQLITE_NOTADB' || kind === 'SQLITE_CORRUPT') return damaged(location, refused);
  const text = storageText(kind, location);
  return text === undefined
    ? refused
    : new MigrateError('storage', text, { cause: refused, next: storageNext });
}

/** @param waited milliseconds */
export function busyError(location: string, waited: number, cause?: unknown): MigrateError {
  return new MigrateError(
    'busy',
    `${location} is locked by another process and did not become free within ${waited / 1000} s`,
    { cause, next: 'Find the program that writes to it, let it finish, and try again.' },
  );
}

function damaged(location: string, cause: SqlError): MigrateError {
  return new MigrateError('unreachable', `${location} is not a readable SQLite database (${cause.message})`, {
    cause,
    next: 'Check that the path names the right file; if it does, restore it from a backup.',
  });
}

function storageText(code: string, location: string): string | undefined {
  switch (baseCode(code)) {
    case 'SQLITE_FULL':
      return `${location} cannot grow: its disk is full`;
    case 'SQLITE_IOERR':
      return `${location} cannot be read or written: the disk reported an error (${code})`;
    case 'SQLITE_READONLY':
      return `${location} cannot be written: the file or its disk is read-only`;
    case 'SQLITE_CANTOPEN':
      return `${location} or a file beside it cannot be opened`;
    default:
      return undefined;
  }
}

const storageNext = 'Check the free space and the permissions of the folder it is in.';

/** `SQLITE_IOERR_WRITE` → `SQLITE_IOERR` */
function baseCode(code: string): string {
  return /^SQLITE_[A-Z]+/.exec(code)?.[0] ?? code;
}

const busyCodes = new Set(['SQLITE_BUSY', 'SQLITE_LOCKED', 'TRANSACTION_BUSY', 'TRANSACTION_TIMEOUT']);
