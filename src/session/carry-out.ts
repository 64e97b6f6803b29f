import { unreachable } from '../lib/unreachable.ts';
import type { Change } from '../operations/change.ts';
import type { RunContext } from '../runs/context.ts';
import { backup, restore } from './carry/backup.ts';
import { apply, deploy, deployPlan } from './carry/deploy.ts';
import { dryRun } from './carry/dry-run.ts';
import type { Carried, Ground } from './carry/ground.ts';
import { hooksOf } from './hooks.ts';
import type { Prepared } from './prepare/prepare.ts';
import type { StartOptions } from './types.ts';
import type { Workspace } from './workspace.ts';

/**
 * Carries a change out: plans, runs, asks for consent between them. Throws where it is refused or fails.
 * What is asked for now and then is loaded then: finding ways out is more code than a deploy needs in all.
 */
export async function carryOut(
  workspace: Workspace,
  change: Change,
  prepared: readonly Prepared[],
  context: RunContext,
  options: StartOptions,
): Promise<Carried> {
  const hooks = hooksOf(workspace.project, context.environment);
  const ground: Ground = { workspace, prepared, context, options, hooks };
  switch (change.kind) {
    case 'deploy':
      return deploy(change, ground);
    case 'deploy-plan':
      return deployPlan(change, ground);
    case 'dry-run':
      return dryRun(change, ground);
    case 'apply':
      return apply(change, ground);
    case 'backup':
      return backup(change, ground);
    case 'restore':
      return restore(change, ground);
    case 'recover':
      return (await import('./carry/recover.ts')).recover(change, ground);
    case 'rollback':
      return (await import('./carry/rollback.ts')).rollback(change, ground);
    case 'reset':
      return (await import('./carry/reset.ts')).reset(change, ground);
    case 'resync':
      return (await import('./carry/resync.ts')).resync(change, ground);
    case 'push':
      return (await import('./carry/push.ts')).push(change, ground);
    case 'mark':
      return (await import('./carry/mark.ts')).mark(change, ground);
    case 'baseline':
      return (await import('./carry/baseline.ts')).baseline(change, ground);
    case 'tidy':
      return (await import('./carry/tidy.ts')).tidy(change, ground);
    default:
      return unreachable(change);
  }
}
