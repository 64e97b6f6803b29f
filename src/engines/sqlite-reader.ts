import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { MigrateError } from '../lib/errors.ts';
import type { Row, Statement } from '../sql/statement.ts';
import { SqlError, type Engine, type UnitOutcome } from './engine.ts';
import { lookAtFile } from './file-check.ts';
import { holdFile } from './held-files.ts';
import { immutableUrl } from './immutable-url.ts';
import { openRecoveringReader } from './libsql/reader.ts';
import { allRows } from './node-sqlite-rows.ts';
import { refuseWrite } from './read-only.ts';
import { busyError } from './sql-errors.ts';
import { turns } from './turns.ts';
import { whileBusy } from './waiting.ts';

export interface SqliteReaderOptions {
  /** Absolute path of a file that exists. */
  readonly path: string;
  /** Milliseconds. */
  readonly busyTimeout: number;
  /** Whether "text" that names no column is a string, as in D1; libSQL refuses it. */
  readonly doubleQuotes?: 'names' | 'names-and-strings';
  readonly signal?: AbortSignal;
}

/**
 * Opens a database file for questions: read-only by the engine, and without making a file beside it.
 * What node:sqlite cannot read (a schema in libSQL's own words, the journal of a writer that was killed)
 * is read through libSQL, which recovers the file as any program that opens it would.
 */
export async function openSqliteReader(options: SqliteReaderOptions): Promise<Engine> {
  const { path, busyTimeout, doubleQuotes = 'names', signal } = options;
  const { kind } = await lookAtFile(path);
  if (kind === 'missing') {
    throw new MigrateError('unreachable', `${path} does not exist`, {
      next: 'Correct the path of this target.',
    });
  }
  const reader = new Reader(path, doubleQuotes);
  // Only one question may find out that another reader is needed.
  const inTurn = turns();
  let recovering: Engine | undefined;
  const query = async (statement: Statement): Promise<readonly Row[]> => {
    if (recovering) return recovering.query(statement);
    const ask = () => Promise.resolve(reader.all(statement));
    try {
      const answer = await whileBusy(ask, { isBusy, timeout: busyTimeout, signal });
      if (answer.kind === 'ok') return answer.value;
      signal?.throwIfAborted();
      throw busyError(path, busyTimeout, answer.kind === 'busy' ? answer.cause : undefined);
    } catch (error) {
      if (!needsLibsql(error)) throw toQueryError(error, path);
      reader.close();
      recovering = openRecoveringReader(options);
      return recovering.query(statement);
    }
  };
  return {
    name: 'sqlite-reader',
    location: path,
    delivery: 'statement-by-statement',
    foreignKeys: 'switchable',
    async query(statement) {
      refuseWrite(statement.sql, path);
      return inTurn(() => query(statement));
    },
    unit: () => Promise.resolve(readOnly(path)),
    async [Symbol.asyncDispose]() {
      reader.close();
      await recovering?.[Symbol.asyncDispose]();
    },
  };
}

/** The outcome of every unit on an engine that was opened for questions. */
export function readOnly(location: string): UnitOutcome {
  return {
    kind: 'failed',
    error: new SqlError(`${location} is open for reading only`, { code: 'SQLITE_READONLY' }),
  };
}

class Reader {
  readonly #path: string;
  readonly #doubleQuotes: DoubleQuotes;
  #open: Opened | undefined;

  constructor(path: string, doubleQuotes: DoubleQuotes) {
    this.#path = path;
    this.#doubleQuotes = doubleQuotes;
  }

  all(statement: Statement): readonly Row[] {
    for (let attempt = 0; attempt < 20; attempt += 1) {
      const opened = this.#connection();
      let rows: readonly Row[] | undefined;
      try {
        rows = allRows(opened.db, statement);
      } catch (error) {
        // A file that changed under an immutable connection can look damaged; that is no answer.
        if (opened.stamp === undefined || opened.stamp === stampOf(this.#path)) throw error;
      }
      if (rows && (opened.stamp === undefined || opened.stamp === stampOf(this.#path))) return rows;
      this.close();
    }
    throw busyError(this.#path, 0);
  }

  close(): void {
    this.#open?.db.close();
    this.#open?.held[Symbol.dispose]();
    this.#open = undefined;
  }

  #connection(): Opened {
    if (this.#open?.stamp !== undefined && this.#open.stamp !== stampOf(this.#path)) this.close();
    this.#open ??= open(this.#path, this.#doubleQuotes);
    return this.#open;
  }
}

interface Opened {
  readonly db: DatabaseSync;
  readonly held: Disposable;
  /** Set for a connection that takes no locks and must therefore see that nothing changed meanwhile. */
  readonly stamp: string | undefined;
}

type DoubleQuotes = NonNullable<SqliteReaderOptions['doubleQuotes']>;

function open(path: string, doubleQuotes: DoubleQuotes): Opened {
  const held = holdFile(path, 'node:sqlite');
  try {
    // Without a `-wal` nobody has the file open in WAL mode, and only an immutable connection makes none.
    const stamp = held.isWal(() => isWal(path)) && !existsSync(`${path}-wal`) ? stampOf(path) : undefined;
    const db = new DatabaseSync(stamp === undefined ? path : immutableUrl(path), {
      readOnly: true,
      enableDoubleQuotedStringLiterals: doubleQuotes === 'names-and-strings',
    });
    return { db, held, stamp };
  } catch (error) {
    held[Symbol.dispose]();
    throw error;
  }
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

function stampOf(path: string): string {
  const { mtimeNs, size, ino } = statSync(path, { bigint: true });
  return `${mtimeNs} ${size} ${ino} ${existsSync(`${path}-wal`)}`;
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

/** Read-only connections can neither undo a dead writer's journal nor recover its WAL. */
function needsLibsql(error: unknown): boolean {
  if (!isSqliteFailure(error)) return false;
  const base = error.errcode & 0xff;
  return (
    (base === 8 && error.errcode !== 8) ||
    base === 14 ||
    /malformed database schema|no such (function|module|tokenizer)/.test(error.message)
  );
}

function toQueryError(error: unknown, path: string): Error {
  if (!isSqliteFailure(error)) {
    // `MigrateError`s pass; what node:sqlite refuses to bind or prepare comes with a code of Node's own.
    return error instanceof Error ? error : new Error(String(error));
  }
  const base = error.errcode & 0xff;
  if (base === 11 || base === 26) {
    return new MigrateError('unreachable', `${path} is not a readable SQLite database (${error.message})`, {
      cause: error,
      next: 'Check that the path names the right file; if it does, restore it from a backup.',
    });
  }
  return new SqlError(error.message, { code: `SQLITE_${error.errcode}`, cause: error });
}
