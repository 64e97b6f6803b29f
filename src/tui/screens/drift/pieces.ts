import type { DriftObject } from '../../../operations/reports.ts';

/** A stretch of an object's text that is equal on both sides, or that differs: line by line, as both have it. */
export type Piece =
  | { readonly kind: 'same'; readonly lines: readonly string[] }
  | { readonly kind: 'differs'; readonly left: readonly string[]; readonly right: readonly string[] };

/** The two texts of an object taken apart; the same for the same object. */
export function piecesOf(object: DriftObject): readonly Piece[] {
  const known = taken.get(object);
  if (known) return known;
  const pieces = object.lines ? fromLines(object.lines) : whole(object);
  taken.set(object, pieces);
  return pieces;
}

const taken = new WeakMap<DriftObject, readonly Piece[]>();

/** How many places of an object differ; one that only one side has is one difference. */
export function differencesIn(object: DriftObject): number {
  return piecesOf(object).filter(({ kind }) => kind === 'differs').length;
}

function fromLines(lines: readonly string[]): readonly Piece[] {
  const pieces: Piece[] = [];
  let open: { readonly left: string[]; readonly right: string[] } | undefined;
  let same: string[] | undefined;
  for (const line of lines) {
    const text = line.slice(1);
    if (line.startsWith(' ')) {
      open = undefined;
      if (!same) pieces.push({ kind: 'same', lines: (same = []) });
      same.push(text);
      continue;
    }
    same = undefined;
    if (!open) pieces.push({ kind: 'differs', ...(open = { left: [], right: [] }) });
    (line.startsWith('-') ? open.left : open.right).push(text);
  }
  return pieces;
}

/** Too long to be compared line by line: both stand there as they are. */
function whole({ left, right }: DriftObject): readonly Piece[] {
  const lines = (text: string | undefined) => (text === undefined ? [] : text.split('\n'));
  return [{ kind: 'differs', left: lines(left), right: lines(right) }];
}
