import { open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createClient, LibsqlError, type Client, type Transaction } from '@libsql/client/sqlite3';
import { rename } from '../../lib/patient-fs.ts';
import { MigrateError, runAgain } from '../../lib/errors.ts';
import { quoteName } from '../../sql/quote.ts';
import { asking } from '../../sql/statement.ts';
import type { Address } from '../address.ts';
import type { OnCopyProgress } from '../copy-progress.ts';
import { rowMasker } from '../masked-value.ts';
import { refuseUnmasked, unfit, type Masking } from '../masks.ts';
import { refuseOtherShape } from '../shape-of.ts';
import { sortByRules, type Sorted } from '../sort-by-rules.ts';
import { toQueryError } from '../sql-errors.ts';
import { toRows } from '../values.ts';
import { flushFolder, hashFile, removeAll, type FileCopy } from './backup-file.ts';
import { contentOf, damageOf, leaseTable, type Content } from './content.ts';
import { insertInto, namesIn, pagesOf } from './dump-rows.ts';
import {
  asTable,
  readDumpSource,
  statsOf,
  type Ask,
  type DumpSource,
  type DumpTable,
  type VirtualTable,
} from './dump-source.ts';
import { fileUrl } from './file.ts';
import { connectRemote } from './remote.ts';

export interface DumpOptions {
  /** A remote one. */
  readonly address: Address;
  /** Absolute path of the copy; its folder exists. */
  readonly to: string;
  /** What is not copied as it is: it is written nowhere. */
  readonly masking?: Masking | undefined;
  /** What the rules were made for (see `shapeOf`). */
  readonly shape?: string;
  /** Milliseconds; 10,000 unless said. */
  readonly connectTimeout?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: OnCopyProgress;
}

/**
 * Copies a remote database into a local libSQL file, row by row, within one read transaction: tables with exact
 * values and rowids, indexes, views, triggers, counters of AUTOINCREMENT, full-text tables with their own tables.
 * The file appears under its name only when every table has the rows and bytes that the server counted.
 *
 * Throws `MigrateError`: `unreachable`, `storage`, `backup-failed`, `interrupted`.
 */
export async function dumpRemote(options: DumpOptions): Promise<FileCopy> {
  const { to, signal } = options;
  const part = `${to}.${process.pid}.part`;
  try {
    const content = await dumpInto(part, options);
    await flush(part);
    const sha256 = await hashFile(part);
    const { size } = await stat(part);
    await rename(part, to);
    await flushFolder(dirname(to));
    return { bytes: size, sha256, tables: content.tables, schema: content.schema };
  } catch (error) {
    if (signal?.aborted)
      throw new MigrateError('interrupted', 'The backup of the remote database was stopped.', {
        next: runAgain,
      });
    throw error instanceof LibsqlError ? toQueryError(error, part) : error;
  } finally {
    await removeAll(part);
  }
}

async function dumpInto(part: string, options: DumpOptions): Promise<Content> {
  const { address, connectTimeout = 10_000, signal } = options;
  if (address.kind !== 'libsql-remote') throw new Error(`A ${address.kind} is not dumped but copied.`);
  const { url, authToken } = address;
  const remote = await connectRemote({ url, authToken, connectTimeout, ...(signal ? { signal } : {}) });
  try {
    const transaction = await remote.once(() => remote.client.transaction('read'));
    try {
      const ask: Ask = (sql, args = []) => remote.once(() => transaction.execute({ sql, args }));
      return await dumpThrough(ask, remote.location, part, options);
    } finally {
      transaction.close();
    }
  } finally {
    remote.close();
  }
}

/**
 * Writes a new file from what one read transaction answers.
 *
 * @param location of the source, for people
 */
export async function dumpThrough(
  ask: Ask,
  location: string,
  to: string,
  options: DumpOutline,
): Promise<Content> {
  const local = createClient({ url: fileUrl(to), concurrency: 1, intMode: 'bigint', timeout: 0 });
  try {
    const source = await readDumpSource(ask);
    refuseOtherShape(source.shape, options.shape, location);
    const sorted = await sortByRules(source, options.masking?.rules, (table) => asTable(table, ask));
    await fill(local, { ...source, ...sorted }, ask, options);
    await compare(sorted, local, location);
    if (options.masking) {
      const query = asking('sqlite', async ({ sql }) => toRows(await local.execute(sql)));
      await refuseUnmasked(query, options.masking.rules);
    }
    return await sound(local);
  } finally {
    local.close();
  }
}

/** What is copied, and who is told. */
export type DumpOutline = Pick<DumpOptions, 'masking' | 'shape' | 'signal' | 'onProgress'> & {
  /** Of the new file, in bytes; SQLite's own unless said. */
  readonly pageSize?: number;
};

type DumpParts = DumpSource & Sorted<DumpTable, VirtualTable>;

