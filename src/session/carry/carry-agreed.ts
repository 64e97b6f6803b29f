import { hashOf } from '../../lib/hash.ts';
import type { Change, Consent } from '../../operations/change.ts';
import type { Plan } from '../../operations/plan/step.ts';
import { executePlan } from '../../runs/execute.ts';
import type { Prepared } from '../prepare/prepare.ts';
import { announce, type Ground } from './ground.ts';

interface Agreed {
  readonly prepared: readonly Prepared[];
  /** What was agreed to; without evidence there is nothing else to be bound to. */
  readonly plan: Plan;
  /** Said before anything is written. */
  readonly warnings?: readonly string[];
}

/** Carries out what was agreed to without a rehearsal, once it is recorded who did. */
export async function carryAgreed(
  ground: Ground,
  change: Extract<Change, { readonly consent: Consent }>,
  { prepared, plan, warnings = [] }: Agreed,
): Promise<void> {
  const { context } = ground;
  announce(ground, change, prepared, [plan]);
  for (const message of warnings) context.events.emit({ kind: 'notice', level: 'warning', message });
  await recordConsent(ground, change.consent, {
    how: change.consent.how ?? 'flag',
    hash: hashOf(plan).slice(0, 16),
  });
  await executePlan(plan, context);
}

/** Who agreed, what they let through and why: in the ledger before anything is written, and as an event. */
export async function recordConsent(
  { context }: Ground,
  { acceptLoss, accept, without, reason, unmasked }: Consent,
  { how, hash }: { readonly how: 'flag' | 'typed'; readonly hash: string },
): Promise<void> {
  const { by } = context.who;
  await context.ledger.note(context.run, {
    planHash: hash,
    confirmation: JSON.stringify({
      by,
      how,
      hash,
      at: new Date().toISOString(),
      acceptLoss,
      accept,
      without,
      reason,
      unmasked,
    }),
  });
  context.events.emit({ kind: 'confirmed', by, how, hash });
}
