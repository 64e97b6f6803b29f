import type { BoundAccount } from '../../../operations/consent/account.ts';
import { undecided } from './copying.ts';
import type { ChangeState } from './state.ts';

/** The words of `migrate-tui` that carry out what is on the page, and nothing else: a consent to what stands there now. */
export function confirmedArguments(
  { words, consent, environment, destroys, hash }: BoundAccount,
  { reason, copying }: Pick<ChangeState, 'reason' | 'copying'>,
): readonly string[] {
  const open = undecided({ consent }, copying);
  const accepted = consent.accept
    .filter(({ value }) => !open.includes(value))
    .flatMap(({ flag, value }) => [flag, value]);
  const why = reason === undefined ? [] : ['--reason', reason];
  const typed = destroys || consent.confirm !== 'not-needed' || reason !== undefined;
  return [
    ...words,
    '--yes',
    '--confirm',
    `${environment}@${hash}`,
    ...accepted,
    ...why,
    ...(typed ? ['--agreed', 'typed'] : []),
  ];
}
