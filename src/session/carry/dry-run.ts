import { quantity } from '../../lib/numbers.ts';
import type { Change, Review } from '../../operations/change.ts';
import { commandFor } from '../../operations/consent/consent.ts';
import { changeCommand } from '../../operations/change-command.ts';
import { planRehearsal } from '../../operations/plan/plan.ts';
import { executePlan } from '../../runs/execute.ts';
import { reviewOf } from '../review.ts';
import { refuseLosses } from './agree.ts';
import { agreeToCopy } from './copying.ts';
import { activeOf, announce, nothingToDo, rehearsalInputs, type Carried, type Ground } from './ground.ts';
import { keepPlan } from './plan-to-keep.ts';

/** Rehearses and leaves the plan that `deploy --plan` carries out; a loss that no statement asks for is refused. */
export async function dryRun(change: Extract<Change, { kind: 'dry-run' }>, ground: Ground): Promise<Carried> {
  const { context, workspace } = ground;
  const { order } = change.selection;
  const active = activeOf(ground);
  const plan = planRehearsal(context.environment.name, rehearsalInputs(active, ground), ground.hooks);
  announce(ground, change, active, [plan]);
  if (active.length === 0) return nothingToDo(ground);
  await agreeToCopy(ground, active);
  await executePlan(plan, context);
  const review = reviewOf(context.environment, active, { root: workspace.project.root });
  const file = await keepPlan(ground, active, { review, order });
  context.events.emit({ kind: 'rehearsed', plan: file, hash: review.hash, losses: review.losses });
  refuseLosses({ ...review, command: changeCommand({ ...change, kind: 'deploy' }) });
  return {
    message: `${quantity(review.migrations.length, 'migration')} rehearsed for ${context.environment.name}; ${becameOf(review)}.`,
    next: `To apply exactly this: ${commandFor(review)} --plan ${file}`,
  };
}

function becameOf({ evidence }: Review): string {
  return evidence.some(({ rehearsal }) => rehearsal === 'in-target')
    ? 'what ran inside it was undone'
    : 'it was only read';
}
