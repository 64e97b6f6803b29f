import type { ForeignKey } from '../../schema/schema.ts';
import { foldName } from '../../sql/cursor.ts';

/**
 * Tables in an order in which each can be dropped: what refers to another goes before it. Of a circle, which has no such
 * order, and of tables that have nothing to do with each other the one that was made last goes first.
 */
export function childrenFirst(tables: readonly string[], keys: readonly ForeignKey[]): readonly string[] {
  const left = new Map(tables.toReversed().map((table) => [foldName(table), table]));
  const ordered: string[] = [];
  while (left.size > 0) {
    const free = [...left.keys()].find((key) => !keys.some((one) => refersTo(one, key, left)));
    const [next] = free === undefined ? left.keys() : [free];
    if (next === undefined) break;
    ordered.push(left.get(next) ?? next);
    left.delete(next);
  }
  return ordered;
}

/** From another table that is still there. */
function refersTo({ table, parent }: ForeignKey, key: string, left: ReadonlyMap<string, string>): boolean {
  return foldName(parent) === key && foldName(table) !== key && left.has(foldName(table));
}
