import { MigrateError } from '../../lib/errors.ts';
import type { Consent, Decision, Review } from '../../operations/change.ts';
import { judgeConsent } from '../../operations/consent/consent.ts';
import { boundary } from '../../runs/context.ts';
import { reviewOf } from '../review.ts';
import { recordConsent } from './carry-agreed.ts';
import { activeOf, type Ground } from './ground.ts';

/**
 * Asks where flags do not answer, and judges the answer by the same rules.
 *
 * @param command what a refusal repeats, with the flags that are missing
 */
export async function agreed(ground: Ground, given: Consent, command?: string): Promise<Consent> {
  const { context, workspace, options } = ground;
  boundary(context);
  const review = reviewOf(context.environment, activeOf(ground), {
    root: workspace.project.root,
    way: ground.way,
    command,
  });
  const decision: Decision =
    given.yes === 'given'
      ? { kind: 'confirmed', consent: given, how: given.how ?? 'flag' }
      : await options.decide(review);
  const { consent, how } =
    decision.kind === 'confirmed' ? decision : { consent: given, how: 'flag' as const };
  refuse(review, consent);
  if (how === 'flag') sayWhatIsAccepted(review, ground);
  boundary(context);
  await recordConsent(ground, consent, { how, hash: review.hash });
  return consent;
}

/** A flag was given before anybody saw the findings: they are said now, and the run goes on. */
function sayWhatIsAccepted({ findings }: Review, { context }: Ground): void {
  for (const { severity, rule, tag, statement, message } of findings) {
    if (severity !== 'error') continue;
    context.events.emit({
      kind: 'notice',
      level: 'warning',
      message: `${tag}, statement ${statement}: ${message} It is run all the same, by a flag (${rule}).`,
    });
  }
}

/** What no consent was asked for yet, but what would be refused with every consent but its own. */
export function refuseLosses(review: Review): void {
  if (review.losses.length === 0) return;
  refuse(review, {
    yes: 'given',
    confirm: { environment: review.environment, hash: review.hash },
    acceptLoss: [],
    accept: [],
    without: [],
    reason: undefined,
  });
}

/** @throws the refusal with the hash that would be accepted */
function refuse(review: Review, consent: Consent): void {
  const verdict = judgeConsent(review, consent);
  if (verdict.kind === 'granted') return;
  throw Object.assign(new MigrateError(verdict.code, verdict.message, { next: verdict.next }), {
    hash: review.hash,
  });
}
