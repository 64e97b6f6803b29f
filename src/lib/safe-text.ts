import { graphemesOf } from './graphemes.ts';

/** Text that can be written to a terminal: it moves no cursor, sets no colour and hides nothing. */
export type Safe = string & { readonly [brand]: 'safe' };
declare const brand: unique symbol;

/**
 * Makes a text that came from elsewhere (a name, SQL, an error, a path) fit to be shown.
 *
 * Hidden characters are shown, never dropped: two names that differ by one must look different.
 * Control characters become their pictures (`␛`), everything else that is invisible or turns the
 * direction of writing becomes `<U+202E>`, a tab becomes the spaces up to its stop.
 *
 * @param lines `many` keeps line feeds (CR LF counts as one), `one` shows them as `␊`
 */
export function safe(text: string, { lines }: { readonly lines: 'one' | 'many' }): Safe {
  if (!(lines === 'one' ? notPlain : notPlainNorLineFeed).test(text)) return brandAsSafe(text);
  if (lines === 'many') return brandAsSafe(text.split(/\r?\n/).map(shownLine).join('\n'));
  return brandAsSafe(shownLine(text));
}

const notPlain = /[^\x20-\x7e]/;
const notPlainNorLineFeed = /[^\x20-\x7e\n]/;

// Everything that is not simply itself on a screen: what is hidden, and what joins with its neighbours.
const needsCare = /[\p{C}\p{Z}\p{M}\p{Default_Ignorable_Code_Point}\u2800]/u;

function shownLine(line: string): string {
  if (!needsCare.test(line.replaceAll(' ', ''))) return line;
  let shown = '';
  for (const segment of graphemesOf(line.toWellFormed())) {
    shown += segment === '\t' ? ' '.repeat(tabStop - (columnsOf(shown) % tabStop)) : shownCluster(segment);
  }
  return shown;
}

const tabStop = 8;

/** Near enough for a tab stop: a cluster is one column, or two when it is drawn wide. */
function columnsOf(shown: string): number {
  let columns = 0;
  for (const segment of graphemesOf(shown)) columns += wide.test(segment) ? 2 : 1;
  return columns;
}

const wide =
  /\p{Emoji_Presentation}|\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}/u;

function shownCluster(cluster: string): string {
  const pictorial = emoji.test(cluster);
  let marks = 0;
  let shown = '';
  for (const character of cluster) {
    if (joinsEmoji.test(character) && pictorial && shown !== '') shown += character;
    else if (hidden.test(character)) shown += visible(character);
    else if (!mark.test(character)) shown += character;
    // A mark without a base would sit on whatever happens to stand before it.
    else if (shown === '' || ++marks > mostMarks) shown += codePoint(character);
    else shown += character;
  }
  return shown;
}

const emoji = /\p{Extended_Pictographic}|\u20e3/u;
const joinsEmoji = /\u200d|\ufe0f/;
const hidden = /(?! )[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/u;
const mark = /\p{M}/u;
const mostMarks = 4;

function visible(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return code === 0x7f ? '␡' : codePoint(character);
}

function codePoint(character: string): string {
  return `<U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`;
}

/** The one place that says so: called only with what the functions above have made. */
function brandAsSafe(text: string): Safe {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a brand has no value of its own to check
  return text as Safe;
}
