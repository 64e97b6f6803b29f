import type { Signs } from '../../lib/signs.ts';
import { columns, lineWidth } from './layout.ts';
import { say, textOf, type Line } from './line.ts';
import { wrapped } from './width.ts';

/** A statement that failed: its SQL on one row where it is known, and the engine's own sentence. */
export interface Fault {
  readonly number: number | undefined;
  readonly sql: Line | undefined;
  /** Where to look for the name that the error is about. */
  readonly message: string;
  /** The part of it that is shown. */
  readonly reason: string;
}

/** The statement with the word that failed underlined, and the error below it. */
export function faultLines(
  signs: Signs,
  { number, sql, message, reason }: Fault,
  width: number,
): readonly Line[] {
  const place = number === undefined ? '' : String(number).padStart(3);
  const at = sql ? faultIn(textOf(sql), message) : undefined;
  const shown: readonly Line[] = sql ? [[say(`${place}  `), ...underlined(signs, sql, at, width - 7)]] : [];
  return [
    ...shown.map((line) => columns(signs, [{ content: line, width }])),
    ...reasonLines(signs, reason, { width, indent: 7 }),
  ];
}

/** The engine's sentence under the statement that it is about. */
export function reasonLines(
  signs: Signs,
  reason: string,
  { width, indent }: { readonly width: number; readonly indent: number },
): readonly Line[] {
  return wrapped(reason, width - indent - 4).map((text, index): Line => [
    say(' '.repeat(indent)),
    say(index === 0 ? `${signs.bar.repeat(2)} ` : '   ', 'danger'),
    say(text, 'danger'),
  ]);
}

/** Where the statement holds the object that the error names: `teams.slug` is found as `slug`, then as `teams`. */
export function faultIn(
  sql: string,
  message: string,
): { readonly from: number; readonly to: number } | undefined {
  const near = /near "([^"]+)"/.exec(message)?.[1];
  const named = /(?:failed|column|table|index|trigger|view)(?: named)?:? ([\w.]+)/.exec(message)?.[1];
  const words = near === undefined ? (named?.split('.').toReversed() ?? []) : [near];
  for (const word of words) {
    const from = sql.toLowerCase().lastIndexOf(word.toLowerCase());
    if (from >= 0) return { from, to: from + word.length };
  }
  return undefined;
}

/** Keeps the place in sight: a long statement is shown from a whole word a little before it. */
export function underlined(
  signs: Signs,
  sql: Line,
  at: { readonly from: number; readonly to: number } | undefined,
  width: number,
): Line {
  if (!at) return sql;
  const text = textOf(sql);
  const near = lineWidth(sql) > width && at.to > width - 10 ? Math.max(0, at.from - 30) : 0;
  const word = near === 0 ? 0 : text.indexOf(' ', near) + 1;
  const start = word > at.from ? near : word;
  return [
    say(start > 0 ? `${signs.cut} ` : ''),
    say(text.slice(start, at.from)),
    say(text.slice(at.from, at.to), 'fault'),
    say(text.slice(at.to)),
  ];
}
