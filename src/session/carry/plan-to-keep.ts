import type { Review } from '../../operations/change.ts';
import { writePlanFile, type PlanFile } from '../prepare/plan-file.ts';
import type { Prepared } from '../prepare/prepare.ts';
import { shownAddress } from '../target/shown-address.ts';
import type { Ground } from './ground.ts';

/** Writes down what was rehearsed, for whoever carries it out later. @returns the file's path */
export async function keepPlan(
  { context, workspace }: Ground,
  active: readonly Prepared[],
  { review, order }: { readonly review: Review; readonly order: PlanFile['order'] },
): Promise<string> {
  const file = await writePlanFile(workspace.places.plans, {
    schemaVersion: 1,
    kind: 'plan-file',
    version: context.who.version,
    environment: context.environment.name,
    rehearsedAt: new Date().toISOString(),
    run: context.run,
    backup: context.progress.backup,
    databases: active.map(({ run, selected }) => ({
      database: run.database.name,
      location: shownAddress(run.target.address, workspace.project.root),
      migrations: selected.map(({ tag, hash }) => ({ tag, hash })),
    })),
    order,
    evidence: review.evidence,
    findings: review.findings,
    hash: review.hash,
  });
  await context.ledger.note(context.run, { plan: file, planHash: review.hash });
  return file;
}
