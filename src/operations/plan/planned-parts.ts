import { count } from '../../lib/numbers.ts';
import type { Migration } from '../../migrations/migration.ts';
import { partsToRun } from '../../sql/postgres/stepwise.ts';
import type { PlannedPart } from '../reports.ts';

/** What of a migration is committed together, for people and programs. */
export function plannedParts({ statements }: Pick<Migration, 'statements'>): readonly PlannedPart[] {
  return partsToRun(statements).map((part) => ({
    first: part.first,
    last: part.last,
    ...(part.kind === 'alone' && { alone: part.named }),
  }));
}

/** `in 3 steps, statement 2 by itself: what fails leaves those before it`. */
export function sayParts(parts: readonly PlannedPart[]): string {
  const alone = parts.flatMap(({ first, alone: named }) => (named === undefined ? [] : [first]));
  const steps = parts.length === 1 ? 'in one step' : `in ${count(parts.length)} steps`;
  const itself = alone.length === 1 ? 'by itself' : 'each by itself';
  const who =
    alone.length === 0 ? '' : `, statement${alone.length === 1 ? '' : 's'} ${alone.join(', ')} ${itself}`;
  return `${steps}${who}: a failure leaves it half-finished`;
}