async function fill(local: Client, source: DumpParts, ask: Ask, options: DumpOutline): Promise<void> {
  if (options.pageSize !== undefined) await local.execute(`PRAGMA page_size = ${options.pageSize}`);
  // A file that nobody has seen yet needs neither a journal nor the disk's word for every page.
  await local.execute('PRAGMA journal_mode = MEMORY');
  await local.execute('PRAGMA synchronous = OFF');
  await local.execute('PRAGMA foreign_keys = OFF');
  await local.execute('PRAGMA ignore_check_constraints = ON');
  await local.execute(`PRAGMA user_version = ${source.userVersion}`);
  await local.execute(`PRAGMA application_id = ${source.applicationId}`);
  const transaction = await local.transaction('write');
  try {
    for (const { sql } of [...source.tables, ...source.remade]) await transaction.execute(sql);
    await copyRows(transaction, source, ask, options);
    await copySequences(transaction, source);
    await addVirtualTables(transaction, source);
    await transaction.execute('COMMIT');
  } finally {
    transaction.close();
  }
  // The schema is read anew, with the virtual tables in it.
  await local.execute('PRAGMA writable_schema = RESET');
  for (const { name, table, sql } of source.later) {
    await fitting(name, source.isMasked(table), () => local.execute(sql));
  }
  for (const name of source.rebuilt.map(quoteName)) {
    await local.execute(`INSERT INTO ${name} (${name}) VALUES ('rebuild')`);
  }
  if (source.tables.some(({ name }) => name === leaseTable)) {
    await local.execute(`UPDATE ${leaseTable} SET run = NULL, expires_at = 0`);
  }
}

async function copyRows(
  transaction: Transaction,
  { filled, isMasked }: DumpParts,
  ask: Ask,
  { masking, onProgress, signal }: DumpOutline,
): Promise<void> {
  const total = filled.reduce((sum, { stats }) => sum + stats.rows, 0);
  let done = 0;
  for (const table of filled) {
    const sql = insertInto(table);
    const mask = rowMasker(table.name, namesIn(table), masking);
    // Rows may be older than a check and be kept; a mask must not make such a row.
    await transaction.execute(`PRAGMA ignore_check_constraints = ${mask ? 'OFF' : 'ON'}`);
    let ofTable = 0;
    for await (const page of pagesOf(table, ask)) {
      signal?.throwIfAborted();
      await fitting(table.name, isMasked(table.name), async () => {
        for (const args of page) await transaction.execute({ sql, args: mask?.(args) ?? args });
      });
      done += page.length;
      ofTable += page.length;
      const copied = { name: table.name, done: ofTable, total: table.stats.rows };
      onProgress?.({ done, total, unit: 'rows', table: copied });
    }
  }
}

/** What a masked table refuses, in the words of the engine: they name columns and checks, and no value. */
async function fitting(object: string, isMasked: boolean, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw isMasked && error instanceof LibsqlError && error.code.startsWith('SQLITE_CONSTRAINT')
      ? unfit(object, error)
      : error;
  }
}

async function copySequences(transaction: Transaction, { sequences }: DumpParts): Promise<void> {
  if (sequences.length === 0) return;
  await transaction.execute('DELETE FROM sqlite_sequence');
  for (const { name, seq } of sequences) {
    await transaction.execute({
      sql: 'INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)',
      args: [name, seq],
    });
  }
}

async function addVirtualTables(transaction: Transaction, { virtual }: DumpParts): Promise<void> {
  if (virtual.length === 0) return;
  await transaction.execute('PRAGMA writable_schema = ON');
  for (const { name, sql } of virtual) {
    await transaction.execute({
      sql: "INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) VALUES ('table', ?, ?, 0, ?)",
      args: [name, name, sql],
    });
  }
}

/** Bytes only where the values are those of the source; behind a virtual table that is made anew the rows are others. */
async function compare(
  { filled, isMasked, remade }: Sorted<DumpTable, VirtualTable>,
  local: Client,
  location: string,
): Promise<void> {
  const ask: Ask = (sql, args = []) => local.execute({ sql, args });
  for (const { name, columns, stats } of filled) {
    if (name === leaseTable) continue;
    const asItIs = !isMasked(name) && !remade.some((table) => table.name === name);
    const copy = await statsOf(name, columns, ask);
    if (copy.rows === stats.rows && (!asItIs || copy.bytes === stats.bytes)) continue;
    throw new MigrateError(
      'backup-failed',
      `The copy of ${location} is not what was copied: table ${quoteName(name)} has ${copy.rows} rows with ${copy.bytes} bytes instead of ${stats.rows} with ${stats.bytes}`,
      { next: 'Look for texts with a NUL character in this table, which cannot be copied; else try again.' },
    );
  }
}

async function sound(local: Client): Promise<Content> {
  const query = asking('sqlite', async ({ sql }) => toRows(await local.execute(sql)));
  const damage = await damageOf(query);
  if (damage === undefined) return contentOf(query);
  throw new MigrateError('backup-failed', `The copy is damaged after it was written: ${damage}`, {
    next: 'Check the disk, and try again.',
  });
}

async function flush(path: string): Promise<void> {
  await using file = await open(path, 'r+');
  await file.sync();
}
