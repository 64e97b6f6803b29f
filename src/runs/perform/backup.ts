import { mkdir, stat, statfs } from 'node:fs/promises';
import { MigrateError } from '../../lib/errors.ts';
import { bytes, quantity } from '../../lib/numbers.ts';
import type { Step } from '../../operations/plan/step.ts';
import { archiveDatabase } from '../backups/archive.ts';
import { backUpDatabase } from '../backups/back-up-database.ts';
import {
  filesOf,
  sizeOf,
  type BackedUpDatabase,
  type Manifest,
  type PositionedDatabase,
} from '../backups/manifest.ts';
import { draftBackup } from '../backups/backups.ts';
import { asStep, databaseOf, type RunContext, type RunDatabase } from '../context.ts';
import { fileOf } from '../backups/copies.ts';

/** Backs up every named database of the environment as one set. */
export async function performBackup(
  { databases, ...wanted }: Extract<Step, { kind: 'backup' }>,
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
    const manifest = await takeBackup(present, context, wanted);
    return { says: describeBackup(manifest), backup: manifest.id, ...keeperOf(manifest) };
  });
}

/**
 * Takes a set and makes it the run's newest backup. With `tables` it is a partial one.
 */
export async function takeBackup(
  databases: readonly RunDatabase[],
  context: RunContext,
  { tables, archive }: Pick<Extract<Step, { kind: 'backup' }>, 'tables' | 'archive'> = {},
): Promise<Manifest> {
  const draft = await draftBackup(context.places.backups);
  try {
    const copies: BackedUpDatabase[] = [];
    for (const database of databases) {
      const backedUp = await backUpDatabase(database, draft, context, tables);
      const exported = archive && (await archiveDatabase(database, draft, context));
      copies.push({ ...backedUp, ...(exported && { archive: exported }) });
    }
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

/** For events: whether all of it is kept in a server's own history. */
export function keeperOf({ databases }: Manifest): { readonly keptBy?: 'server' } {
  return databases.every(({ kind }) => kind === 'position') ? { keptBy: 'server' } : {};
}

/** `b41, 412 MiB, 13 tables, 1,204,118 rows, checksum read back` */
export function describeBackup(manifest: Manifest): string {
  const { id, databases, partial } = manifest;
  const tables = databases.flatMap((database) => database.tables);
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const held = databases.flatMap((one) => (one.kind === 'position' ? [one] : []));
  const isEncrypted = databases.flatMap(filesOf).some(({ encrypted }) => encrypted !== undefined);
  const archived = databases.filter(({ archive }) => archive !== undefined);
  return [
    id,
    ...(held.length < databases.length ? [bytes(sizeOf(manifest))] : []),
    quantity(tables.length, 'table'),
    quantity(rows, 'row'),
    ...(held.length < databases.length ? ['checksum read back'] : []),
    ...(isEncrypted ? ['encrypted'] : []),
    ...keptByServer(held),
    ...(archived.length === 0
      ? []
      : [`archived in ${bytes(sizeOf({ databases: archived }))}, loaded and counted`]),
    ...(partial === undefined ? [] : [`partial: only ${partial.join(', ')}`]),
  ].join(', ');
}

/** Of several the places are in the list of backups: here they would say the same of each, and fill lines. */
function keptByServer(held: readonly PositionedDatabase[]): readonly string[] {
  const [first] = held;
  if (first === undefined) return [];
  const kept = `kept by the server for ${first.retention}`;
  return [held.length === 1 ? `${kept}, at ${first.position}` : kept];
}

/** The copy and the rehearsal's copy of it must both fit; of a remote database the size is not known beforehand. */
async function refuseWithoutSpace(
  databases: readonly RunDatabase[],
  { places, environment, backupKeys }: RunContext,
): Promise<void> {
  const sizes = await Promise.all(databases.map(({ target }) => sizeOnDisk(target.address)));
  const size = sizes.reduce((sum, one) => sum + one, 0);
  const free = await freeIn(places.backups);
  // What is encrypted is made and rehearsed beside the backups, maybe on another disk.
  const beside = backupKeys.length === 0 ? Infinity : await freeIn(places.scratch);
  if (beside < 2 * size) throw noRoomBeside(size, beside, places.scratch);
  if (free >= 2 * size) return;
  throw new MigrateError(
    'storage',
    `The backup of ${environment.name} needs ${bytes(size)} and its rehearsal as much again; ${places.backups} has ${bytes(free)} free. Nothing was changed.`,
    { next: 'Make room there, or name another disk with backups.to in the config.' },
  );
}

async function freeIn(folder: string): Promise<number> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

function noRoomBeside(size: number, free: number, scratch: string): MigrateError {
  return new MigrateError(
    'storage',
    `A backup is made before it is encrypted, and its rehearsal on a copy of it: that needs ${bytes(2 * size)} in ${scratch}, which has ${bytes(free)} free. Nothing was changed.`,
    { next: 'Make room there, or name another disk with XDG_STATE_HOME.' },
  );
}

async function sizeOnDisk(address: RunDatabase['target']['address']): Promise<number> {
  const file = fileOf(address);
  return file === undefined ? 0 : (await stat(file)).size;
}
