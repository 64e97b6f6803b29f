import type { ErrorCode } from '../../lib/errors.ts';
import { quantity } from '../../lib/numbers.ts';
import type { Consent, Review } from '../change.ts';
import { mayHaveRunRule } from '../history/may-have-run.ts';

/** Whether what was agreed to covers what would be done. */
export type Verdict =
  | { readonly kind: 'granted' }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly message: string; readonly next: string };

/**
 * The rules of consent (the same for flags, prompts and the screen): a loss that no statement asks for needs its
 * own acceptance everywhere; a protected environment needs its name, and the hash where anything is wrong with it.
 */
export function judgeConsent(review: Review, consent: Consent): Verdict {
  return (
    unacceptedLoss(review, consent) ??
    unacceptedError(review, consent) ??
    missingYes(review, consent) ??
    missingName(review, consent) ?? { kind: 'granted' }
  );
}

/** The command that would be accepted, to be copied. */
export function commandFor(review: Review): string {
  const words = [review.command, '--yes'];
  for (const { table, rows } of lossesByTable(review)) words.push('--accept-loss', `${table}=${rows}`);
  if (review.protected) {
    for (const { rule, tag } of errorsOf(review)) words.push('--accept', `${rule}:${tag}`);
    if (errorsOf(review).length > 0) words.push("--reason '…'");
    words.push('--confirm', needsHash(review) ? `${review.environment}@${review.hash}` : review.environment);
  }
  return words.join(' ');
}

function unacceptedLoss(review: Review, consent: Consent): Verdict | undefined {
  const open = lossesByTable(review).filter(
    (loss) => !consent.acceptLoss.some(({ table, rows }) => table === loss.table && rows >= loss.rows),
  );
  if (open.length === 0) return undefined;
  const said = open.map(({ table, says }) => `${table} ${says}`).join('; ');
  return {
    kind: 'refused',
    code: 'rows-lost',
    message: `In the dry-run ${said}, and no statement says so. ${review.environment} was not changed.`,
    next: `${askFirst(review)}Change the ${review.goes === 'back' ? 'rollback file' : 'migration'}, or accept the loss by name: ${commandFor(review)}`,
  };
}

/** What ran before, and lost its record, takes away what was written since: that is no loss to be accepted. */
function askFirst({ findings, losses }: Review): string {
  const again = findings.find(
    ({ rule, database }) => rule === mayHaveRunRule && losses.some((loss) => loss.database === database),
  );
  return again?.fix === undefined ? '' : `${again.tag} may have run here before: ${again.fix} If not: `;
}

function unacceptedError(review: Review, consent: Consent): Verdict | undefined {
  if (!review.protected) return undefined;
  const open = errorsOf(review).filter(
    ({ rule, tag }) => !consent.accept.some((accepted) => accepted.rule === rule && accepted.tag === tag),
  );
  const [first] = open;
  if (!first && (errorsOf(review).length === 0 || consent.reason !== undefined)) return undefined;
  return {
    kind: 'refused',
    code: 'protected',
    message: first
      ? `${first.tag}, statement ${first.statement}: ${first.message} ${review.environment} is protected and was not changed.`
      : `An accepted finding needs a reason. ${review.environment} was not changed.`,
    next: `${first?.fix ?? 'Say why it is right.'} To go on all the same: ${commandFor(review)}`,
  };
}

function missingYes(review: Review, consent: Consent): Verdict | undefined {
  if (consent.yes === 'given') return undefined;
  return {
    kind: 'refused',
    code: 'not-confirmed',
    message: `${quantity(review.migrations.length, 'migration')} would be ${review.goes === 'back' ? 'taken back in' : 'written to'} ${review.environment}; nobody agreed to that. Nothing was changed.`,
    next: `Run: ${commandFor(review)}`,
  };
}

function missingName(review: Review, consent: Consent): Verdict | undefined {
  const { confirm } = consent;
  if (confirm?.hash !== undefined && confirm.hash !== review.hash) {
    return refusedName(
      review,
      `The confirmation names ${confirm.hash}, but what would be done now is ${review.hash}.`,
    );
  }
  if (!review.protected) return undefined;
  if (confirm === undefined)
    return refusedName(review, `${review.environment} is protected: its name is missing.`);
  if (confirm.environment !== review.environment) {
    return refusedName(review, `The confirmation names ${confirm.environment}, not ${review.environment}.`);
  }
  if (needsHash(review) && confirm.hash === undefined) {
    return refusedName(review, `The evidence of this plan is not clean, so the name alone is not enough.`);
  }
  return undefined;
}

function refusedName(review: Review, why: string): Verdict {
  return {
    kind: 'refused',
    code: 'not-confirmed',
    message: `${why} Nothing was changed.`,
    next: `Read the evidence, then run: ${commandFor(review)}`,
  };
}

function needsHash(review: Review): boolean {
  return review.losses.length > 0 || errorsOf(review).length > 0;
}

function errorsOf(review: Review): Review['findings'] {
  return review.findings.filter(({ severity }) => severity === 'error');
}

/** One line a table: a table may lose rows and values at once, and one number accepts both. */
function lossesByTable(review: Review): readonly { table: string; rows: number; says: string }[] {
  return [...Map.groupBy(review.losses, ({ table }) => table)].map(([table, losses]) => ({
    table,
    rows: Math.max(...losses.map(({ rows }) => rows)),
    says: losses.map(wordsFor).join(' and '),
  }));
}

function wordsFor(loss: Review['losses'][number]): string {
  const rows = quantity(loss.rows, 'row');
  if (loss.kind === 'rows') return `loses ${rows}`;
  if (loss.kind === 'nulled') return `loses the values of ${loss.column} in ${rows}`;
  return `has other values of ${loss.column} in up to ${rows}`;
}
