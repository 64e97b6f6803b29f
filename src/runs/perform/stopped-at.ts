import type { UnitOutcome } from '../../engines/engine.ts';
import type { Migration } from '../../migrations/migration.ts';
import type { StoppedAt } from '../context.ts';
import type { SettledUnit } from '../unit/settled-unit.ts';

/** Where in a migration it stopped. Of a file that is run in part only, statements keep the numbers that they have there. */
export function stoppedAt(outcome: SettledUnit | UnitOutcome, { tag, statements }: Migration): StoppedAt {
  const at = outcome.kind === 'failed' ? outcome.number : undefined;
  if (at === undefined) return { tag };
  const isWhole = statements.every(({ number }) => number === undefined);
  const statement = isWhole ? at : statements[at - 1]?.number;
  return statement === undefined ? { tag } : { tag, statement };
}
