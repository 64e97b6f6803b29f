import { say, type Line, type Span } from './line.ts';
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
