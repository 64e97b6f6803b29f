import { dirname } from 'node:path';
import { rename, rm } from '../../../lib/patient-fs.ts';
import { MigrateError, runAgain } from '../../../lib/errors.ts';
import type { Query } from '../../../sql/statement.ts';
import type { OnCopyProgress } from '../../copy-progress.ts';
import { SqlError } from '../../engine.ts';
import { flushFolder } from '../../libsql/backup-file.ts';
import type { DumpScript } from './dump-file.ts';
import { createDump, type DumpWriter } from './dump-writer.ts';
import { readSequences, readSourceTables, type SourceTable } from './dumped-tables.ts';
import { toTableError } from './table-errors.ts';
import { inTransaction, type TableSession } from './table-session.ts';

export interface DumpOptions<T> {
  /** Absolute path of the copy; its folder exists. */
  readonly to: string;
  /** Reads, in the copy's own moment, the statements that make the schema, and what else is to be known of it. */
  readonly describe: (query: Query) => Promise<{ readonly script: DumpScript; readonly told: T }>;
  /** Whose rows are copied, by the name that people call the table; all when absent. */
  readonly withRows?: (table: string) => boolean;
  /**
   * What becomes of the rows of a table, each in COPY's text format; undefined: they are copied as they are. What it
   * gives need only be valid until the next.
   */
  readonly changeRows?: (table: SourceTable) => ((row: Buffer) => Buffer) | undefined;
  readonly onProgress?: OnCopyProgress;
}

export interface DumpCopy<T> {
  readonly bytes: number;
  /** Of the file, hex. */
  readonly sha256: string;
  readonly tables: readonly { readonly table: string; readonly rows: number }[];
  readonly told: T;
}

/**
 * Copies a PostgreSQL database of one moment into a file, while others go on writing to it; who changes a table's
 * definition waits. The file appears under its name only when all of it is on the disk.
 *
 * @throws MigrateError `unreachable`, `busy`, `storage`, `refused`, `backup-failed`, `interrupted`
 */
export async function dumpDatabase<T>(session: TableSession, options: DumpOptions<T>): Promise<DumpCopy<T>> {
  const { to } = options;
  const part = `${to}.${process.pid}.part`;
  try {
    const copied = await inOneMoment(session, async (tables) => {
      await using file = await createDump(part);
      return await write(session, { file, tables }, options);
    });
    await rename(part, to);
    await flushFolder(dirname(to));
    return copied;
  } catch (error) {
    throw asBackupError(toTableError(error, session.location), session.location);
  } finally {
    await rm(part, { force: true });
  }
}

/**
 * Holds the tables still before the moment is chosen, so that what catalogues say and what rows are fit together: a
 * snapshot is taken by the first statement that reads, which LOCK TABLE is not.
 */
async function inOneMoment<T>(
  session: TableSession,
  work: (tables: readonly SourceTable[]) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const expected = await readSourceTables(session.query);
    const outcome = await inTransaction(session, begin, async () => {
      await holdThoseLeft(session, expected);
      const tables = await readSourceTables(session.query);
      const late = without(tables, expected);
      if (late.length > 0 && attempt < 3) return 'changed' as const;
      // Where tables come and go all the time, there is always a late one.
      if ((await holdThoseLeft(session, late)) === 'some-gone') return 'changed' as const;
      if ((await namesOf(session.query, late)) === 'others') return 'changed' as const;
      return { done: await work(tables) };
    });
    if (outcome.kind === 'unknown') throw outcome.error;
    if (outcome.value !== 'changed') return outcome.value.done;
    if (attempt === mostAttempts) throw neverStill(session.location);
  }
}

/** On a starved server two of three fail where tables come and go many times a second; each takes milliseconds. */
const mostAttempts = 50;
const begin = 'BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY';

/** Holds the tables that are still there; one that was dropped since it was listed must not let go of the others. */
async function holdThoseLeft(
  session: TableSession,
  tables: readonly SourceTable[],
): Promise<'all-held' | 'some-gone'> {
  let held: 'all-held' | 'some-gone' = 'all-held';
  for (let at = 0; at < tables.length; at += 500) {
    if ((await holdOrHalve(session, tables.slice(at, at + 500))) === 'some-gone') held = 'some-gone';
  }
  return held;
}

