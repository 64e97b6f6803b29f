import { moment } from '../../lib/time.ts';
import { unprovenRule } from '../../operations/rollback/left-over.ts';
import { rollbackDiffers } from '../../rules/file-rules.ts';
import { isKeyHere } from '../../runs/backups/keys.ts';
import { listBackups } from '../../runs/backups/backups.ts';
import { isAsWritten } from '../../runs/backups/refuse-damaged.ts';
import { withoutInvalid } from '../../schema/invalid-index.ts';
import { fingerprint } from '../../schema/fingerprint.ts';
import { readPlanFile, type PlanFile } from '../prepare/plan-file.ts';
import type { Prepared } from '../prepare/prepare.ts';
import { reviewOf } from '../review.ts';
import type { Ground } from './ground.ts';

/** Whether an earlier rehearsal of a way out still says what would happen. */
export type RehearsedBefore =
  /** The database has its evidence and its backup now. */
  | { readonly kind: 'fits'; readonly says: string; readonly ready: readonly Prepared[] }
  | { readonly kind: 'moved'; readonly why: string };

/**
 * Takes over what an earlier rehearsal showed, where what is run, its statements, the schemas, the records and the
 * places are what they were then; schemas and records are proven again under the lock.
 *
 * @returns with those, and the findings that only a rehearsal makes
 * @throws MigrateError `not-found` or `config` where the file is no rehearsed plan
 */
export async function rehearsedBefore(
  file: string,
  ground: Ground,
  ready: readonly Prepared[],
): Promise<RehearsedBefore> {
  const plan = await readPlanFile(file);
  const kept: { readonly run: Prepared['run']; readonly held: Kept }[] = [];
  if (plan.evidence.length !== ready.length) return moved('it was another one that was rehearsed');
  for (const { run, schema } of ready) {
    const found = await keptOf(plan, { run, schema }, ground);
    if (found.kind === 'moved') return found;
    kept.push({ run, held: found });
  }
  const { context, workspace, way } = ground;
  const asThen = ready.map((one, index) => ({
    ...one,
    findings: [...one.findings, ...ofRehearsal(plan, one)],
    run: { ...one.run, evidence: kept[index]?.held.evidence },
  }));
  const { hash } = reviewOf(context.environment, asThen, { root: workspace.project.root, way });
  if (hash !== plan.hash) return moved('what would be run is something else');
  for (const { run, held } of kept) {
    run.evidence = held.evidence;
    run.backup = held.backup;
  }
  return {
    kind: 'fits',
    says: `Run ${plan.run} rehearsed it ${moment(plan.rehearsedAt)}, and nothing moved since.`,
    ready: ready.map((one) => ({ ...one, findings: [...one.findings, ...ofRehearsal(plan, one)] })),
  };
}

interface Kept {
  readonly kind: 'kept';
  readonly evidence: NonNullable<Prepared['run']['evidence']>;
  readonly backup: Prepared['run']['backup'];
}

async function keptOf(
  plan: PlanFile,
  { run, schema }: Pick<Prepared, 'run' | 'schema'>,
  ground: Ground,
): Promise<Kept | Extract<RehearsedBefore, { kind: 'moved' }>> {
  const evidence = plan.evidence.find(({ database }) => database === run.database.name);
  if (!evidence) return moved('it was another one that was rehearsed');
  if (fingerprint(withoutInvalid(schema)) !== evidence.before.fingerprint)
    return moved('its schema changed since');
  if (run.bookkeeping.digest(run.entries) !== evidence.before.history)
    return moved('its records changed since');
  const backup = await backupOf(plan, run.database.name, ground);
  if (plan.backup !== undefined && !backup) return moved(`${plan.backup} is not kept any more`);
  if (backup && !(await isAsWritten(ground.workspace.places.backups, backup)))
    return moved(`${backup.id} is damaged`);
  if (backup?.copy.kind === 'copy' && !isKeyHere(ground.workspace.backupKeys, backup.copy))
    return moved(`the key of ${backup.id} is not here`);
  return { kind: 'kept', evidence, backup };
}

/** What was found by comparing the schema in which the rehearsal ended. */
function ofRehearsal({ findings }: PlanFile, { run }: Prepared): Prepared['findings'] {
  return findings.filter(({ rule, database }) => rehearsalRules.has(rule) && database === run.database.name);
}

const rehearsalRules: ReadonlySet<string> = new Set([rollbackDiffers.id, unprovenRule]);

function moved(why: string): Extract<RehearsedBefore, { kind: 'moved' }> {
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
