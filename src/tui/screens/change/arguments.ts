import type { Account } from '../../../operations/account.ts';
import { undecided } from './copying.ts';
import type { ChangeState } from './state.ts';

/** The words of `migrate-tui` that carry out what is on the page, and nothing else. */
export function confirmedArguments(
  { words, consent, environment, destroys }: Account,
  { reason, copying }: Pick<ChangeState, 'reason' | 'copying'>,
): readonly string[] {
  const named = consent.confirm === 'not-needed' ? [] : ['--confirm', environment];
  const open = undecided({ consent }, copying);
  const accepted = consent.accept
    .filter(({ value }) => !open.includes(value))
    .flatMap(({ flag, value }) => [flag, value]);
  const why = reason === undefined ? [] : ['--reason', reason];
  const typed = destroys || named.length > 0 || reason !== undefined;
  return [...words, '--yes', ...named, ...accepted, ...why, ...(typed ? ['--agreed', 'typed'] : [])];
}
