import type { Statement } from '../sql/statement.ts';
import type { Engine, UnitStatement } from './engine.ts';

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
    const queued = await engine.unit({ foreignKeys: 'on', statements });
    if (queued.kind !== 'committed') return 'open';
    return (await engine.query(landed)).length > 0 ? 'committed' : 'undone';
  } catch {
    return 'open';
  }
}
