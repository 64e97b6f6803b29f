import type { Signs } from '../../lib/signs.ts';
import { cutLine } from './layout.ts';
import { say, textOf, type Line, type Span } from './line.ts';
import { headOf, widthOf } from './width.ts';

/**
 * Where a text is broken into rows of a width: the offset at which each row begins, the first at 0. Behind a space
 * where one is near the end of the row, else inside a word.
 *
 * @param most rows at most; what is left then belongs to the last
 */
export function rowsIn(text: string, width: number, most: number): readonly number[] {
  const begins = [0];
  for (let at = 0; begins.length < most; begins.push(at)) {
    // A character takes a cell or two, or is a part of one: more than these cannot fit, and a row of an INSERT has millions.
    const ahead = text.slice(at, at + width * 4 + 1);
    if (ahead.length <= width * 4 && widthOf(ahead) <= width) break;
    const head = headOf(ahead, width) || ahead.slice(0, 1);
    const space = text[at + head.length] === ' ' ? head.length : head.lastIndexOf(' ');
    at += space > head.length * 0.6 ? space + 1 : head.length;
    if (at >= text.length) break;
  }
  return begins;
}

/** The part of a row between two offsets of its text, in its tones. */
export function partOf(line: Line, from: number, until = Infinity): Line {
  const kept: Span[] = [];
  let at = 0;
  for (const { text, tone } of line) {
    if (at >= until) break;
    const part = text.slice(Math.max(0, from - at), Math.max(0, until - at));
    if (part !== '') kept.push(say(part, tone));
    at += text.length;
  }
  return kept;
}

/**
 * A row of SQL in as many as it needs, behind an indent; what follows the first stands a little further in. Of a row
 * that is longer than twenty of them, such as an INSERT of megabytes, the rest is cut.
 *
 * @param width cells of the screen, with the indent
 */
export function wholeRow(
  signs: Signs,
  row: Line,
  { width, indent }: { readonly width: number; readonly indent: number },
): readonly Line[] {
  const room = Math.max(8, width - indent - furtherIn - 1);
  const begins = rowsIn(textOf(row).slice(0, width * mostRows), room, mostRows);
  return begins.map((begin, index) => {
    const before = say(' '.repeat(indent + (index === 0 ? 0 : furtherIn)));
    return cutLine(signs, [before, ...partOf(row, begin, begins[index + 1])], width, 'end');
  });
}

const furtherIn = 4;
const mostRows = 20;
