import { quantity } from '../../lib/numbers.ts';
import type { Change } from '../../operations/change.ts';
import { changeCommand } from '../../operations/change-command.ts';
import { planRehearsal } from '../../operations/plan/plan.ts';
import { executePlan } from '../../runs/execute.ts';
import type { Prepared } from '../prepare/prepare.ts';
import { reviewOf } from '../review.ts';
import { agreeToCopy } from './copying.ts';
import { agreeAndApply, finishLeft, stepsToCome } from './deploy.ts';
import { activeOf, announce, rehearsalInputs, standOnBackup, type Carried, type Ground } from './ground.ts';
import { placesAfterRollback, placesSaid } from './place.ts';
import { keepPlan } from './plan-to-keep.ts';
import { rehearsedBefore, type RehearsedBefore } from './rehearsed-before.ts';
import { leftOverIn } from './rollback-left-over.ts';

type RollbackChange = Extract<Change, { kind: 'rollback' }>;

/** The way of every deploy, with the rollback files: backup, dry-run on it, consent, apply, verify. */
export async function rollback(change: RollbackChange, ground: Ground): Promise<Carried> {
  const active = activeOf(ground);
  if (active.length === 0) {
    await finishLeft(change, ground);
    return { message: `Nothing to roll back: ${ground.context.environment.name} is ${placeOf(ground)}.` };
  }
  const going: Ground = {
    ...ground,
    hooks: noHooks,
    way: { id: 'rollback', command: changeCommand(change), goes: 'back' },
  };
  const rehearsed = await rehearsedAs(change, going, active);
  await agreeAndApply({ ...going, prepared: rehearsed }, rehearsed, change.consent);
  const { environment, progress } = ground.context;
  return {
    message: `${environment.name} is back ${placeOf(ground)}: ${quantity(progress.undone.length, 'migration')} taken back and verified.`,
  };
}

/** What the project does around a deploy brings code that needs what is taken back. */
const noHooks = () => undefined;

/** With the evidence, and what it says of the rollback files. */
async function rehearsedAs(
  change: RollbackChange,
  ground: Ground,
  active: readonly Prepared[],
): Promise<readonly Prepared[]> {
  const before =
    change.planFile === undefined ? undefined : await rehearsedBefore(change.planFile, ground, active);
  if (before?.kind !== 'fits') return rehearse(change, ground, active, before);
  announce(ground, change, active, [stepsToCome(active, ground)]);
  ground.context.events.emit({ kind: 'notice', level: 'info', message: before.says });
  standOnBackup(ground, active);
  return before.ready;
}

async function rehearse(
  change: RollbackChange,
  ground: Ground,
  active: readonly Prepared[],
  before: Exclude<RehearsedBefore, { kind: 'fits' }> | undefined,
): Promise<readonly Prepared[]> {
  const { context, workspace, hooks, way } = ground;
  const rehearsal = planRehearsal(change.environment, rehearsalInputs(active, ground), hooks);
  announce(ground, change, active, [rehearsal, stepsToCome(active, ground)]);
  if (before) {
    const message = `What ${change.planFile} rehearsed is rehearsed anew: ${before.why}.`;
    context.events.emit({ kind: 'notice', level: 'info', message });
  }
  await agreeToCopy(ground, active);
  await executePlan(rehearsal, context);
  const judged: Prepared[] = [];
  for (const one of active) {
    judged.push({ ...one, findings: [...one.findings, ...(await leftOverIn(one, context))] });
  }
  const review = reviewOf(context.environment, judged, { root: workspace.project.root, way });
  const plan = await keepPlan(ground, judged, { review, order: 'in-order' });
  const { hash, losses, findings } = review;
  context.events.emit({ kind: 'rehearsed', plan, hash, losses, findings });
  return judged;
}

/** `at 0012`; of several databases each. */
function placeOf({ prepared }: Ground): string {
  const places = placesAfterRollback(prepared);
  if (places.length === 1) return placesSaid(places);
  const each = places
    .toReversed()
    .map(({ database, at }) =>
      at === undefined ? `${database} without migrations` : `${database} at ${at}`,
    );
  return `with ${each.join(', ')}`;
}
