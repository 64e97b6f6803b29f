import type { Migration } from '../../migrations/migration.ts';
import type { Change } from '../../operations/change.ts';
import { changeCommand } from '../../operations/change-command.ts';
import { planRehearsal } from '../../operations/plan/plan.ts';
import type { WayOut } from '../../operations/ways/way-out.ts';
import type { RunDatabase } from '../../runs/context.ts';
import { executePlan } from '../../runs/execute.ts';
import { findingsOf, readGround, type Prepared } from '../prepare/prepare.ts';
import { reviewOf } from '../review.ts';
import type { Workspace } from '../workspace.ts';
import { agreeToCopy } from './copying.ts';
import { agreeAndApply, stepsToCome } from './deploy.ts';
import { announce, rehearsalInputs, standOnBackup, type Ground } from './ground.ts';
import { keepPlan } from './plan-to-keep.ts';
import { rehearsedBefore, type RehearsedBefore } from './rehearsed-before.ts';

type RecoverChange = Extract<Change, { kind: 'recover' }>;
type RunningWay = Extract<WayOut, { kind: 'run' | 'undo' }>;

/** Those that run what is left of a migration, or take it back, by its file. */
const goesOnFromHalf: ReadonlySet<string> = new Set(['resume', 'start-over', 'back-out']);

/** A way that runs statements goes the way of every deploy: backup, dry-run on it, consent, apply, verify. */
export async function recoverByRunning(
  change: RecoverChange,
  ground: Ground,
  { prepared, way }: { readonly prepared: Prepared; readonly way: RunningWay },
): Promise<void> {
  if (goesOnFromHalf.has(change.option)) prepared.run.file = 'begun';
  const ready = await readyFor(way, prepared, ground.workspace);
  const narrowed: Ground = {
    ...ground,
    prepared: [ready],
    way: { id: change.option, command: changeCommand(change) },
  };
  const before =
    change.planFile === undefined ? undefined : await rehearsedBefore(change.planFile, narrowed, [ready]);
  if (before?.kind === 'fits') {
    announce(narrowed, change, [ready], [stepsToCome([ready], narrowed)]);
    ground.context.events.emit({ kind: 'notice', level: 'info', message: before.says });
    standOnBackup(narrowed, [ready]);
  } else {
    await rehearse(change, narrowed, ready, before);
  }
  await agreeAndApply(narrowed, [ready], change.consent);
}

async function rehearse(
  change: RecoverChange,
  ground: Ground,
  ready: Prepared,
  before: Exclude<RehearsedBefore, { kind: 'fits' }> | undefined,
): Promise<void> {
  const { context, workspace, hooks, way } = ground;
  const rehearsal = planRehearsal(change.environment, rehearsalInputs([ready], ground), hooks);
  announce(ground, change, [ready], [rehearsal, stepsToCome([ready], ground)]);
  if (before) {
    const message = `What ${change.planFile} rehearsed is rehearsed anew: ${before.why}.`;
    context.events.emit({ kind: 'notice', level: 'info', message });
  }
  await agreeToCopy(ground, [ready]);
  await executePlan(rehearsal, context);
  const review = reviewOf(context.environment, [ready], { root: workspace.project.root, way });
  const plan = await keepPlan(ground, [ready], { review, order: 'in-order' });
  const { hash, losses, findings } = review;
  context.events.emit({ kind: 'rehearsed', plan, hash, losses, findings });
}

/** The run's own entry of the database takes what the way runs, in place of what is pending. */
async function readyFor(way: RunningWay, prepared: Prepared, workspace: Workspace): Promise<Prepared> {
  const { run } = prepared;
  run.selected = [way.kind === 'undo' ? withoutVerify(way.migration) : way.migration];
  run.leaves = leavesOf(way);
  const ground = await readGround(run);
  return { ...prepared, ...ground, selected: run.selected, findings: findingsOf(workspace, run, ground) };
}

function leavesOf(way: RunningWay): RunDatabase['leaves'] {
  if (way.kind === 'run') return { kind: 'its-record' };
  return { kind: 'no-record', erases: new Map(way.entry ? [[way.migration.tag, way.entry]] : []) };
}

/** Its queries are about a database that has the migration. */
function withoutVerify(migration: Migration): Migration {
  const { verify: _verify, ...rest } = migration;
  return rest;
}
