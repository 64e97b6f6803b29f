import { guardIn } from '../sql/guard.ts';
import type { Statement } from '../sql/statement.ts';
import type { Engine, UnitOutcome, UnitStatement } from './engine.ts';
import { pause } from './waiting.ts';

/**
 * What became of a write whose answer was lost. A write of our own queues up behind it on the server, so once that is
 * its turn, the lost one is over, and what it leaves behind says which way it went. That is asked by a guard of the
 * same unit: a unit is carried to its end also where the run was asked to stop, which ends every read.
 *
 * @param landed a query with a row only when the lost write was committed
 * @param behind the write that queues up: one that changes nothing by default
 * @returns `open` when the server still cannot be asked
 */
export async function settle(
  engine: Pick<Engine, 'unit' | 'query'>,
  landed: Statement,
  behind: readonly Statement[] = [],
): Promise<'committed' | 'undone' | 'open'> {
  const isThere = { ...landed, sql: guardIn(engine.query.dialect)(landedGuard, `EXISTS (${landed.sql})`) };
  const statements = [...behind, isThere].map((one): UnitStatement => ({ ...one, role: 'guard' }));
  try {
    const told = await whenFree(() => engine.unit({ foreignKeys: 'on', statements }));
    if (told.kind === 'committed') return 'committed';
    return told.kind === 'guarded' && told.guard === landedGuard ? 'undone' : 'open';
  } catch {
    return 'open';
  }
}

const landedGuard = 'landed';

/** D1 turns others away while an import runs, which may be the lost write itself: what was turned away was not begun. */
async function whenFree(send: () => Promise<UnitOutcome>): Promise<UnitOutcome> {
  const until = performance.now() + patience;
  for (let delay = 250; ; delay = Math.min(delay * 2, 5000)) {
    const outcome = await send();
    if (outcome.kind !== 'busy' || performance.now() + delay > until) return outcome;
    await pause(delay, undefined);
  }
}

/** Milliseconds. */
const patience = 60_000;
