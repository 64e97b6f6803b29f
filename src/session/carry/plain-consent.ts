import { commandLine } from '../../lib/command-line.ts';
import { MigrateError } from '../../lib/errors.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { Acceptance, Account, BoundAccount, NeededConsent } from '../../operations/consent/account.ts';
import type { Consent } from '../../operations/change.ts';
import type { Environment } from '../../project/project.ts';
import { sameName } from '../../sql/cursor.ts';
import { boundAccount } from './bound-account.ts';
import type { Ground } from './ground.ts';

/**
 * For a change that has no rehearsal to look at: `--yes`, and whatever else its account asks for. What is not agreed to
 * is told as an event, so that a person who can agree sees all of it. A consent that names a hash is to what was told
 * under it, and to nothing else.
 *
 * @throws MigrateError `not-confirmed` with what would be done and the command that does it; `target-changed`
 */
export async function refuseUnagreed(ground: Ground, consent: Consent, account: Account): Promise<void> {
  const open = account.consent.accept.filter((one) => !isAccepted(consent, one));
  const agreed = open.length === 0 && consent.yes === 'given' && isNamed(consent, account);
  const given = consent.confirm?.hash;
  if (agreed && given === undefined) return;
  const bound = await boundAccount(ground, account);
  const isStale = given !== undefined && given !== bound.hash;
  if (agreed && !isStale) return;
  ground.context.events.emit({ kind: 'review', ...bound });
  if (isStale) throw changedSince(given, bound);
  throw open.length > 0 ? unaccepted(open, account) : unconfirmed(account);
}

/** A protected environment is named by whoever writes to it. */
export function confirmFor({ protected: isProtected }: Environment): NeededConsent['confirm'] {
  return isProtected ? 'protected' : 'not-needed';
}

function isNamed({ confirm }: Consent, { consent, environment }: Account): boolean {
  return consent.confirm === 'not-needed' || confirm?.environment === environment;
}

function isAccepted({ accept, unmasked = [] }: Consent, { flag, value }: Acceptance): boolean {
  switch (flag) {
    case '--accept':
      return accept.some(({ rule, tag }) => `${rule}:${tag}` === value);
    case '--accept-unmasked':
      return unmasked.some((column) => sameName(column, value));
    default:
      return unreachable(flag);
  }
}

function unaccepted(open: readonly Acceptance[], account: Account): MigrateError {
  const says = [...new Set(open.map((one) => one.says))].join(' ');
  const reason = open.some((one) => one.reason === 'needed') ? " --reason '…'" : '';
  const flags = [...consentWords(account), ...open.flatMap(({ flag, value }) => [flag, value])];
  return new MigrateError(
    'not-confirmed',
    `${says} It needs to be answered for by name. Nothing was changed.`,
    {
      next: `Look at the database first, then run: ${commandLine([...account.words, ...flags])}${reason}`,
    },
  );
}

function unconfirmed(account: Account): MigrateError {
  const command = commandLine([...account.words, ...consentWords(account)]);
  return new MigrateError(
    'not-confirmed',
    `${account.says.join(' ')} Nobody agreed to that yet, and nothing was changed.`,
    { next: `A backup of the present state is taken first. Run: ${command}` },
  );
}

function changedSince(given: string, account: BoundAccount): MigrateError {
  const { environment, hash } = account;
  const command = commandLine([...account.words, ...consentWords(account)]);
  return new MigrateError(
    'target-changed',
    `${environment} changed since this was agreed to: the confirmation names ${given}, and what would be done now is ${hash}. Nothing was changed.`,
    { next: `Read what would be done now, then run: ${command}` },
  );
}

function consentWords({ consent, environment }: Account): readonly string[] {
  return consent.confirm === 'not-needed' ? ['--yes'] : ['--yes', '--confirm', environment];
}
