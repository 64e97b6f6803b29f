import stringWidth from 'string-width';
import { graphemesOf } from '../../lib/graphemes.ts';
import type { Signs } from '../../lib/signs.ts';

/** Cells that a text takes. Most texts are ASCII, and counting those by the letter is a hundred times faster. */
export function widthOf(text: string): number {
  return isAscii.test(text) ? text.length : stringWidth(text);
}

const isAscii = /^[\x20-\x7e]*$/;

/** Cuts at the end, for sentences and SQL: `CREATE TABLE __new_or…`. */
export function cutEnd(text: string, width: number, signs: Signs): string {
  if (widthOf(text) <= width) return text;
  if (width <= 0) return '';
  return `${headOf(text, width - 1).trimEnd()}${signs.cut}`;
}

/** Cuts behind a part of a sentence where a good deal of it fits, else behind a word: never inside a figure. */
export function cutClause(text: string, width: number, signs: Signs): string {
  if (widthOf(text) <= width) return text;
  const head = headOf(text, Math.max(0, width - 1));
  const whole = text[head.length] === ' ' ? head.length : head.lastIndexOf(' ');
  const clause = Math.max(...[', ', '; ', ': '].map((part) => head.lastIndexOf(part)));
  const at = clause * 2 >= width ? clause : whole * 2 >= width ? whole : head.length;
  return cutEnd(`${text.slice(0, at).replace(/[,;:]$/, '')}${' '.repeat(width)}`, width, signs);
}

/**
 * Leaves clauses out before the last one, which says what came of it: `b1 restored… 0 new violations`. Where there is no
 * room for that either, it is cut as any text is.
 */
export function cutInside(text: string, width: number, signs: Signs): string {
  if (widthOf(text) <= width) return text;
  const separators = Array.from(text.matchAll(/[,;:] /g), ({ index }) => index);
  const from = separators.at(-1);
  if (from === undefined) return cutClause(text, width, signs);
  const last = text.slice(from + 2);
  const shorter = separators
    .slice(0, -1)
    .map((at) => `${text.slice(0, at)}${signs.cut} ${last}`)
    .findLast((candidate) => widthOf(candidate) <= width);
  return shorter ?? cutClause(text, width, signs);
}

/** Cuts in the middle, for names: number and end tell them apart, as in `0014_…_due_date`. */
export function cutMiddle(text: string, width: number, signs: Signs): string {
  if (widthOf(text) <= width) return text;
  if (width <= 0) return '';
  const number = /^\d+[_-]/.exec(text)?.[0] ?? '';
  const room = width - 1;
  const head = number !== '' && number.length < room ? number : headOf(text, Math.ceil(room / 2));
  return `${head}${signs.cut}${tailOf(text, room - widthOf(head))}`;
}

/** The longest beginning of a text that fits. */
export function headOf(text: string, width: number): string {
  let used = 0;
  let head = '';
  for (const segment of graphemesOf(text)) {
    used += widthOf(segment);
    if (used > width) break;
    head += segment;
  }
  return head;
}

function tailOf(text: string, width: number): string {
  let used = 0;
  let tail = '';
  for (const segment of graphemesOf(text).toReversed()) {
    used += widthOf(segment);
    if (used > width) break;
    tail = segment + tail;
  }
  return tail;
}

/** A figure stays with its unit. */
const betweenWords = / (?!(?:ms|s|min|h|bytes|[KMG]iB)(?![\w]))|(?<!\d) /;

/** Breaks a sentence between its words into rows of a width; a longer word is broken where it must be. */
export function wrapped(text: string, width: number): readonly string[] {
  const room = Math.max(1, width);
  const rows: string[] = [];
  let row = '';
  for (const word of text.split(betweenWords)) {
    let rest = row === '' ? word : `${row} ${word}`;
    if (row !== '' && widthOf(rest) > room) {
      rows.push(row);
      rest = word;
    }
    while (widthOf(rest) > room) {
      const head = headOf(rest, room) || rest.slice(0, 1);
      rows.push(head);
      rest = rest.slice(head.length);
    }
    row = rest;
  }
  return [...rows, row];
}
