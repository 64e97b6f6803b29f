import { commandLine } from '../../lib/command-line.ts';
import type { Change } from '../change.ts';

/** The command line of a rollback, without flags of consent. */
export function rollbackCommand(change: Extract<Change, { kind: 'rollback' }>): string {
  const { environment, to, databases = [] } = change;
  return commandLine([
    'rollback',
    environment,
    '--to',
    to,
    ...databases.flatMap((database) => ['--database', database]),
  ]);
}
