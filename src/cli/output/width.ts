import { graphemesOf } from '../../lib/graphemes.ts';

/** How many cells a text takes on a terminal. */
export function cells(text: string): number {
  if (!notAscii.test(text)) return text.length;
  let sum = 0;
  for (const segment of graphemesOf(text)) sum += wide.test(segment) ? 2 : 1;
  return sum;
}

/** Keeps beginning and end, because numbers of migrations stand in front and what differs often behind. */
export function cutMiddle(text: string, width: number, sign: string): string {
  if (cells(text) <= width) return text;
  const parts = graphemesOf(text);
  const behind = Math.floor((width - 1) / 3);
  return `${take(parts, width - 1 - behind)}${sign}${take(parts.toReversed(), behind, 'reversed')}`;
}

/** Keeps the beginning: for SQL and sentences. */
export function cutEnd(text: string, width: number, sign: string): string {
  if (cells(text) <= width) return text;
  return `${take(graphemesOf(text), width - 1)}${sign}`;
}

function take(parts: readonly string[], width: number, order: 'as-is' | 'reversed' = 'as-is'): string {
  const taken: string[] = [];
  let used = 0;
  for (const part of parts) {
    used += cells(part);
    if (used > width) break;
    taken.push(part);
  }
  return (order === 'reversed' ? taken.toReversed() : taken).join('');
}

const notAscii = /[^\x20-\x7e]/;
const wide =
  /\p{Emoji_Presentation}|\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}/u;
