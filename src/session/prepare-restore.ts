import { MigrateError } from '../lib/errors.ts';
import type { Environment } from '../project/project.ts';
import type { Manifest } from '../runs/backup-manifest.ts';
import { findBackup } from '../runs/backups.ts';
import { refuseWithoutKey } from '../runs/backup-keys.ts';
import { refuseDamaged } from '../runs/refuse-damaged.ts';
import { orFromArchive } from '../runs/from-archive.ts';
import { historyOf } from '../runs/rewind-to.ts';
import { refusePartial, refuseUnknownTables } from './chosen-tables.ts';
import { dispose, type Prepared } from './prepare.ts';
import { lockIn, readTarget } from './read-target.ts';
import type { Workspace } from './workspace.ts';

/** Opens the databases of a backup or a restore: no migration is chosen, and a half-finished one is no obstacle. */
export async function prepareRestore(
  workspace: Workspace,
  environment: Environment,
  {
    databases,
    tables,
    backup,
    signal,
    whenLocked,
  }: {
    readonly databases: readonly string[] | undefined;
    /** Only these: each must be there. */
    readonly tables: readonly string[] | undefined;
    /** The one to be restored. */
    readonly backup: string | undefined;
    readonly signal: AbortSignal;
    /** A backup only reads: a lock of somebody else is no obstacle to it. */
    readonly whenLocked: 'refuse' | 'go-on';
  },
): Promise<readonly Prepared[]> {
  const manifest =
    backup === undefined ? undefined : await findBackup(workspace.places.backups, backup, environment.name);
  const targets = workspace.targetsOf(environment, databases);
  if (manifest) {
    refuseWithoutCopy(
      manifest,
      targets.map(({ database }) => database.name),
    );
    await refuseUnfit(workspace, manifest, { tables, databases });
  }
  const prepared: Prepared[] = [];
  try {
    for (const target of targets) {
      const { run, snapshot, notices } = await readTarget(workspace, environment, target, {
        signal,
        purpose: 'change',
        whenLocked,
      });
      prepared.push({
        run,
        selected: [],
        waiting: [],
        findings: [],
        warnings: notices,
        foreignKeys: [],
        schema: { objects: [] },
        rows: new Map(),
        lock: lockIn(snapshot),
      });
    }
    if (manifest) refuseOtherHistory(workspace, prepared, manifest);
    if (tables !== undefined) await refuseUnknownTables(tables, prepared, manifest);
    return prepared;
  } catch (error) {
    await dispose(prepared);
    throw error;
  }
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
