import { commandLine } from '../lib/command-line.ts';
import { unreachable } from '../lib/unreachable.ts';
import type { Change, Selection } from './change.ts';

/** What applies pending migrations. */
export type Deploying = Extract<Change, { kind: 'deploy' | 'deploy-plan' | 'apply' }>;

/** The command line of it, without flags of consent: run again it takes the same migrations, and no others. */
export function deployCommand(change: Deploying): string {
  switch (change.kind) {
    case 'deploy':
    case 'apply':
      return commandLine([change.kind, change.environment, ...selectionWords(change.selection)]);
    case 'deploy-plan':
      return commandLine(['deploy', change.environment, '--plan', change.planFile]);
    default:
      return unreachable(change);
  }
}

/** The flags of a selection. */
export function selectionWords({ databases = [], to, only, order }: Selection): readonly string[] {
  return [
    ...databases.flatMap((database) => ['--database', database]),
    ...(to === undefined ? [] : ['--to', to]),
    ...(only === undefined ? [] : ['--only', only]),
    ...(order === 'out-of-order' ? ['--out-of-order'] : []),
  ];
}
