import { graphemesOf } from '../../lib/graphemes.ts';
import type { Key } from '../keyboard/key.ts';

/** What stands in a text field, and why the last attempt did not count. */
export interface Typed {
  readonly text: string;
  readonly refusal: string | undefined;
}

export const nothingTyped: Typed = { text: '', refusal: undefined };

/** A key in a text field: letters are text, backspace takes one away. A held key counts once. */
export function typeKey(typed: Typed, key: Key): Typed {
  if (key.name === 'backspace') return { text: withoutLast(typed.text), refusal: undefined };
  const held = key.press === 'repeat' && key.read === 'alone';
  if (key.text === '' || held) return typed;
  return { text: typed.text + key.text, refusal: undefined };
}

/** Pasted text never confirms: the point of typing is to read what is typed. */
function refusePaste(typed: Typed): Typed {
  return { ...typed, refusal: 'Pasted text does not confirm.' };
}

/**
 * Whether enter, pressed now, confirms. It counts only by itself in its read, 30 ms or more after the last
 * letter, and not while it is held: so neither a paste without marks nor a key repeat can go on from here.
 *
 * @returns undefined when it confirms, else why it does not
 */
export function refusalOf(typed: Typed, key: Key, expected: string): string | undefined {
  if (!deliberate(key) || key.since < quickestHand)
    return 'enter counts by itself, a moment after the last letter.';
  if (typed.text === expected) return undefined;
  if (typed.text === '') return `Nothing is typed yet. It is ${expected}, or esc.`;
  return `That is not ${expected}. Nothing was changed.`;
}

/**
 * Words that go into the record of a run, taken when enter is pressed on them.
 *
 * @returns undefined where the key does not count
 */
export function reasonOf(
  typed: Typed,
  key: Key,
): { readonly reason: string } | { readonly refusal: string } | undefined {
  if (!deliberate(key)) return undefined;
  const reason = typed.text.trim();
  return reason.length < shortestReason
    ? { refusal: 'Say it in words: whoever reads the record was not here.' }
    : { reason };
}

const shortestReason = 3;

/** A paste into a field: words for the record may be pasted, a confirmation not. */
export function pasteInto(typed: Typed, text: string, field: 'reason' | 'confirmation'): Typed {
  return field === 'reason' ? { ...typed, text: typed.text + text.trim() } : refusePaste(typed);
}

/** A key that a hand pressed once: not held, and nothing else in the same read. */
export function deliberate({ read, press }: Key): boolean {
  return read === 'alone' && press === 'single';
}

const quickestHand = 30;

function withoutLast(text: string): string {
  return graphemesOf(text).slice(0, -1).join('');
}
