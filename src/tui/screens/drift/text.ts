import { safe } from '../../../lib/safe-text.ts';
import type { Signs } from '../../../lib/signs.ts';
import type { DriftObject } from '../../../operations/reports.ts';
import { fit } from '../../present/layout.ts';
import { say, type Line } from '../../present/line.ts';
import { widthOf, wrapped } from '../../present/width.ts';
import type { Tone } from '../../theme.ts';
import { piecesOf, type Piece } from './pieces.ts';

/** An object's two texts as rows. */
export interface ObjectText {
  readonly lines: readonly Line[];
  /** The row at which each difference begins. */
  readonly places: readonly number[];
}

export interface TextForm {
  /** `unified`: as one text, with `-` and `+`. */
  readonly form: 'side-by-side' | 'unified';
  readonly width: number;
}

/** The same for the same object and width: a view of thousands of lines is laid out once. */
export function objectText(signs: Signs, object: DriftObject, { form, width }: TextForm): ObjectText {
  if (last?.object !== object || last.form !== form || last.width !== width || last.signs !== signs)
    last = { object, form, width, signs, text: laidOut(signs, object, { form, width }) };
  return last.text;
}

let last: (TextForm & { object: DriftObject; signs: Signs; text: ObjectText }) | undefined;

function laidOut(signs: Signs, object: DriftObject, { form, width }: TextForm): ObjectText {
  const lines: Line[] = [];
  const places: number[] = [];
  for (const piece of piecesOf(object)) {
    if (piece.kind === 'differs') places.push(lines.length);
    lines.push(...(form === 'unified' ? unified(piece, width) : sideBySide(signs, piece, width)));
  }
  return { lines, places };
}

function unified(piece: Piece, width: number): readonly Line[] {
  if (piece.kind === 'same') return marked(piece.lines, same, width);
  return [...marked(piece.left, removed, width), ...marked(piece.right, added, width)];
}

function sideBySide(signs: Signs, piece: Piece, width: number): readonly Line[] {
  const { left: leftWidth, right: rightWidth } = halves(width);
  const [left, right] =
    piece.kind === 'same'
      ? [marked(piece.lines, same, leftWidth), marked(piece.lines, same, rightWidth)]
      : [marked(piece.left, removed, leftWidth), marked(piece.right, added, rightWidth)];
  return Array.from({ length: Math.max(left.length, right.length) }, (_, row) => [
    ...fit(signs, { content: left[row] ?? [], width: leftWidth }),
    say(' '),
    ...(right[row] ?? []),
  ]);
}

/** Both texts get the same width, so that what is equal breaks at the same place. */
export function halves(width: number): { readonly left: number; readonly right: number } {
  const half = Math.max(1, Math.floor((width - 1) / 2));
  return { left: half, right: half };
}

interface Mark {
  readonly sign: string;
  readonly tone: Tone;
}

const same: Mark = { sign: ' ', tone: 'dim' };
const removed: Mark = { sign: '-', tone: 'removed' };
const added: Mark = { sign: '+', tone: 'added' };

function marked(lines: readonly string[], { sign, tone }: Mark, width: number): readonly Line[] {
  return lines.flatMap((line) =>
    broken(safe(line, { lines: 'one' }), width - 1).map((row, index): Line => [
      say(`${index === 0 ? sign : ' '}${row}`, tone),
    ]),
  );
}

/** A long line goes on below, further in: a cut would hide what differs. */
function broken(text: string, width: number): readonly string[] {
  if (widthOf(text) <= width) return [text];
  const indent = Math.min(/^ */.exec(text)?.[0].length ?? 0, Math.floor(width / 2));
  const further = Math.min(indent + 2, Math.floor(width / 2));
  return wrapped(text.trimStart(), width - further).map(
    (row, index) => `${' '.repeat(index === 0 ? indent : further)}${row}`,
  );
}
