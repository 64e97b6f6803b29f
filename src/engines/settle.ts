import type { Statement } from '../sql/statement.ts';
import type { Engine, UnitOutcome, UnitStatement } from './engine.ts';
import { pause } from './waiting.ts';

/**
 * What became of a write whose answer was lost. A write of our own queues up behind it on the server, so once that is
 * through, the lost one is over, and what it leaves behind says which way it went.
 *
 * @param landed a query with a row only when the lost write was committed
 * @param behind the write that queues up: one that changes nothing by default
 * @returns `open` when the server still cannot be asked
 */
export async function settle(
  engine: Pick<Engine, 'query' | 'unit'>,
  landed: Statement,
  behind: readonly Statement[] = [{ sql: 'SELECT 1' }],
): Promise<'committed' | 'undone' | 'open'> {
  try {
    const statements: readonly UnitStatement[] = behind.map((one) => ({ ...one, role: 'guard' }));
    const queued = await whenFree(() => engine.unit({ foreignKeys: 'on', statements }));
    if (queued.kind !== 'committed') return 'open';
    return (await engine.query(landed)).length > 0 ? 'committed' : 'undone';
  } catch {
    return 'open';
  }
}

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
