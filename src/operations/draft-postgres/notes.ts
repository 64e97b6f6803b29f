import { makeOf, type Move } from './moves.ts';
import type { Sides } from './sides.ts';

/** What a person should know of a statement that makes or alters a piece. */
export function notesOf({ id, key }: Move, { from, to }: Sides): readonly string[] {
  const piece = to.get(key);
  if (!piece || id !== makeOf(key)) return [];
  const { detail } = piece.unit;
  if (detail.kind === 'column' && !from.has(piece.key) && detail.wantsValue)
    return [`${detail.row.sql} may not be NULL and has no default: give the rows that are there a value.`];
  return [];
}
