import { quantity } from '../../lib/numbers.ts';
import { foldName } from '../../sql/cursor.ts';
import type { BackedUpDatabase } from './manifest.ts';
import type { RunDatabase } from '../context.ts';
import { countRows } from '../measure/measure.ts';
import { readHistory } from '../snapshot.ts';

/**
 * What came into a database since a backup of it was taken and would be gone after a restore, one sentence each.
 * Counts only: a value that was changed in place is not seen.
 *
 * @param only these tables are restored
 */
export async function lostSince(
  { engine, bookkeeping, database }: RunDatabase,
  { tables, tags }: Pick<BackedUpDatabase, 'tables' | 'tags'>,
  only: readonly string[] | undefined,
): Promise<readonly string[]> {
  if (!engine) return [];
  const wanted = only && new Set(only.map(foldName));
  const [counted, { entries }] = await Promise.all([
    countRows(engine.query, { leaveOut: [database.table] }),
    readHistory(engine, bookkeeping),
  ]);
  const now = counted.filter(({ table }) => wanted === undefined || wanted.has(foldName(table)));
  const then = new Map(tables.map(({ table, rows }) => [foldName(table), rows]));
  const more = now.flatMap(({ table, rows }) => {
    const added = rows - (then.get(foldName(table)) ?? 0);
    return added > 0 ? [`${table} +${quantity(added, 'row')}`] : [];
  });
  const recorded = entries.length - tags.length;
  return [
    ...(more.length === 0 ? [] : [`${database.name} has more rows now, which go: ${more.join(', ')}.`]),
    ...(recorded <= 0 || only !== undefined
      ? []
      : [`${quantity(recorded, 'migration')} of ${database.name} recorded since will be pending again.`]),
  ];
}
