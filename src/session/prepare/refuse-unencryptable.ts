import { unreachable } from '../../lib/unreachable.ts';
import type { Change } from '../../operations/change.ts';
import type { Environment } from '../../project/project.ts';
import { keyForNew } from '../../runs/backups/keys.ts';
import type { Workspace } from '../workspace.ts';

/**
 * Refuses a change whose backup the configuration wants encrypted, where that cannot be done: before anything begins.
 *
 * @throws MigrateError `config`
 */
export function refuseUnencryptable(
  { backupKeys }: Pick<Workspace, 'backupKeys'>,
  environment: Environment,
  change: Change,
): void {
  if (writesCopies(environment, change)) keyForNew(backupKeys);
}

/** What a server keeps in a history of its own lies nowhere else, unless it is written out as well. */
function writesCopies({ backup, targets }: Environment, change: Change): boolean {
  if (change.kind === 'backup' && change.archive) return true;
  if (targets.every(({ address }) => address.kind === 'd1-remote')) return false;
  switch (change.kind) {
    case 'apply':
      return false;
    case 'deploy':
    case 'deploy-plan':
      return backup === 'take' && !change.consent.without.includes('backup');
    case 'backup':
    case 'dry-run':
    case 'restore':
    case 'rollback':
    case 'recover':
    case 'reset':
    case 'push':
    case 'resync':
    case 'mark':
    case 'baseline':
    case 'tidy':
      return backup === 'take';
    default:
      return unreachable(change);
  }
}
