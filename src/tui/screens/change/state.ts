import type { Acceptance, Account, BoundAccount, Choice } from '../../../operations/consent/account.ts';
import type { MigrateErrorView } from '../../client/error.ts';
import { nothingTyped, type Typed } from '../../present/typed.ts';
import type { Context, RequestOf, SourceChoice } from '../../screen.ts';
import { asConfigured, copyingWords, type Copying, type Place } from './copying.ts';

/** What is known of a change that has no rehearsal, what was typed, and where the eye is. */
export interface ChangeState {
  readonly environment: string;
  /** The words after `migrate-tui` that ask for its account: without consent they write nothing. */
  readonly words: readonly string[];
  /** Where esc leads: back to the choice, or to whatever page it was opened from. */
  readonly from: 'choice' | 'page';
  readonly told: Told;
  /** What the way back is: files, or a place in a history that the server itself keeps. */
  readonly backup: 'copy' | 'place';
  /** Why the run that was started from here did not begin; until the next key that asks. */
  readonly refused: MigrateErrorView | undefined;
  readonly reason: string | undefined;
  readonly typed: Typed;
  /** `field`: letters are text. `page`: they are keys. */
  readonly focus: 'field' | 'page';
  /** Of the choices, from 0. */
  readonly cursor: number;
  /** Of the tables of a copy. */
  readonly place: Place;
  /** What was changed here of what is copied, and what the account on the page is told with. */
  readonly copying: Copying;
  readonly toldWith: Copying;
  /** Why what was tried last on a row of the tables was taken back. */
  readonly takenBack: MigrateErrorView | undefined;
  /** The first row of the page that is drawn. */
  readonly top: number;
}

export type Told =
  | { readonly kind: 'asking'; readonly since: number }
  /** `asking`: it is being told again, and what stands there is the last known. */
  | { readonly kind: 'account'; readonly account: BoundAccount; readonly asking: boolean }
  /** Nothing is asked yet: what to copy from is chosen first. */
  | {
      readonly kind: 'sources';
      readonly sources: readonly SourceChoice[];
      readonly asks: { readonly says: string; readonly title: string };
    }
  | { readonly kind: 'nothing-to-do'; readonly message: string }
  /** It cannot be done at all as things stand. */
  | { readonly kind: 'refused'; readonly error: MigrateErrorView };

export function firstState(
  { environment, words, refused, sources, asks, from }: Omit<RequestOf<'change'>, 'screen'>,
  now: number,
): ChangeState {
  return {
    environment,
    words,
    from: from ?? 'page',
    told: sources
      ? { kind: 'sources', sources, asks: asks ?? whichSource(environment) }
      : { kind: 'asking', since: now },
    backup: 'copy',
    refused,
    reason: undefined,
    typed: nothingTyped,
    focus: 'field',
    // The last environment in the order of promotion is the one that has the data.
    cursor: asks ? 0 : Math.max(0, (sources?.length ?? 0) - 1),
    place: { table: 0, column: undefined },
    copying: asConfigured,
    toldWith: asConfigured,
    takenBack: undefined,
    top: 0,
  };
}

function whichSource(environment: string): { readonly says: string; readonly title: string } {
  return {
    says: `Replace ${environment} with the schema, records and rows of another environment, which is only read. Which one?`,
    title: 'environments',
  };
}

export function accountOf({ told }: ChangeState): BoundAccount | undefined {
  return told.kind === 'account' ? told.account : undefined;
}

/** The words that ask for the account as the page has it. */
export function askedWords({ words, copying }: ChangeState): readonly string[] {
  return [...words, ...copyingWords(copying)];
}

/** What is to be chosen before there is anything to agree to. */
export function choicesOf(state: ChangeState): readonly (Choice | SourceChoice)[] {
  const { told } = state;
  return told.kind === 'sources' ? told.sources : (accountOf(state)?.choices ?? []);
}

/** What a person answers for in words. */
export function toAnswerFor({ consent }: Account): readonly Acceptance[] {
  return consent.accept.filter(({ reason }) => reason === 'needed');
}

/** D1 at Cloudflare is taken back in its own history: no copy of it is made. */
export function backupOf(
  { environment, databases }: Account,
  { environments }: Context,
): ChangeState['backup'] {
  const targets = environments.get(environment)?.status?.targets ?? [];
  const engines = databases.map(({ database }) => targets.find((one) => one.database === database)?.engine);
  return engines.length > 0 && engines.every((engine) => engine === 'd1-remote') ? 'place' : 'copy';
}

/** The present state is kept before anything is written. */
export function takesBackup({ steps }: Account): boolean {
  return steps.some(({ step }) => step === 'backup');
}
