import type { Bookkeeping } from '../../bookkeeping/bookkeeping.ts';
import { unreachable } from '../../lib/unreachable.ts';

type Kind = Bookkeeping['kind'];

/**
 * Why skipped migrations are not run, as half a sentence that begins with whose place it is: `its` or `their`. Only
 * Drizzle 0.x and numbered files have skipped ones; the others tell by name, and run what is late.
 */
export function whyPassedBy(kind: Kind, whose: 'its' | 'their'): string {
  return isByNumber(kind)
    ? `${whose} number lies below the highest applied one`
    : `${whose} journal time lies below the newest applied one`;
}

/** What becomes of a skipped migration when nobody does anything. */
export function neverRuns(kind: Kind): string {
  return isByNumber(kind) ? 'would never run in order' : 'would silently never run';
}

/** Whether a place in the order of the numbers decides. */
export function isByNumber(kind: Kind): boolean {
  switch (kind) {
    case 'numbered':
      return true;
    case 'drizzle-0':
    case 'drizzle-1':
    case 'd1':
      return false;
    default:
      return unreachable(kind);
  }
}
