import { some } from '../../../migrations/some.ts';
import { dropOf, makeOf, type Drafting, type Move } from './moves.ts';
import type { Piece, Sides } from './sides.ts';
import { keep } from './state.ts';

/** What a person should know of a statement, besides what becomes of its piece. */
export function notesOf({ id, key }: Move, drafting: Drafting): readonly string[] {
  const { from, to } = drafting.sides;
  const [old, next] = [from.get(key)?.unit.detail, to.get(key)?.unit.detail];
  if (to.get(key)?.unit.kind === 'attachment' && id === makeOf(key))
    return besideDefault(key, drafting.sides);
  if (next?.kind === 'function' && id === makeOf(key)) return computedBefore(key, drafting);
  if (next?.kind !== 'column') return [];
  if (id === makeOf(key) && !old && next.wantsValue)
    return [`${next.row.sql} may not be NULL and has no default: give the rows that are there a value.`];
  const isComputed = old?.kind === 'column' && old.row.generated !== '';
  return id === dropOf(key) && isComputed ? [`${next.row.sql} is computed, and is made anew below.`] : [];
}

/** The part that takes what no other one does may hold rows that belong into this one. */
function besideDefault(key: string, { from, to }: Sides): readonly string[] {
  const [, whole = ''] = to.get(key)?.needs ?? [];
  const rest = [...from.values()].find(
    (piece) =>
      piece.unit.kind === 'attachment' && piece.needs[1] === whole && piece.unit.normal === ' DEFAULT',
  );
  if (!rest || rest.key === key) return [];
  const [held = ''] = rest.needs;
  return [`A row of ${held.replace(/^table /, '')} that belongs into this part stops this: move it before.`];
}

/** PostgreSQL takes it that a function which is used in an index or a stored column gives the same for ever. */
function computedBefore(key: string, { sides, states }: Drafting): readonly string[] {
  if (states.get(key)?.kind !== 'alter') return [];
  const kept = (sides.standingOn.get(key) ?? []).filter(
    (piece) => holdsResults(piece) && (states.get(piece.key) ?? keep).kind === 'keep',
  );
  if (kept.length === 0) return [];
  const named = some(kept.map((piece) => piece.key.replace(/^materialized-/, 'materialized ')));
  return [
    `What the function gave until now stays in ${named}: UPDATE, REINDEX or REFRESH computes it anew where the results are others.`,
  ];
}

function holdsResults({ unit: { kind, detail } }: Piece): boolean {
  if (kind === 'index' || kind === 'materialized-view') return true;
  if (detail.kind === 'column') return detail.row.generated === 's';
  return detail.kind === 'constraint' && detail.row.kind === 'x';
}
