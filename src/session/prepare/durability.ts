import { isBuildMachine } from '../../lib/build-machine.ts';
import type { Environment } from '../../project/project.ts';
import type { Workspace } from '../workspace.ts';

/**
 * What a build machine would throw away with itself after a protected environment was changed from it; undefined
 * when ledger and backups outlive it, or when this is no build machine.
 */
export function wouldBeThrownAway(
  { project, options: { env } }: Pick<Workspace, 'project' | 'options'>,
  environment: Environment,
): string | undefined {
  if (!environment.protected || !isBuildMachine(env)) return undefined;
  const takesCopies =
    environment.backup === 'take' && environment.targets.some(({ address }) => address.kind !== 'd1-remote');
  const passing = [
    ...(project.ledger === undefined ? ['the record of this run (ledger)'] : []),
    ...(takesCopies && project.backups.to === undefined ? ['its backup (backups.to)'] : []),
  ];
  if (passing.length === 0) return undefined;
  return `This is a build machine: ${passing.join(' and ')} will be gone when it is. Name a place that stays, in the config.`;
}
