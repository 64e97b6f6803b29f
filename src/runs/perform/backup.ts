import { mkdir, stat, statfs } from 'node:fs/promises';
import { basename } from 'node:path';
import { backupFile } from '../../engines/libsql/backup-file.ts';
import { dumpRemote } from '../../engines/libsql/dump.ts';
import { openEngine } from '../../engines/open.ts';
import { MigrateError } from '../../lib/errors.ts';
import { bytes, quantity } from '../../lib/numbers.ts';
import type { Step } from '../../operations/plan.ts';
import { fingerprint } from '../../schema/fingerprint.ts';
import { readSchema } from '../../schema/read.ts';
import { foldName } from '../../sql/cursor.ts';
import { draftBackup, type BackedUpDatabase, type BackupDraft, type Manifest } from '../backups.ts';
import { asStep, databaseOf, type RunContext, type RunDatabase } from '../context.ts';
import { readEntries } from '../snapshot.ts';
import { stampOf } from '../stamp.ts';
import { keepTables } from './keep-tables.ts';

/** Backs up every named database of the environment as one set. */
export async function performBackup(
  { databases, tables }: Extract<Step, { kind: 'backup' }>,
  context: RunContext,
): Promise<void> {
  const step = { step: 'backup' as const, database: databases.join(', ') };
  const stopping = 'ctrl-c leaves the target as it is and throws the unfinished copy away';
  await asStep(context, { ...step, stopping }, async () => {
    const present = databases
      .map((name) => databaseOf(context, name))
      .filter(({ engine }) => engine !== undefined);
    if (present.length === 0) return { says: 'nothing to back up: the database does not exist yet' };
    if (context.environment.backup === 'external') {
      return { says: 'taken elsewhere, as the config says; nothing here proves that it restores' };
    }
    await refuseWithoutSpace(present, context);
    const manifest = await takeBackup(present, context, tables);
    return { says: describeBackup(manifest), backup: manifest.id };
  });
}

/**
 * Takes a set and makes it the run's newest backup.
 *
 * @param tables only these, which makes it a partial one
 */
export async function takeBackup(
  databases: readonly RunDatabase[],
  context: RunContext,
  tables?: readonly string[],
): Promise<Manifest> {
  const draft = await draftBackup(context.places.backups);
  try {
    const copies: BackedUpDatabase[] = [];
    for (const database of databases) copies.push(await copyDatabase(database, draft, context, tables));
    const manifest = await draft.complete({
      environment: context.environment.name,
      takenAt: new Date().toISOString(),
      run: context.run,
      version: context.who.version,
      databases: copies,
      ...(tables === undefined ? {} : { partial: tables }),
    });
    context.progress.backup = manifest.id;
    for (const [index, database] of databases.entries()) {
      const copy = copies[index];
      if (copy) database.backup = { id: manifest.id, copy };
    }
    await context.ledger.note(context.run, { backup: manifest.id });
    return manifest;
  } catch (error) {
    await draft.abandon();
    throw error;
  }
}

/** `b41, 412 MiB, 13 tables, 1,204,118 rows, checksum read back` */
export function describeBackup({ id, databases, partial }: Manifest): string {
  const tables = databases.flatMap((database) => database.tables);
  const size = databases.reduce((sum, database) => sum + database.bytes, 0);
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  return `${id}, ${bytes(size)}, ${quantity(tables.length, 'table')}, ${quantity(rows, 'row')}, checksum read back${partial === undefined ? '' : `, partial: only ${partial.join(', ')}`}`;
}

/** The copy and the rehearsal's copy of it must both fit; of a remote database the size is not known beforehand. */
async function refuseWithoutSpace(
  databases: readonly RunDatabase[],
  { places, environment }: RunContext,
): Promise<void> {
  const sizes = await Promise.all(databases.map(({ target }) => sizeOf(target.address)));
  const size = sizes.reduce((sum, one) => sum + one, 0);
  await mkdir(places.backups, { recursive: true, mode: 0o700 });
  const { bavail, bsize } = await statfs(places.backups);
  const free = bavail * bsize;
  if (free >= 2 * size) return;
  throw new MigrateError(
    'storage',
    `The backup of ${environment.name} needs ${bytes(size)} and its rehearsal as much again; ${places.backups} has ${bytes(free)} free. Nothing was changed.`,
    { next: 'Make room there, or name another disk with backups.to in the config.' },
  );
}

async function sizeOf(address: RunDatabase['target']['address']): Promise<number> {
  return address.kind === 'libsql-file' ? (await stat(address.path)).size : 0;
}

async function copyDatabase(
  of: RunDatabase,
  draft: BackupDraft,
  context: RunContext,
  only: readonly string[] | undefined,
): Promise<BackedUpDatabase> {
  if (!of.engine) throw new Error(`${of.database.name} has no engine to back up.`);
  const file = draft.pathOf(of.database.name);
  const stamp = await stampOf(of.target.address, of.engine.query);
  const copied = await copyTo(file, of, context, 'backup');
  const kept = only && (await keepTables(file, { tables: only, bookkeeping: of.database.table }));
  const seen = await lookInto(file, of);
  return {
    database: of.database.name,
    file: basename(file),
    location: of.engine.location,
    engine: of.engine.name,
    ...seen,
    tables: copied.tables.filter(among(only)),
    bytes: kept?.bytes ?? copied.bytes,
    sha256: kept?.sha256 ?? copied.sha256,
    stamp,
  };
}

function among(only: readonly string[] | undefined): (copied: { readonly table: string }) => boolean {
  const wanted = only && new Set(only.map(foldName));
  return ({ table }) => wanted === undefined || wanted.has(foldName(table));
}

/** What the copy itself says: it, not the live database, is what will be rehearsed and restored. */
async function lookInto(
  file: string,
  { database, bookkeeping }: RunDatabase,
): Promise<Pick<BackedUpDatabase, 'tags' | 'history' | 'fingerprint'>> {
  const opened = await openEngine(
    { kind: 'libsql-file', path: file },
    { purpose: 'question', ifMissing: 'refuse' },
  );
  if (opened.kind !== 'open')
    throw new MigrateError('backup-failed', `The copy of ${database.name} is gone.`);
  await using reader = opened.engine;
  const shaped = bookkeeping.withShape(await reader.query(bookkeeping.shape));
  const entries = await readEntries(reader, shaped);
  return {
    tags: entries.map(({ name, hash }) => name ?? hash.slice(0, 8)),
    history: shaped.digest(entries),
    fingerprint: fingerprint(await readSchema(reader.query, { bookkeeping: [database.table] })),
  };
}

/** Copies a target consistently into a file, while others go on writing to it. */
export async function copyTo(
  file: string,
  { target, engine, database }: RunDatabase,
  context: RunContext,
  step: 'backup' | 'dry-run',
) {
  const { address } = target;
  const { signal } = context;
  if (address.kind === 'libsql-file') return backupFile({ from: address.path, to: file, signal });
  if (!engine) throw new Error(`${database.name} has no engine to dump.`);
  return dumpRemote({
    address,
    to: file,
    signal,
    onProgress: (done, total, unit) =>
      context.events.emit({
        kind: 'progress',
        step,
        database: database.name,
        done,
        unit,
        what: 'copying',
        ...(total === undefined ? {} : { total }),
      }),
  });
}
