import { MigrateError } from '../../lib/errors.ts';
import type { Change } from '../../operations/change.ts';
import type { Environment } from '../../project/project.ts';
import type { Manifest } from '../../runs/backups/manifest.ts';
import { findBackup } from '../../runs/backups/backups.ts';
import { refuseWithoutKey } from '../../runs/backups/keys.ts';
import { refuseDamaged } from '../../runs/backups/refuse-damaged.ts';
import { orFromArchive } from '../../runs/backups/from-archive.ts';
import { historyOf } from '../../runs/backups/rewind-to.ts';
import { refusePartial, refuseUnknownTables } from './chosen-tables.ts';
import type { Prepared } from './prepare.ts';
import { prepareTargets } from './targets.ts';
import type { Workspace } from '../workspace.ts';

/** Opens the databases that a backup, or some tables of it, is to be put back into. */
export async function prepareRestore(
  workspace: Workspace,
  environment: Environment,
  change: Extract<Change, { kind: 'restore' }>,
  signal: AbortSignal,
): Promise<readonly Prepared[]> {
  const { tables } = change;
  const databases = await restoredDatabases(workspace, environment, change);
  const manifest = await findBackup(workspace.places.backups, change.backup, environment.name);
  const wanted = workspace.targetsOf(environment, databases).map(({ database }) => database.name);
  refuseWithoutCopy(manifest, wanted);
  await refuseUnfit(workspace, manifest, { tables, databases });
  return prepareTargets(workspace, environment, {
    databases,
    signal,
    check: async (prepared) => {
      refuseOtherHistory(workspace, prepared, manifest);
      if (tables !== undefined) await refuseUnknownTables(tables, prepared, manifest);
    },
  });
}

/** Where an environment has several, a backup says by itself which one it is of when it holds one. */
async function restoredDatabases(
  { places }: Workspace,
  { name, targets }: Environment,
  { backup, database }: Extract<Change, { kind: 'restore' }>,
): Promise<readonly string[] | undefined> {
  if (database !== undefined) return [database];
  if (targets.length < 2) return undefined;
  const { databases } = await findBackup(places.backups, backup, name);
  const held = databases.map((one) => one.database);
  if (held.length < 2) return held;
  throw new MigrateError(
    'usage',
    `${backup} of ${name} holds ${held.length} databases; a restore names one. Nothing was changed.`,
    { next: `migrate-tui restore ${name} ${backup} --database ${held.join(' or --database ')}` },
  );
}

/**
 * For a whole backup that is to be put back into databases that are open already.
 *
 * @throws MigrateError where it is partial, damaged, or a place in another database's history
 */
export async function refuseUnrestorable(
  workspace: Workspace,
  prepared: readonly Prepared[],
  manifest: Manifest,
): Promise<void> {
  const databases = prepared.map(({ run }) => run.database.name);
  refuseWithoutCopy(manifest, databases);
  await refuseUnfit(workspace, manifest, { tables: undefined, databases });
  refuseOtherHistory(workspace, prepared, manifest);
}

/** A set holds the databases that its run was over, and of these not one that was not there yet. */
function refuseWithoutCopy({ id, environment, databases }: Manifest, wanted: readonly string[]): void {
  const held = databases.map(({ database }) => database);
  const missing = wanted.filter((database) => !held.includes(database));
  if (missing.length === 0) return;
  throw new MigrateError(
    'not-found',
    `${id} of ${environment} has no copy of ${missing.join(', ')}; it is of ${held.join(', ')}. Nothing was changed.`,
    { next: `migrate-tui backups ${environment} says which one has.` },
  );
}

async function refuseUnfit(
  { places, backupKeys }: Workspace,
  manifest: Manifest,
  {
    tables,
    databases,
  }: { readonly tables: readonly string[] | undefined; readonly databases: readonly string[] | undefined },
): Promise<void> {
  if (tables === undefined) refusePartial(manifest);
  refuseWithoutKey(backupKeys, {
    id: manifest.id,
    databases: manifest.databases.filter(({ database }) => databases?.includes(database) ?? true),
  });
  await refuseDamaged(places.backups, manifest, databases);
}

/** A copy can be put anywhere; a place in a server's history means something in that database alone. */
function refuseOtherHistory(
  { places: { backups } }: Workspace,
  prepared: readonly Prepared[],
  { id, environment, databases }: Manifest,
): void {
  for (const { run } of prepared) {
    const held = databases.find(({ database }) => database === run.database.name);
    if (!run.engine || held?.kind !== 'position') continue;
    try {
      historyOf(run.engine, held);
    } catch (error) {
      throw orFromArchive(error, held, { backups, id, environment });
    }
  }
}
