import { DatabaseSync } from 'node:sqlite';
import { MigrateError } from '../../lib/errors.ts';
import { asking, type Row, type Statement } from '../../sql/statement.ts';
import type { Engine, Unit } from '../engine.ts';
import { checkWritable, lookAtFile, makeFolderOf, type FileState } from '../file-check.ts';
import { holdFile } from '../held-files.ts';
import { allRows } from '../node-sqlite-rows.ts';
import { busyError } from '../sql-errors.ts';
import { turns } from '../turns.ts';
import { whileBusy } from '../waiting.ts';
import { isBusy, toQueryError } from './local-errors.ts';
import { runUnit } from './local-unit.ts';

export interface D1LocalOptions {
  /** Absolute path of miniflare's file. */
  readonly path: string;
  readonly ifMissing: 'refuse' | 'create';
  /** How long to wait for other writers, in milliseconds. */
  readonly busyTimeout: number;
  readonly signal?: AbortSignal;
}

/**
 * Opens the file in which miniflare keeps a D1 database, for changing it, in D1's configuration: foreign keys always
 * on, double quotes around strings allowed. A dev server may have it open all the while, and sees what is committed.
 *
 * Throws `MigrateError`: `unreachable` when it is missing (unless it is to be created) or no database, `storage`
 * when it cannot be written.
 */
export async function openD1Local(options: D1LocalOptions): Promise<Engine> {
  const { path, busyTimeout, signal } = options;
  const state = await writableState(options);
  const held = holdFile(path, 'node:sqlite');
  let db: DatabaseSync;
  try {
    db = openDatabase(path, state);
  } catch (error) {
    held[Symbol.dispose]();
    throw toQueryError(error, path);
  }
  // A question asked while a unit runs would be answered from inside its transaction.
  const inTurn = turns();
  let disposed = false;
  return {
    name: 'd1-local',
    location: path,
    delivery: 'statement-by-statement',
    foreignKeys: 'always-on',
    query: asking('sqlite', (statement) => inTurn(() => query(db, statement, options))),
    async unit(unit, unitOptions = {}) {
      refuseUnenforced(unit);
      const passed = { busyTimeout, ...(signal ? { signal } : {}), ...unitOptions };
      return inTurn(() => runUnit(db, unit, { location: path, ...passed }));
    },
    async [Symbol.asyncDispose]() {
      if (disposed) return;
      disposed = true;
      await inTurn(async () => db.close());
      held[Symbol.dispose]();
    },
  };
}

async function writableState({ path, ifMissing }: D1LocalOptions): Promise<FileState> {
  const state = await lookAtFile(path);
  if (state.kind === 'missing') {
    if (ifMissing === 'refuse') {
      throw new MigrateError('unreachable', `${path} does not exist`, {
        next: 'Deploy, or run wrangler dev once: either creates the local database.',
      });
    }
    await makeFolderOf(path);
  }
  await checkWritable(path, state);
  return state;
}

function openDatabase(path: string, state: FileState): DatabaseSync {
  // `timeout: 0`: we wait ourselves, without holding up the event loop.
  const db = new DatabaseSync(path, {
    timeout: 0,
    enableForeignKeyConstraints: true,
    enableDoubleQuotedStringLiterals: true,
  });
  // As miniflare makes it; a file that is there keeps the mode it has.
  if (state.kind !== 'database') db.exec('PRAGMA journal_mode = WAL');
  return db;
}

function refuseUnenforced({ foreignKeys }: Unit): void {
  if (foreignKeys === 'off') {
    throw new Error('D1 keeps foreign keys on; a unit that needs them off must not be sent there.');
  }
}

async function query(
  db: DatabaseSync,
  statement: Statement,
  { path, busyTimeout, signal }: D1LocalOptions,
): Promise<readonly Row[]> {
  try {
    const ask = async () => allRows(db, statement);
    const answer = await whileBusy(ask, { isBusy, timeout: busyTimeout, signal });
    if (answer.kind === 'ok') return answer.value;
    signal?.throwIfAborted();
    throw busyError(path, busyTimeout, answer.kind === 'busy' ? answer.cause : undefined);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw toQueryError(error, path);
  }
}
