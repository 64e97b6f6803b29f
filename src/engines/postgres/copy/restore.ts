import { MigrateError } from '../../../lib/errors.ts';
import { count } from '../../../lib/numbers.ts';
import type { Query, Statement } from '../../../sql/statement.ts';
import type { OnCopyProgress } from '../../copy-progress.ts';
import { SqlError } from '../../engine.ts';
import type { Dump, TableInDump } from './dump-reader.ts';
import { emptyingStatements, missingExtensions } from './empty.ts';
import { holdLock } from '../fence.ts';
import { applySettings, inTransaction, type TableSession, type TransactionOutcome } from './table-session.ts';
import { usualRightsStatements } from './usual-rights.ts';

export interface FillOptions {
  /** `transaction`: it is in one already. `session`: each statement is one, so that no lock adds up. */
  readonly scope: 'transaction' | 'session';
  /** Of the dump's owners and rights: those that cannot be given back are told by `onRefused`. */
  readonly rights: 'as-dumped' | 'left-out';
  /** @param why the server's words */
  readonly onRefused?: (statement: string, why: string) => void;
  readonly onProgress?: OnCopyProgress;
}

/**
 * Makes what is in a copy, in an empty database: schema, rows, the rest of the schema, and where sequences stand.
 *
 * @throws MigrateError `backup-failed` where the server refuses a part, or a table gets other rows than were copied
 */
export async function fill(session: TableSession, dump: Dump, options: FillOptions): Promise<void> {
  if (options.scope === 'session') await applySettings(session, 'SET');
  const { location } = session;
  const { settings, beforeRows, afterRows, rights } = dump.script;
  for (const sql of settings) await made(session, inScope(sql, options.scope));
  for (const sql of beforeRows) await made(session, sql);
  await fillTables(session, dump, options);
  for (const sql of afterRows) await made(session, sql);
  for (const { sequence, value, isCalled } of dump.sequences) {
    const args = [sequence, value, isCalled ? 't' : 'f'];
    await session
      .query({ sql: 'SELECT pg_catalog.setval($1::regclass, $2::int8, $3::bool)', args })
      .catch((error: unknown) => {
        throw unfit(location, `the sequence ${sequence}`, error);
      });
  }
  if (options.rights === 'left-out') return;
  await attemptEach(session, await usualRightsStatements(session.query), options);
  await attemptEach(session, rights, options);
}

async function fillTables(session: TableSession, dump: Dump, { onProgress }: FillOptions): Promise<void> {
  const total = dump.tables.reduce((sum, { from, to }) => sum + to - from, 0);
  let done = 0;
  const onPiece = (length: number) => {
    done += length;
    onProgress?.({ done, total, unit: 'bytes' });
  };
  for (const table of dump.tables) {
    const rows = await fillTable(session, table, counted(dump.rowsOf(table), onPiece));
    if (rows !== table.rows) throw miscounted(session.location, table, rows);
  }
}

async function* counted(
  pieces: AsyncIterable<Buffer>,
  onPiece: (length: number) => void,
): AsyncGenerator<Buffer> {
  for await (const piece of pieces) {
    yield piece;
    onPiece(piece.length);
  }
}

function fillTable(
  session: TableSession,
  { name, into }: TableInDump,
  pieces: AsyncIterable<Buffer>,
): Promise<number> {
  return session.copyIn(into, pieces).catch((error: unknown) => {
    throw unfit(session.location, `the rows of ${name}`, error);
  });
}

async function made(session: TableSession, sql: string): Promise<void> {
  await session.run(sql).catch((error: unknown) => {
    throw unfit(session.location, beginningOf(sql), error);
  });
}

function inScope(setting: string, scope: FillOptions['scope']): string {
  return scope === 'session' ? setting.replace(/^SET LOCAL /, 'SET ') : setting;
}

/** Inside a transaction, where a refusal would undo all of it. */
async function attemptEach(
  session: TableSession,
  statements: readonly string[],
  { onRefused }: Pick<FillOptions, 'onRefused'>,
): Promise<void> {
  for (const sql of statements) {
    await session.run('SAVEPOINT attempt');
    try {
      await session.run(sql);
    } catch (error) {
      // Only the server's own refusal is passed over.
      const why = refusalIn(error);
      if (why === undefined) throw error;
      await session.run('ROLLBACK TO SAVEPOINT attempt');
      onRefused?.(sql, why);
    }
    await session.run('RELEASE SAVEPOINT attempt');
  }
}

function refusalIn(error: unknown): string | undefined {
  if (error instanceof SqlError) return error.message;
  return error instanceof MigrateError && error.code === 'refused' ? error.message : undefined;
}

export interface ReplaceOptions extends Omit<FillOptions, 'scope'> {
  /** Raises unless the lock is held, and keeps it until the end. */
  readonly fence: readonly Statement[];
  /** Run at the end of the transaction, so that they are there in the same instant as the rest: the lease. */
  readonly prepare: readonly Statement[];
  /** Looks at what would be there before it is; what it throws undoes everything. */
  readonly check?: (query: Query) => Promise<void>;
}

/**
 * Puts a copy in the place of everything that is in a database, in one transaction: everybody else sees what was there
 * until all of the new is there, and when this process or the connection dies, it stays.
 *
 * @returns `unknown` when the answer to the commit was lost
 * @throws MigrateError `busy`, `unreachable`, `storage`, `refused`, `backup-failed`, `interrupted`: everything was undone
 */
export async function replaceContent(
  session: TableSession,
  dump: Dump,
  options: ReplaceOptions,
): Promise<TransactionOutcome<void>> {
  return inTransaction(session, 'BEGIN', async () => {
    await holdLock(session, options.fence);
    await empty(session);
    await attemptEach(session, await missingExtensions(session.query, dump.script.beforeRows), options);
    // A schema that only an extension held goes with it.
    await empty(session);
    const script = { ...dump.script, beforeRows: dump.script.beforeRows.map(ifMissing) };
    await fill(session, { ...dump, script }, { ...options, scope: 'transaction' });
    // What is put off to the commit is refused here, where it can still be told apart from a lost answer.
    await session.run('SET CONSTRAINTS ALL IMMEDIATE');
    for (const statement of options.prepare) await session.query(statement);
    await options.check?.(session.query);
  });
}

/** Drops everything that is in a database but extensions and our lock. */
export async function empty(session: TableSession): Promise<void> {
  for (const sql of await emptyingStatements(session.query)) await session.run(sql);
}

/** A schema or an extension may be there still: it holds what is not dropped. */
function ifMissing(sql: string): string {
  return sql.replace(/^CREATE (SCHEMA|EXTENSION) (?!IF NOT EXISTS )/, 'CREATE $1 IF NOT EXISTS ');
}

/** @param what a part of the copy */
function unfit(location: string, what: string, error: unknown): unknown {
  if (!(error instanceof SqlError)) return error;
  return new MigrateError(
    'backup-failed',
    `${location} does not take ${what}: ${error.message} (${error.code}).`,
    {
      cause: error,
      next: 'Restore into a server of the version that the backup was taken from, with its extensions.',
    },
  );
}

function miscounted(location: string, { name, rows }: TableInDump, found: number): MigrateError {
  return new MigrateError(
    'backup-failed',
    `${location} got ${count(found)} rows of ${name} instead of ${count(rows)}.`,
  );
}

function beginningOf(sql: string): string {
  const line = sql.trim().split('\n', 1)[0] ?? '';
  return line.length > 60 ? `${line.slice(0, 60)}…` : line;
}
