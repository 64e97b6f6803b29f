import { DatabaseSync } from 'node:sqlite';
import { codeOf } from '../../lib/error-code.ts';
import { MigrateError } from '../../lib/errors.ts';
import { asking, type Query } from '../../sql/statement.ts';

/**
 * Opens a file for reading and writing.
 *
 * @param busyTimeout milliseconds to wait for a lock; a copy has a process of its own, so waiting holds up nobody
 */
export function openNodeSqlite(path: string, busyTimeout: number): DatabaseSync {
  return new DatabaseSync(path, { timeout: busyTimeout });
}

/** Questions to a node:sqlite connection in the shape of an engine's. */
export function queryOf(db: DatabaseSync): Query {
  return asking('sqlite', ({ sql }) => {
    try {
      return Promise.resolve(db.prepare(sql).all());
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  });
}

/** Its extended result code; undefined when the error is none of SQLite's. */
export function errcodeOf(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode
    : undefined;
}

/** The schema holds words that only libSQL knows, so SQLite can read none of it. */
export function isForeignSchema(error: unknown): boolean {
  return (
    errcodeOf(error) !== undefined &&
    /malformed database schema|no such (function|module)/.test(String(error))
  );
}

/**
 * Whether an index of libSQL's own is in the schema. SQLite reads such a schema, and then takes the index for an empty
 * one: it finds it damaged, and counts the rows of its table in it.
 */
export function hasVectorIndex(db: DatabaseSync): boolean {
  return db.prepare("SELECT 1 FROM sqlite_schema WHERE sql LIKE '%libsql_vector_idx%'").get() !== undefined;
}

/**
 * A failure of SQLite or of the disk while copying, as an error for people.
 *
 * @param doing what was going on: `/data/app.db could not be copied`
 */
export function toCopyError(error: unknown, doing: string, path: string): unknown {
  if (error instanceof MigrateError) return error;
  const system = codeOf(error) ?? '';
  const errcode = errcodeOf(error);
  const base = errcode === undefined ? undefined : errcode & 0xff;
  // A lock that the backup API meets comes as code 0, "not an error".
  if (base === 5 || base === 6 || base === 0) {
    return new MigrateError('busy', `${doing}: ${path} is locked by another process`, {
      cause: error,
      next: 'Find the program that writes to it, let it finish, and try again.',
    });
  }
  if (base === 13 || system === 'ENOSPC') return storage(`${doing}: the disk is full`, error);
  if (base === 8 || system === 'EROFS' || system === 'EACCES') {
    return storage(`${doing}: writing is not permitted there`, error);
  }
  if (base === 10 || base === 14)
    return storage(`${doing}: the disk reported an error (SQLite ${errcode})`, error);
  if (base === 11 || base === 26) {
    return new MigrateError('unreachable', `${doing}: ${path} is damaged or no database`, {
      cause: error,
      next: 'Run PRAGMA integrity_check on it; if it is damaged, restore an older backup.',
    });
  }
  return error;
}

function storage(message: string, cause: unknown): MigrateError {
  return new MigrateError('storage', message, {
    cause,
    next: 'Check the free space and the permissions of the folder.',
  });
}
