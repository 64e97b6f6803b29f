import { safe } from '../../lib/safe-text.ts';
import type { Sign, Signs } from '../../lib/signs.ts';
import { say, type Line, type Span } from './line.ts';
import { cutEnd, cutMiddle, widthOf, wrapped } from './width.ts';
import type { Tone } from '../theme.ts';

/** A column's worth of a row. */
export interface Cell {
  readonly content: Line | Span | string;
  /** In cells of the terminal. */
  readonly width: number;
  readonly align?: 'left' | 'right';
  /** Where it gives way when it is too long: names in the middle, everything else at the end. */
  readonly cut?: 'end' | 'middle';
}

/** Puts columns side by side; each is exactly its width. */
export function columns(signs: Signs, cells: readonly Cell[]): Line {
  return cells.flatMap((cell) => fit(signs, cell));
}

/** One cell, filled with spaces or cut to its width. */
export function fit(signs: Signs, { content, width, align = 'left', cut = 'end' }: Cell): Line {
  const line = cutLine(signs, asLine(content), width, cut);
  const space = say(' '.repeat(Math.max(0, width - lineWidth(line))));
  if (space.text === '') return line;
  return align === 'left' ? [...line, space] : [space, ...line];
}

/** A row with something at each end; the left end gives way. */
export function ends(signs: Signs, left: Line, right: Line, width: number): Line {
  const room = width - lineWidth(right);
  if (room <= 0) return cutLine(signs, right, width, 'end');
  return [
    ...fit(signs, { content: left, width: lineWidth(right) === 0 ? room : room - 1 }),
    ...gap(right),
    ...right,
  ];
}

function gap(right: Line): Line {
  return lineWidth(right) === 0 ? [] : [say(' ')];
}

export function lineWidth(line: Line): number {
  return line.reduce((sum, { text }) => sum + widthOf(text), 0);
}

/** A sentence in as many rows as it needs, each beginning at the same column. */
export function paragraph(
  text: string,
  {
    width,
    indent = 2,
    tone = 'text',
  }: { readonly width: number; readonly indent?: number; readonly tone?: Tone },
): readonly Line[] {
  const rows = wrapped(safe(text, { lines: 'one' }), width - indent - 1);
  return rows.map((row) => [say(' '.repeat(indent)), say(row, tone)]);
}

/** The first sentence of a page, with its sign in its own colour. */
export function headline(
  signs: Signs,
  { sign, tone }: { readonly sign: Sign; readonly tone: Tone },
  text: string,
  width: number,
): readonly Line[] {
  return paragraph(text, { width, indent: 4, tone: 'strong' }).map((line, index) =>
    index === 0 ? [say('  '), say(signs[sign], tone), say(' '), ...line.slice(1)] : line,
  );
}

/**
 * The rule that carries the titles of the part below it: `── rows ────── before ── change ──`.
 *
 * @param titles each with the column its text begins at (its `── ` stands before it)
 */
export function rule(
  signs: Signs,
  width: number,
  titles: readonly { readonly at: number; readonly title: string; readonly tone?: Tone }[],
): Line {
  const line: Span[] = [];
  let used = 0;
  for (const { at, title, tone = 'strong' } of titles) {
    const room = width - Math.max(at, used + 3) - 1;
    if (title === '' || room < 1) continue;
    // Two dashes at least, so that two titles never read as one.
    const before = Math.max(2, at - used - 1);
    const text = safe(cutEnd(title, room, signs), { lines: 'one' });
    line.push(say(`${signs.rule.repeat(before)} `, 'dim'), { text, tone }, say(' '));
    used += before + 2 + widthOf(text);
  }
  return [...line, say(signs.rule.repeat(Math.max(0, width - used)), 'dim')];
}

/** A bar of time taken against time expected, or of a share. It never passes its width. */
export function bar(signs: Signs, { share, width, tone = 'accent', rest = 'shown' }: BarOptions): Line {
  const full = Math.min(width, Math.max(0, Math.round(share * width)));
  const filled = say(signs.bar.repeat(full), tone);
  return rest === 'shown' ? [filled, say(signs.rest.repeat(width - full), 'dim')] : [filled];
}

export interface BarOptions {
  /** 0 to 1; more is drawn as full. */
  readonly share: number;
  readonly width: number;
  readonly tone?: Tone;
  readonly rest?: 'shown' | 'hidden';
}

/** Cuts a row to a width, keeping the tones of what is left. */
export function cutLine(signs: Signs, line: Line, width: number, cut: 'end' | 'middle'): Line {
  if (lineWidth(line) <= width) return line;
  const kept: Span[] = [];
  let room = width;
  for (const [index, { text, tone }] of line.entries()) {
    const last = lineWidth(line.slice(index + 1)) === 0;
    // A span that fits is cut all the same when nothing after it will: the sign must show that more was there.
    const size = widthOf(text);
    if (size < room || (size === room && last)) {
      kept.push({ text, tone });
      room -= size;
      continue;
    }
    const short = (cut === 'middle' && last ? cutMiddle : cutEnd)(
      size === room ? `${text} .` : text,
      room,
      signs,
    );
    return [...kept, { text: safe(short, { lines: 'one' }), tone }];
  }
  return kept;
}

function asLine(content: Cell['content']): Line {
  if (typeof content === 'string') return [say(content)];
  return 'tone' in content ? [content] : content;
}
