import type { Acceptance, Account, Choice } from '../../../operations/account.ts';
import type { MigrateErrorView } from '../../client/error.ts';
import { nothingTyped, type Typed } from '../../present/typed.ts';
import type { RequestOf } from '../../screen.ts';

/** What is known of a change that has no rehearsal, what was typed, and where the eye is. */
export interface ChangeState {
  readonly environment: string;
  /** The words after `migrate-tui` that ask for its account: without consent they write nothing. */
  readonly words: readonly string[];
  readonly told: Told;
  /** Why the run that was started from here did not begin; until the next key that asks. */
  readonly refused: MigrateErrorView | undefined;
  readonly reason: string | undefined;
  readonly typed: Typed;
  /** `field`: letters are text. `page`: they are keys. */
  readonly focus: 'field' | 'page';
  /** Of the choices, from 0. */
  readonly cursor: number;
  /** The first row of the page that is drawn. */
  readonly top: number;
}

export type Told =
  | { readonly kind: 'asking'; readonly since: number }
  /** `asking`: it is being told again, and what stands there is the last known. */
  | { readonly kind: 'account'; readonly account: Account; readonly asking: boolean }
  | { readonly kind: 'nothing-to-do'; readonly message: string }
  /** It cannot be done at all as things stand. */
  | { readonly kind: 'refused'; readonly error: MigrateErrorView };

export function firstState(
  { environment, words, refused }: Omit<RequestOf<'change'>, 'screen'>,
  now: number,
): ChangeState {
  return {
    environment,
    words,
    told: { kind: 'asking', since: now },
    refused,
    reason: undefined,
    typed: nothingTyped,
    focus: 'field',
    cursor: 0,
    top: 0,
  };
}

export function accountOf({ told }: ChangeState): Account | undefined {
  return told.kind === 'account' ? told.account : undefined;
}

export function choicesOf(state: ChangeState): readonly Choice[] {
  return accountOf(state)?.choices ?? [];
}

/** What a person answers for in words. */
export function toAnswerFor({ consent }: Account): readonly Acceptance[] {
  return consent.accept.filter(({ reason }) => reason === 'needed');
}

/** The present state is kept before anything is written. */
export function takesBackup({ steps }: Account): boolean {
  return steps.some(({ step }) => step === 'backup');
}
