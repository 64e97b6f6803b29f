import type { Engine, UnitOutcome } from '../../engines/engine.ts';
import { settle } from '../../engines/settle.ts';
import type { MigrateError } from '../../lib/errors.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { Statement } from '../../sql/statement.ts';

/** What became of a unit, read back where its answer was lost; `open`: the server cannot be asked. */
export type SettledUnit =
  Exclude<UnitOutcome, { kind: 'unknown' }> | { readonly kind: 'open'; readonly error: MigrateError };

/**
 * @param landed a query with a row only when the unit was committed
 * @param behind the write that queues up behind it; see `settle`
 */
export async function settledUnit(
  engine: Engine,
  outcome: UnitOutcome,
  landed: Statement,
  behind?: readonly Statement[],
): Promise<SettledUnit> {
  if (outcome.kind !== 'unknown') return outcome;
  const { error } = outcome;
  const answer = await settle(engine, landed, behind);
  switch (answer) {
    case 'committed':
      return { kind: 'committed', took: [] };
    case 'undone':
      return { kind: 'busy', error };
    case 'open':
      return { kind: 'open', error };
    default:
      return unreachable(answer);
  }
}
