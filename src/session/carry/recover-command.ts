import { commandLine } from '../../lib/command-line.ts';
import type { Change } from '../../operations/change.ts';

type Recovering = Pick<Extract<Change, { kind: 'recover' }>, 'environment' | 'option' | 'database' | 'only'>;

/** The command line that takes a way out, without flags of consent. */
export function recoverCommand(change: Recovering): string {
  return commandLine(recoverWords(change));
}

/** The same as the words after `migrate-tui`. */
export function recoverWords({ environment, option, database, only }: Recovering): readonly string[] {
  return [
    'recover',
    environment,
    '--choose',
    option,
    ...(database === undefined ? [] : ['--database', database]),
    ...(only === undefined ? [] : ['--only', only]),
  ];
}
