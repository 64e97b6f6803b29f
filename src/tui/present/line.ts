import { safe, type Safe } from '../../lib/safe-text.ts';
import type { Sign, Signs } from '../../lib/signs.ts';
import type { Tone } from '../theme.ts';

/** A piece of a row that has one meaning. */
export interface Span {
  readonly text: Safe;
  readonly tone: Tone;
}

/** One row of the screen. Rows are data until the last moment: they are laid out, cut and tested without a terminal. */
export type Line = readonly Span[];

/** A text of ours or of others, made safe. */
export function say(text: string, tone: Tone = 'text'): Span {
  return { text: safe(text, { lines: 'one' }), tone };
}

/** A sign and the word it never goes without: `✓ applied`. */
export function signed(
  signs: Signs,
  sign: Sign,
  word: string,
  { tone, wordTone = 'text' }: { readonly tone: Tone; readonly wordTone?: Tone },
): Line {
  return [say(signs[sign], tone), say(word === '' ? '' : ` ${word}`, wordTone)];
}

/** The same text in another tone, such as `dim` for what is stale. */
export function toned(line: Line, tone: Tone): Line {
  return line.map(({ text }) => ({ text, tone }));
}

/** The text of a row, for tests and for copying. */
export function textOf(line: Line): string {
  return line.map(({ text }) => text).join('');
}
