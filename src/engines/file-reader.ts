import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { MigrateError } from '../lib/errors.ts';
import { asking, type Query } from '../sql/statement.ts';
import { SqlError } from './engine.ts';
import { fileStamp } from './file-stamp.ts';
import { holdFile, type Hold } from './held-files.ts';
import { immutableUrl, readOnlyUrl } from './immutable-url.ts';
import { allRows } from './node-sqlite-rows.ts';
import { busyError } from './sql-errors.ts';
import { whileBusy } from './waiting.ts';

export interface FileReaderOptions {
  /** Absolute path of a file that exists. */
  readonly path: string;
  /** What messages call it, when that is not its path. */
  readonly location?: string;
  /** Milliseconds. */
  readonly busyTimeout: number;
  /** Whether "text" that names no column is a string, as in D1; libSQL refuses it. */
  readonly doubleQuotes?: 'names' | 'names-and-strings';
  readonly signal?: AbortSignal;
}

export interface FileReader extends AsyncDisposable {
  /** Throws `UnfinishedWrite`, or what `Engine.query` throws. */
  readonly query: Query;
}

/** A program died while it wrote: nobody can read the file before somebody has written to it. */
export class UnfinishedWrite extends Error {
  override readonly name = 'UnfinishedWrite';
}

/**
 * Reads a database file without changing it and without making a database beside it, one question at a time. Through
 * node:sqlite; what that cannot read (a schema in libSQL's own words) through libSQL, opened read-only in the same way.
 */
export function fileReader(options: FileReaderOptions): FileReader {
  const { path, location = path } = options;
  let library: Library = 'node:sqlite';
  let opened: Opened | undefined;
  const close = async () => {
    const closing = opened;
    opened = undefined;
    await closing?.connection[Symbol.asyncDispose]();
    closing?.held[Symbol.dispose]();
  };
  const connection = async () => {
    if (opened?.locks === 'none' && opened.stamp !== fileStamp(path)) await close();
    return (opened ??= await open(options, library));
  };
  const query = asking('sqlite', async (statement) => {
    for (let attempt = 0; attempt < 20; attempt += 1) {
      try {
        const { connection: asked, locks, stamp } = await connection();
        const rows = await asked.query(statement);
        if (locks === 'shared' || stamp === fileStamp(path)) return rows;
      } catch (error) {
        const hasChanged = opened !== undefined && opened.stamp !== fileStamp(path);
        const passes = hasChanged && (opened?.locks === 'none' || isCantOpen(error));
        if (library === 'node:sqlite' && needsLibsql(error)) library = 'libsql';
        // A file that changed under an immutable connection can look damaged, and a WAL can go while it is opened.
        else if (!passes)
          throw opened && isUnfinished(error) ? unfinished(location, error) : toQueryError(error, location);
      }
      await close();
    }
    throw busyError(location, 0);
  });
  return { query, [Symbol.asyncDispose]: close };
}

type Library = 'node:sqlite' | 'libsql';

interface Opened {
  readonly connection: Connection;
  readonly held: Hold;
  /** `none`: nobody is kept out, so an answer counts only when nothing changed meanwhile. */
  readonly locks: 'shared' | 'none';
  /** Of the moment before it was opened. */
  readonly stamp: string;
}

type Connection = Pick<FileReader, 'query' | typeof Symbol.asyncDispose>;

async function open(options: FileReaderOptions, library: Library): Promise<Opened> {
  const { path } = options;
  const held = holdFile(path, library);
  try {
    const stamp = fileStamp(path);
    // Without a `-wal` nobody has the file open in WAL mode, and only an immutable connection makes none.
    const locks = held.isWal(() => isWal(path)) && !existsSync(`${path}-wal`) ? 'none' : 'shared';
    return { connection: await connect(locks, options, library), held, locks, stamp };
  } catch (error) {
    held[Symbol.dispose]();
    throw error;
  }
}

async function connect(
  locks: Opened['locks'],
  options: FileReaderOptions,
  library: Library,
): Promise<Connection> {
  const { path } = options;
  if (library === 'node:sqlite') return throughNode(locks === 'none' ? immutableUrl(path) : path, options);
  const url = locks === 'none' ? immutableUrl(path) : readOnlyUrl(path);
  const { openLibsqlReader } = await import('./libsql/reader.ts');
  return openLibsqlReader(url, options);
}

function throughNode(name: string, options: FileReaderOptions): Connection {
  const { path, location = path, busyTimeout, doubleQuotes, signal } = options;
  const db = new DatabaseSync(name, {
    readOnly: true,
    enableDoubleQuotedStringLiterals: doubleQuotes === 'names-and-strings',
  });
  return {
    query: asking('sqlite', async (statement) => {
      const ask = () => Promise.resolve(allRows(db, statement));
      const answer = await whileBusy(ask, { isBusy, timeout: busyTimeout, signal });
      if (answer.kind === 'ok') return answer.value;
      signal?.throwIfAborted();
      throw busyError(location, busyTimeout, answer.kind === 'busy' ? answer.cause : undefined);
    }),
    [Symbol.asyncDispose]: () => Promise.resolve(db.close()),
  };
}

function isWal(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    const header = Buffer.alloc(20);
    readSync(file, header, 0, 20, 0);
    return header[18] === 2;
  } finally {
    closeSync(file);
  }
}

interface SqliteFailure extends Error {
  readonly errcode: number;
}

function isSqliteFailure(error: unknown): error is SqliteFailure {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number';
}

function isBusy(error: unknown): boolean {
  return isSqliteFailure(error) && ((error.errcode & 0xff) === 5 || (error.errcode & 0xff) === 6);
}

function needsLibsql(error: unknown): boolean {
  return (
    isSqliteFailure(error) &&
    /malformed database schema|no such (function|module|tokenizer)/.test(error.message)
  );
}

/** https://www.sqlite.org/rescode.html#readonly_rollback and its neighbours: a journal to play back, a WAL to recover. */
function isUnfinished(error: unknown): boolean {
  if (isCantOpen(error)) return true;
  if (isSqliteFailure(error)) return (error.errcode & 0xff) === 8 && error.errcode !== 8;
  return libsqlCode(error).startsWith('SQLITE_READONLY_');
}

/** Of a connection that is open: its WAL, or the index of it. */
function isCantOpen(error: unknown): boolean {
  if (isSqliteFailure(error)) return (error.errcode & 0xff) === 14;
  return libsqlCode(error).startsWith('SQLITE_CANTOPEN');
}

function libsqlCode(error: unknown): string {
  const cause = error instanceof MigrateError ? error.cause : error;
  return cause instanceof SqlError ? cause.code : '';
}

function unfinished(location: string, cause: unknown): UnfinishedWrite {
  return new UnfinishedWrite(`${location} was left in the middle of a write`, { cause });
}

function toQueryError(error: unknown, location: string): Error {
  if (!isSqliteFailure(error)) {
    // `MigrateError`s pass; what node:sqlite refuses to bind or prepare comes with a code of Node's own.
    return error instanceof Error ? error : new Error(String(error));
  }
  const base = error.errcode & 0xff;
  if (base === 11 || base === 26) {
    return new MigrateError(
      'unreachable',
      `${location} is not a readable SQLite database (${error.message})`,
      {
        cause: error,
        next: 'Check that the path names the right file; if it does, restore it from a backup.',
      },
    );
  }
  if (base === 14) {
    return new MigrateError('unreachable', `${location} cannot be opened`, {
      cause: error,
      next: 'Check the permissions of the file and of the folders above it.',
    });
  }
  return new SqlError(error.message, { code: `SQLITE_${error.errcode}`, cause: error });
}
