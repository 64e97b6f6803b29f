import { open, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createClient, LibsqlError, type Client, type Transaction } from '@libsql/client/sqlite3';
import { MigrateError } from '../../lib/errors.ts';
import { quoteName } from '../../sql/quote.ts';
import type { Address } from '../address.ts';
import type { OnCopyProgress } from '../copy-progress.ts';
import { toQueryError } from '../sql-errors.ts';
import { toRows } from '../values.ts';
import { flushFolder, hashFile, removeAll, type FileCopy } from './backup-file.ts';
import { contentOf, damageOf, leaseTable, type Content } from './content.ts';
import { insertInto, pagesOf } from './dump-rows.ts';
import { readDumpSource, statsOf, type Ask, type DumpSource } from './dump-source.ts';
import { fileUrl } from './file.ts';
import { connectRemote } from './remote.ts';

export interface DumpOptions {
  /** A remote one. */
  readonly address: Address;
  /** Absolute path of the copy; its folder exists. */
  readonly to: string;
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
      throw new MigrateError('interrupted', 'The backup of the remote database was stopped');
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
  const local = createClient({ url: fileUrl(part), concurrency: 1, intMode: 'bigint', timeout: 0 });
  try {
    const transaction = await remote.once(() => remote.client.transaction('read'));
    try {
      const ask: Ask = (sql, args = []) => remote.once(() => transaction.execute({ sql, args }));
      const source = await readDumpSource(ask);
      await fill(local, source, ask, options);
      await compare(source, local, remote.location);
    } finally {
      transaction.close();
    }
    return await sound(local);
  } finally {
    local.close();
    remote.close();
  }
}

async function fill(local: Client, source: DumpSource, ask: Ask, options: DumpOptions): Promise<void> {
  // A file that nobody has seen yet needs neither a journal nor the disk's word for every page.
  await local.execute('PRAGMA journal_mode = MEMORY');
  await local.execute('PRAGMA synchronous = OFF');
  await local.execute('PRAGMA foreign_keys = OFF');
  await local.execute('PRAGMA ignore_check_constraints = ON');
  await local.execute(`PRAGMA user_version = ${source.userVersion}`);
  await local.execute(`PRAGMA application_id = ${source.applicationId}`);
  const transaction = await local.transaction('write');
  try {
    for (const { sql } of source.tables) await transaction.execute(sql);
    await copyRows(transaction, source, ask, options);
    await copySequences(transaction, source);
    await addVirtualTables(transaction, source);
    await transaction.execute('COMMIT');
  } finally {
    transaction.close();
  }
  // The schema is read anew, with the virtual tables in it.
  await local.execute('PRAGMA writable_schema = RESET');
  for (const sql of source.later) await local.execute(sql);
  if (source.tables.some(({ name }) => name === leaseTable)) {
    await local.execute(`UPDATE ${leaseTable} SET run = NULL, expires_at = 0`);
  }
}

async function copyRows(
  transaction: Transaction,
  { tables }: DumpSource,
  ask: Ask,
  { onProgress, signal }: DumpOptions,
): Promise<void> {
  const total = tables.reduce((sum, { stats }) => sum + stats.rows, 0);
  let done = 0;
  for (const table of tables) {
    const sql = insertInto(table);
    let ofTable = 0;
    for await (const page of pagesOf(table, ask)) {
      signal?.throwIfAborted();
      for (const args of page) await transaction.execute({ sql, args });
      done += page.length;
      ofTable += page.length;
      const copied = { name: table.name, done: ofTable, total: table.stats.rows };
      onProgress?.({ done, total, unit: 'rows', table: copied });
    }
  }
}

async function copySequences(transaction: Transaction, { sequences }: DumpSource): Promise<void> {
  if (sequences.length === 0) return;
  await transaction.execute('DELETE FROM sqlite_sequence');
  for (const { name, seq } of sequences) {
    await transaction.execute({
      sql: 'INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)',
      args: [name, seq],
    });
  }
}

async function addVirtualTables(transaction: Transaction, { virtual }: DumpSource): Promise<void> {
  if (virtual.length === 0) return;
  await transaction.execute('PRAGMA writable_schema = ON');
  for (const { name, sql } of virtual) {
    await transaction.execute({
      sql: "INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) VALUES ('table', ?, ?, 0, ?)",
      args: [name, name, sql],
    });
  }
}

async function compare({ tables }: DumpSource, local: Client, location: string): Promise<void> {
  const ask: Ask = (sql, args = []) => local.execute({ sql, args });
  for (const { name, columns, stats } of tables) {
    if (name === leaseTable) continue;
    const copy = await statsOf(name, columns, ask);
    if (copy.rows === stats.rows && copy.bytes === stats.bytes) continue;
    throw new MigrateError(
      'backup-failed',
      `The copy of ${location} is not what was copied: table ${quoteName(name)} has ${copy.rows} rows with ${copy.bytes} bytes instead of ${stats.rows} with ${stats.bytes}`,
      { next: 'Look for texts with a NUL character in this table, which cannot be copied; else try again.' },
    );
  }
}

async function sound(local: Client): Promise<Content> {
  const query = async ({ sql }: { readonly sql: string }) => toRows(await local.execute(sql));
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
