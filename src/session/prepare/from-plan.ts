import { MigrateError } from '../../lib/errors.ts';
import type { Migration } from '../../migrations/migration.ts';
import type { Environment } from '../../project/project.ts';
import type { Manifest } from '../../runs/backups/manifest.ts';
import { refuseWithoutKey } from '../../runs/backups/keys.ts';
import { listBackups } from '../../runs/backups/backups.ts';
import { isAsWritten } from '../../runs/backups/refuse-damaged.ts';
import type { Snapshot } from '../../runs/snapshot.ts';
import { refuseContradiction } from '../unfinished/contradiction.ts';
import { readPlanFile, type PlanFile } from './plan-file.ts';
import { dispose, findingsOf, readGround, type Prepared } from './prepare.ts';
import { lockIn, readTarget } from './read-target.ts';
import { refuseHalf } from './refuse-half.ts';
import { reviewOf } from '../review.ts';
import { shownAddress } from '../target/shown-address.ts';
import type { TargetDatabase, Workspace } from '../workspace.ts';

type PlannedDatabase = PlanFile['databases'][number];

/**
 * Opens what a rehearsed plan names and proves that it still is what was rehearsed: the same files in the same
 * place, still pending, under the same hash. Schema and history are proven again under the lock.
 *
 * @throws MigrateError `target-changed` when anything moved; nothing was changed
 */
export async function prepareFromPlan(
  workspace: Workspace,
  environment: Environment,
  { file, signal, purpose }: PlanOptions,
): Promise<readonly Prepared[]> {
  const plan = await readPlanFile(file);
  if (plan.environment !== environment.name) {
    throw new MigrateError(
      'refused',
      `${file} was rehearsed for ${plan.environment}, not for ${environment.name}. Nothing was changed.`,
      {
        next: `migrate-tui dry-run ${environment.name}`,
      },
    );
  }
  const manifest = await backupOf(workspace, environment, plan, purpose);
  const prepared: Prepared[] = [];
  try {
    const names = plan.databases.map(({ database }) => database);
    for (const target of workspace.targetsOf(environment, names)) {
      const planned = plan.databases.find(({ database }) => database === target.database.name);
      if (planned)
        prepared.push(
          await prepareOne(workspace, environment, target, { plan, planned, manifest, signal, purpose }),
        );
    }
    const { hash } = reviewOf(environment, prepared, { root: workspace.project.root });
    if (hash !== plan.hash) throw changed(environment, 'its files or findings are others');
    return prepared;
  } catch (error) {
    await dispose(prepared);
    throw error;
  }
}

/**
 * The set that the plan was rehearsed on. What a rollback would need must be there before the plan is carried out.
 *
 * @returns undefined where it was rehearsed without one
 */
async function backupOf(
  { places, backupKeys }: Workspace,
  environment: Environment,
  { backup: id, databases }: PlanFile,
  purpose: PlanOptions['purpose'],
): Promise<Manifest | undefined> {
  if (id === undefined) return undefined;
  const manifest = (await listBackups(places.backups)).find(
    (one) => one.id === id && one.environment === environment.name,
  );
  if (!manifest) throw changed(environment, `${id}, the backup that it was rehearsed on, is not kept here`);
  if (purpose === 'question') return manifest;
  const names = databases.map(({ database }) => database);
  const wanted = manifest.databases.filter(({ database }) => names.includes(database));
  refuseWithoutKey(backupKeys, { id, databases: wanted });
  for (const copy of wanted) {
    if (await isAsWritten(places.backups, { id, copy })) continue;
    throw changed(environment, `the copy of ${copy.database} in ${id} is damaged`);
  }
  return manifest;
}

interface PlanOptions {
  readonly file: string;
  readonly signal: AbortSignal;
  /** A question opens the targets read-only. */
  readonly purpose: 'question' | 'change';
}

interface OnePlan extends Omit<PlanOptions, 'file'> {
  readonly plan: PlanFile;
  readonly planned: PlannedDatabase;
  readonly manifest: Manifest | undefined;
}

async function prepareOne(
  workspace: Workspace,
  environment: Environment,
  target: TargetDatabase,
  { plan, planned, manifest, signal, purpose }: OnePlan,
): Promise<Prepared> {
  const { database } = target;
  if (shownAddress(target.target.address, workspace.project.root) !== planned.location) {
    throw changed(environment, `${database.name} is now at another place`);
  }
  const whenLocked = purpose === 'change' ? 'refuse' : 'go-on';
  const { run, snapshot, notices } = await readTarget(workspace, environment, target, {
    signal,
    purpose,
    whenLocked,
  });
  try {
    refuseContradiction(snapshot, environment.name);
    const selected = planned.migrations.map(({ tag, hash }) =>
      stillPending(snapshot, tag, hash, environment),
    );
    refuseHalf(snapshot, environment.name);
    const copy = manifest?.databases.find((one) => one.database === database.name);
    const rehearsed = {
      ...run,
      selected,
      evidence: plan.evidence.find((evidence) => evidence.database === database.name),
      backup: manifest && copy && { id: manifest.id, copy },
    };
    const ground = await readGround(rehearsed);
    // What was not there yet is rehearsed without a backup; nothing else is changed without one.
    const holds = ground.schema.objects.length + snapshot.entries.length;
    if (copy === undefined && holds > 0 && purpose === 'change')
      throw changed(environment, `the plan has no backup of what ${database.name} holds`);
    return {
      run: rehearsed,
      selected,
      waiting: [],
      warnings: notices,
      ...ground,
      lock: lockIn(snapshot),
      findings: findingsOf(workspace, rehearsed, ground, { policy: environment.policy }),
    };
  } catch (error) {
    await dispose([{ run }]);
    throw error;
  }
}

function stillPending({ history }: Snapshot, tag: string, hash: string, environment: Environment): Migration {
  const item = history.items.find((one) => 'migration' in one && one.migration.tag === tag);
  if (!item || !('migration' in item)) throw changed(environment, `${tag} is no longer in the folder`);
  if (item.migration.hash !== hash) throw changed(environment, `the file of ${tag} was edited`);
  if (item.kind !== 'pending' && item.kind !== 'skipped')
    throw changed(environment, `${tag} is ${item.kind} there now`);
  return item.migration;
}

function changed({ name }: Environment, what: string): MigrateError {
  return new MigrateError(
    'target-changed',
    `${name} changed since the rehearsal: ${what}. Nothing was changed.`,
    {
      next: `Rehearse again: migrate-tui dry-run ${name}`,
    },
  );
}
