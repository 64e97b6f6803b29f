import type { Piece, Sides } from './sides.ts';

/** Whether a constraint that means the same under another name has to have the other's: something else wants its own, or names it. */
export function namesWanted({ from, to }: Sides): (old: Piece, next: Piece) => boolean {
  const changed = [...to.values()].filter((piece) => from.get(piece.key)?.unit.normal !== piece.unit.normal);
  const wanted = new Set(changed.flatMap(({ unit }) => unit.names));
  const named = new Set(
    changed.flatMap(({ unit, needs }) =>
      unit.kind === 'comment' || unit.kind === 'index-setting' ? needs : [],
    ),
  );
  return (old, next) =>
    old.unit.names.join() !== next.unit.names.join() &&
    (old.unit.names.some((name) => wanted.has(name)) || named.has(old.key));
}
