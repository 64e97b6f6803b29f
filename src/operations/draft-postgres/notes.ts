import { dropOf, makeOf, type Move } from './moves.ts';
import type { Sides } from './sides.ts';

/** What a person should know of a statement, besides what becomes of its piece. */
export function notesOf({ id, key }: Move, { from, to }: Sides): readonly string[] {
  const [old, next] = [from.get(key)?.unit.detail, to.get(key)?.unit.detail];
  if (next?.kind !== 'column') return [];
  if (id === makeOf(key) && !old && next.wantsValue)
    return [`${next.row.sql} may not be NULL and has no default: give the rows that are there a value.`];
  const isComputed = old?.kind === 'column' && old.row.generated !== '';
  return id === dropOf(key) && isComputed ? [`${next.row.sql} is computed, and is made anew below.`] : [];
}
