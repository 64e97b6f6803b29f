import { chmod, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { rename, rm } from '../../../lib/patient-fs.ts';
import { MigrateError, runAgain } from '../../../lib/errors.ts';
import { bytes } from '../../../lib/numbers.ts';
import type { D1RemoteAddress } from '../../address.ts';
import { flushFolder, hashFile, removeAll } from '../../libsql/backup-file.ts';
import { contentOf, leaseTable, type TableRows } from '../../libsql/content.ts';
import { queryOf } from '../../libsql/node-sqlite.ts';
import { readDumpSource, type AskRaw, type DumpSource } from '../dump/source.ts';
import { exactInserts, inexactTables } from './inexact.ts';
import { orderExport, statementsOf } from './order.ts';
import { runExport } from './run.ts';
import { connectD1, type D1Connection } from '../remote/connection.ts';
import { positionOf } from '../remote/rewind.ts';

export interface ArchiveOptions {
  readonly address: D1RemoteAddress;
  /** Absolute path of the SQL file; its folder exists. */
  readonly to: string;
  /** Absolute path of a database file, where what was loaded to prove the archive then stays; else it is removed. */
  readonly loadedTo?: string;
  /** Called once the database is found and before anybody is kept out of it; what it throws ends it there. */
  readonly beforehand?: (found: { readonly size: number | undefined }) => Promise<void> | void;
  /** Milliseconds; 10,000 unless said. */
  readonly connectTimeout?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (says: string) => void;
}

export interface D1Archive extends ArchiveFile {
  /** Where `loadedTo` was given. */
  readonly loaded: ArchiveFile | undefined;
  readonly tables: readonly TableRows[];
  /** Milliseconds in which the database answered nobody else. */
  readonly held: number;
  /** `d1`: an import at D1 takes it, too. `sqlite`: it has virtual tables, which only SQLite's shell loads. */
  readonly loadsInto: 'd1' | 'sqlite';
  /** Tables whose rows the export had wrong, and which were read and written anew. */
  readonly corrected: readonly string[];
  /** Whether nobody wrote from the first read to the last. */
  readonly consistent: boolean;
}

interface ArchiveFile {
  readonly bytes: number;
  /** Of the file, hex. */
  readonly sha256: string;
}

/** What an export does to others, to be said before it: the server tells no more than the size. */
export function exportNotice({ size }: { readonly size: number | undefined }): string {
  const large = size === undefined ? '' : ` of ${bytes(size)}`;
  return `An export keeps everybody else out of the database until it is over: seconds for a few megabytes, minutes for a gigabyte${large === '' ? '' : `; this is one${large}`}.`;
}

/**
 * Has D1 export the database, brings the SQL into an order that loads, writes anew what the export has wrong, and
 * proves it: all of it is loaded into a scratch file, and must have the tables and rows that the database has.
 *
 * Throws `MigrateError`: `unreachable`, `not-found`, `busy`, `backup-failed`, `interrupted`.
 */
export async function exportArchive(options: ArchiveOptions): Promise<D1Archive> {
  const { address, to, loadedTo, connectTimeout = 10_000, signal } = options;
  const part = `${to}.${process.pid}.part`;
  try {
    const connection = await connectD1(address, { connectTimeout, ...(signal ? { signal } : {}) });
    await options.beforehand?.({ size: connection.database.size });
    const made = await makeArchive(connection, part, options);
    const loaded = loadedTo === undefined ? undefined : await keep(`${part}.proof`, loadedTo);
    const kept = await keep(part, to);
    await flushFolder(dirname(to));
    return { ...kept, loaded, ...made };
  } catch (error) {
    if (signal?.aborted)
      throw new MigrateError('interrupted', 'The export was stopped; the database answers again shortly.', {
        next: runAgain,
      });
    throw error;
  } finally {
    for (const suffix of ['', '.raw']) await rm(`${part}${suffix}`, { force: true });
    await removeAll(`${part}.proof`);
  }
}

async function keep(from: string, to: string): Promise<ArchiveFile> {
  const sha256 = await hashFile(from);
  const { size } = await stat(from);
  await chmod(from, 0o600);
  await rename(from, to);
  return { bytes: size, sha256 };
}

async function makeArchive(
  connection: D1Connection,
  part: string,
  { signal, onProgress }: ArchiveOptions,
): Promise<Omit<D1Archive, keyof ArchiveFile | 'loaded'>> {
  const ask: AskRaw = (questions) => connection.raw(questions);
  const before = await positionOf(connection);
  const source = await readDumpSource(ask);
  const loadsInto = source.virtual.length > 0 ? 'sqlite' : 'd1';
  const corrected = await inexactTables(source, ask);
  const begun = performance.now();
  await runExport(connection, `${part}.raw`, {
    form: loadsInto,
    ...(signal ? { signal } : {}),
    ...(onProgress ? { onProgress } : {}),
  });
  const held = performance.now() - begun;
  switch (loadsInto) {
    case 'd1': {
      // The lock of whoever holds it now is not for whoever loads this later.
      const rewritten = new Set([...corrected.map(({ name }) => name), leaseTable]);
      await orderExport({
        from: `${part}.raw`,
        to: part,
        rewritten,
        insert: () => exactInserts(corrected, ask),
      });
      break;
    }
    case 'sqlite':
      // In the shell's own form everything stands in its order, and sets its own settings.
      await rename(`${part}.raw`, part);
      break;
  }
  const consistent = before === (await positionOf(connection));
  const tables = await proven(part, source, { consistent, location: connection.location });
  const names = loadsInto === 'd1' ? corrected.map(({ name }) => name) : [];
  return { tables, held, loadsInto, corrected: names, consistent };
}

/** Loads it as a person would, and counts. */
async function proven(
  archive: string,
  source: DumpSource,
  { consistent, location }: { readonly consistent: boolean; readonly location: string },
): Promise<readonly TableRows[]> {
  const tables = await load(archive, location);
  const found = new Map(tables.map(({ table, rows }) => [table, rows]));
  const wrong = source.tables.filter(({ name, rows }) => name !== leaseTable && found.get(name) !== rows);
  if (!consistent || wrong.length === 0) return tables;
  const what = wrong.map(
    ({ name, rows }) => `table ${name} has ${found.get(name) ?? 'no'} rows instead of ${rows}`,
  );
  throw new MigrateError(
    'backup-failed',
    `The export of ${location} is not what is in it: ${what.join('; ')}`,
    {
      next: 'Try again; a copy of its rows, which needs no export, is exact.',
    },
  );
}

async function load(archive: string, location: string): Promise<readonly TableRows[]> {
  using db = new DatabaseSync(`${archive}.proof`, {
    enableForeignKeyConstraints: false,
    enableDoubleQuotedStringLiterals: true,
  });
  if ('enableDefensive' in db) db.enableDefensive(false);
  db.exec('PRAGMA journal_mode = MEMORY; PRAGMA synchronous = NORMAL');
  let statement = 0;
  try {
    for await (const sql of statementsOf(archive)) {
      statement += 1;
      if (statement === 1 && !/^(PRAGMA foreign_keys|BEGIN)/i.test(sql)) db.exec('BEGIN');
      db.exec(sql);
    }
    if (db.isTransaction) db.exec('COMMIT');
    return (await contentOf(queryOf(db))).tables;
  } catch (cause) {
    throw new MigrateError(
      'backup-failed',
      `The export of ${location} does not load: SQLite refuses statement ${statement}`,
      {
        next: 'Try again; a copy of its rows, which needs no export, can be made instead.',
        cause,
      },
    );
  }
}
