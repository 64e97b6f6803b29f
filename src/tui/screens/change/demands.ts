import { unreachable } from '../../../lib/unreachable.ts';
import { undecided } from './copying.ts';
import { accountOf, choicesOf, toAnswerFor, type ChangeState } from './state.ts';

/** The one thing that stands between this page and the change; in the order in which they are asked. */
export type Demand =
  | { readonly kind: 'reason' }
  | { readonly kind: 'name'; readonly expected: string }
  | { readonly kind: 'key' };

/** Undefined while nothing can be confirmed: `whyNot` says why. */
export function demandOf(state: ChangeState): Demand | undefined {
  const account = accountOf(state);
  if (!account || whyNot(state) !== undefined) return undefined;
  if (toAnswerFor(account).length > 0 && state.reason === undefined) return { kind: 'reason' };
  return account.destroys || account.consent.confirm !== 'not-needed'
    ? { kind: 'name', expected: account.environment }
    : { kind: 'key' };
}

/** Why nothing can be confirmed now, short, with the key that leads on. */
export function whyNot(state: ChangeState): string | undefined {
  const { told } = state;
  switch (told.kind) {
    case 'asking':
      return 'it is being asked';
    case 'sources':
      return 'choose first';
    case 'nothing-to-do':
      return 'nothing to do';
    case 'refused':
      return 'refused, r asks again';
    case 'account':
      if (told.asking) return 'it is being asked again';
      if (state.refused) return 'refused, r asks again';
      if (choicesOf(state).length > 0) return 'choose first';
      return undecided(told.account, state.copying).length > 0
        ? 'space decides about what has no rule'
        : undefined;
    default:
      return unreachable(told);
  }
}
