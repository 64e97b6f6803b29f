import { count } from '../../lib/numbers.ts';
import type { RecoveryCase } from '../../operations/reports.ts';
import type { ChosenWay } from '../screen.ts';
import { numberOf } from './evidence.ts';

/** What a way out does, with the verb first: `go on from statement 5`. An id that a newer version added is shown as it is. */
export function wayTitle({ found, option, takes, back }: ChosenWay): string {
  if (back) return `take back ${takenBack(back)}`;
  const tag = numberOf(found.tag);
  switch (option.id) {
    case 'start-over':
      return 'start over from a clean point';
    case 'resume':
      return found.after === undefined
        ? 'go on from where it stopped'
        : `go on from statement ${found.after + 1}`;
    case 'back-out':
      return `undo what is there of ${tag}`;
    case 'undo':
      return 'run the rollback file';
    case 'record':
      return takes === 'all-of-several' ? 'record all of them as applied' : `record ${tag} as applied`;
    case 'run-skipped':
      return `run ${tag} now`;
    default:
      return titles[option.id] ?? option.id.replaceAll('-', ' ');
  }
}

/** `0014`, or `0014 and 2 more`. */
function takenBack({ tags: [newest = '', ...others] }: NonNullable<ChosenWay['back']>): string {
  return others.length === 0 ? numberOf(newest) : `${numberOf(newest)} and ${count(others.length)} more`;
}

const titles: Readonly<Record<string, string>> = {
  'remove-record': 'remove the record',
  'remove-note': 'remove the note of it',
  restore: 'restore the newest backup',
  'take-over': 'take over the lock',
  'accept-file': 'accept the file as it is now',
  're-key': 'give the records their new names',
  reconcile: 'record what the other table has',
  'rebuild-records': 'record the new files',
  'remove-duplicates': 'remove the second records',
  'name-records': 'give the records their names',
};

/** The words of `migrate-tui` that name this way, without any consent: on their own they rehearse or say what would be done. */
export function wayArguments(
  environment: string,
  { found, option, takes, back }: ChosenWay,
): readonly string[] {
  if (back) return ['rollback', environment, '--to', back.to, '--database', found.database];
  return [
    'recover',
    environment,
    '--choose',
    option.id,
    '--database',
    found.database,
    ...(takes === 'one-of-several' ? ['--only', found.tag] : []),
  ];
}

/**
 * What is taken when this option is chosen: a way that others of the same kind offer too is taken for all of them
 * where that is one thought, as with twenty migrations that are there and have no record.
 */
export function chosenWay(
  found: RecoveryCase,
  option: RecoveryCase['options'][number],
  cases: readonly RecoveryCase[],
): ChosenWay {
  const same = cases.filter(
    (one) =>
      one.database === found.database && one.options.some(({ id, allowed }) => id === option.id && allowed),
  );
  if (same.length < 2) return { found, option, takes: 'the-only-one' };
  const alike = option.id === 'record' && same.every(({ situation }) => situation === 'unrecorded');
  return { found, option, takes: alike ? 'all-of-several' : 'one-of-several' };
}
