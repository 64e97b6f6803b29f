import { unreachable } from '../../lib/unreachable.ts';
import type { Change } from '../../operations/change.ts';
import type { Environment } from '../../project/project.ts';
import { refuseUnknownTables } from './chosen-tables.ts';
import { prepare, type Prepared } from './prepare.ts';
import { prepareFromPlan } from './from-plan.ts';
import { prepareRestore } from './restore.ts';
import { prepareTargets } from './targets.ts';
import type { Workspace } from '../workspace.ts';

/**
 * Opens and reads what a change is about, and refuses what cannot be done; what it opened is disposed by the run.
 * What is asked for now and then is loaded then.
 *
 * @throws MigrateError before anything was changed
 */
export async function prepareChange(
  workspace: Workspace,
  environment: Environment,
  change: Change,
  signal: AbortSignal,
): Promise<readonly Prepared[]> {
  switch (change.kind) {
    case 'deploy':
    case 'dry-run':
    case 'apply':
      return prepare(workspace, environment, { selection: change.selection, signal, purpose: 'change' });
    case 'deploy-plan':
      return prepareFromPlan(workspace, environment, { file: change.planFile, signal, purpose: 'change' });
    case 'backup':
      return prepareBackup(workspace, environment, change, signal);
    case 'restore':
      return prepareRestore(workspace, environment, change, signal);
    case 'recover':
    case 'mark':
    case 'baseline':
    case 'tidy': {
      const databases = change.database === undefined ? undefined : [change.database];
      return prepareTargets(workspace, environment, { databases, signal });
    }
    case 'reset':
      return prepareTargets(workspace, environment, { databases: change.databases, signal });
    case 'rollback':
      return (await import('./rollback.ts')).prepareRollback(workspace, environment, change, signal);
    case 'resync':
      return (await import('./resync.ts')).prepareResync(workspace, environment, change, signal);
    case 'push':
      return (await import('../kit/prepare-push.ts')).preparePush(workspace, environment, change, signal);
    default:
      return unreachable(change);
  }
}

function prepareBackup(
  workspace: Workspace,
  environment: Environment,
  { databases, tables, archive }: Extract<Change, { kind: 'backup' }>,
  signal: AbortSignal,
): Promise<readonly Prepared[]> {
  return prepareTargets(workspace, environment, {
    databases,
    signal,
    // A backup only reads; an export would keep out the run that holds the lock.
    whenLocked: archive ? 'refuse' : 'go-on',
    check: async (prepared) => {
      if (tables !== undefined) await refuseUnknownTables(tables, prepared, undefined);
    },
  });
}