async function holdOrHalve(
  session: TableSession,
  tables: readonly SourceTable[],
): Promise<'all-held' | 'some-gone'> {
  await session.run('SAVEPOINT held');
  try {
    await session.run(`LOCK TABLE ${tables.map(({ quoted }) => quoted).join(', ')} IN ACCESS SHARE MODE`);
    return 'all-held';
  } catch (error) {
    // 42P01: no such table.
    if (!(error instanceof SqlError && error.code === '42P01')) throw error;
  }
  await session.run('ROLLBACK TO SAVEPOINT held');
  const half = Math.ceil(tables.length / 2);
  if (half < tables.length) {
    await holdOrHalve(session, tables.slice(0, half));
    await holdOrHalve(session, tables.slice(half));
  }
  return 'some-gone';
}

/**
 * Whether the names are still those of the tables in the snapshot. A name that became another table's since would give
 * the rows of that one, of which the snapshot sees none; `to_regclass` looks a name up as it is now.
 */
async function namesOf(query: Query, tables: readonly SourceTable[]): Promise<'the-same' | 'others'> {
  for (const { quoted, oid } of tables) {
    const [row] = await query({ sql: 'SELECT to_regclass($1)::oid::int8 AS oid', args: [quoted] });
    if (Number(row?.['oid']) !== oid) return 'others';
  }
  return 'the-same';
}

function without(found: readonly SourceTable[], held: readonly SourceTable[]): readonly SourceTable[] {
  const known = new Set(held.map(({ oid }) => oid));
  return found.filter(({ oid }) => !known.has(oid));
}

async function write<T>(
  session: TableSession,
  { file, tables }: { readonly file: DumpWriter; readonly tables: readonly SourceTable[] },
  options: DumpOptions<T>,
): Promise<DumpCopy<T>> {
  const { query } = session;
  const { script, told } = await options.describe(query);
  await file.put({ kind: 'header', header: await headerOf(query) });
  await file.put({ kind: 'script', script });
  await file.put({ kind: 'sequences', sequences: await readSequences(query) });
  const copied = tables.filter(({ name }) => options.withRows?.(name) ?? true);
  const counted: { table: string; rows: number }[] = [];
  let done = 0;
  for (const table of copied) {
    const rows = await writeRows(session, { file, table }, { ...options, done });
    done += rows;
    counted.push({ table: table.name, rows });
  }
  return { ...(await file.finish()), tables: counted, told };
}

async function headerOf(query: Query) {
  const [row] = await query({
    sql: `SELECT current_setting('server_version_num')::int AS server, current_setting('server_encoding') AS encoding`,
  });
  return { format: 1, server: Number(row?.['server']), encoding: String(row?.['encoding']) } as const;
}

async function writeRows<T>(
  session: TableSession,
  { file, table }: { readonly file: DumpWriter; readonly table: SourceTable },
  { changeRows, onProgress, done }: DumpOptions<T> & { readonly done: number },
): Promise<number> {
  const change = changeRows?.(table);
  let seen = 0;
  await file.put({ kind: 'table', table: { name: table.name, into: table.into } });
  const rows = await session.copyOut(table, (row) => {
    seen += 1;
    if (seen % 10_000 === 0) onProgress?.({ done: done + seen, total: undefined, unit: 'rows' });
    return file.take(change ? change(row) : row);
  });
  await file.put({ kind: 'counted', rows });
  onProgress?.({ done: done + rows, total: undefined, unit: 'rows' });
  return rows;
}

function neverStill(location: string): MigrateError {
  return new MigrateError('busy', `${location} got other tables each time that a copy was begun.`, {
    next: runAgain,
  });
}

function asBackupError(error: Error, location: string): Error {
  if (!(error instanceof SqlError)) return error;
  return new MigrateError(
    'backup-failed',
    `${location} cannot be copied: ${error.message} (${error.code}).`,
    {
      cause: error,
    },
  );
}
