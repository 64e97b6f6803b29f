import { unreachable } from '../lib/unreachable.ts';
import type { UnitOutcome } from './engine.ts';

/** A short code for the command log of how a unit ended that was not committed. */
export function outcomeCode(outcome: Exclude<UnitOutcome, { kind: 'committed' }>): string {
  switch (outcome.kind) {
    case 'failed':
      return outcome.error.code;
    case 'guarded':
      return `guard ${outcome.guard}`;
    case 'busy':
    case 'unknown':
    case 'stopped':
      return outcome.kind;
    default:
      return unreachable(outcome);
  }
}
