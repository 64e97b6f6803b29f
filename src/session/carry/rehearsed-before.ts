import { moment } from '../../lib/time.ts';
import { listBackups } from '../../runs/backups.ts';
import { isAsWritten } from '../../runs/refuse-damaged.ts';
import { withoutInvalid } from '../../schema/invalid-index.ts';
import { fingerprint } from '../../schema/fingerprint.ts';
import { readPlanFile, type PlanFile } from '../plan-file.ts';
import type { Prepared } from '../prepare.ts';
import { reviewOf } from '../review.ts';
import type { Ground } from './ground.ts';

/** Whether an earlier rehearsal of a way out still says what would happen. */
export type RehearsedBefore =
  /** The database has its evidence and its backup now. */
  { readonly kind: 'fits'; readonly says: string } | { readonly kind: 'moved'; readonly why: string };

/**
 * Takes over what an earlier rehearsal showed, where the way, its statements, the schema, the records and the place
 * are what they were then; schema and records are proven again under the lock.
 *
 * @throws MigrateError `not-found` or `config` where the file is no rehearsed plan
 */
export async function rehearsedBefore(
  file: string,
  ground: Ground,
  { run, ...ready }: Prepared,
): Promise<RehearsedBefore> {
  const plan = await readPlanFile(file);
  const evidence = plan.evidence.find(({ database }) => database === run.database.name);
  if (!evidence || plan.evidence.length > 1) return moved('it was another one that was rehearsed');
  if (fingerprint(withoutInvalid(ready.schema)) !== evidence.before.fingerprint)
    return moved('its schema changed since');
  if (run.bookkeeping.digest(run.entries) !== evidence.before.history)
    return moved('its records changed since');
  const backup = await backupOf(plan, run.database.name, ground);
  if (plan.backup !== undefined && !backup) return moved(`${plan.backup} is not kept any more`);
  if (backup && !(await isAsWritten(ground.workspace.places.backups, backup)))
    return moved(`${backup.id} is damaged`);
  const { context, workspace, way } = ground;
  const asThen = { run: { ...run, evidence }, ...ready };
  const { hash } = reviewOf(context.environment, [asThen], { root: workspace.project.root, way });
  if (hash !== plan.hash) return moved('what would be run is something else');
  run.evidence = evidence;
  run.backup = backup;
  return {
    kind: 'fits',
    says: `Run ${plan.run} rehearsed it ${moment(plan.rehearsedAt)}, and nothing moved since.`,
  };
}

function moved(why: string): RehearsedBefore {
  return { kind: 'moved', why };
}

async function backupOf(
  { backup, environment }: PlanFile,
  database: string,
  { workspace }: Ground,
): Promise<Prepared['run']['backup']> {
  const all = await listBackups(workspace.places.backups);
  const manifest = all.find((one) => one.id === backup && one.environment === environment);
  const copy = manifest?.databases.find((one) => one.database === database);
  return manifest && copy && { id: manifest.id, copy };
}
