import { dollarQuoteEnd, doubledQuoteEnd, escapedQuoteEnd, nestedCommentEnd } from './quotes.ts';

/** A piece of an SQL text as PostgreSQL's scanner parts it, as far as telling statements apart needs. */
export interface PostgresPiece {
  readonly kind: 'space' | 'line-comment' | 'block-comment' | 'quoted' | 'word' | 'symbol';
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/**
 * Every piece from `from` on: their texts joined are the text. A symbol is one character; strings, dollar quotes and
 * quoted names are `quoted`. Never fails: what is not closed goes to the end of the text. `standard_conforming_strings`
 * is taken for on, as it is by default since PostgreSQL 9.1.
 */
export function* postgresPieces(text: string, from = 0): Generator<PostgresPiece> {
  for (let start = from; start < text.length;) {
    const piece = pieceAt(text, start);
    yield piece;
    start = piece.end;
  }
}

function pieceAt(text: string, start: number): PostgresPiece {
  const space = match(spaces, text, start);
  if (space > start) return { kind: 'space', start, end: space };
  if (text.startsWith('--', start))
    return { kind: 'line-comment', start, end: match(restOfLine, text, start) };
  if (text.startsWith('/*', start))
    return { kind: 'block-comment', start, end: nestedCommentEnd(text, start).end };
  const quoted = quotedEnd(text, start);
  if (quoted !== undefined) return { kind: 'quoted', start, end: quoted };
  const word = match(words, text, start);
  return word > start ? { kind: 'word', start, end: word } : { kind: 'symbol', start, end: start + 1 };
}

function quotedEnd(text: string, start: number): number | undefined {
  const char = text.charAt(start);
  if (char === '"') return doubledQuoteEnd(text, start).end;
  if (char === "'") return stringEnd(text, start, doubledQuoteEnd);
  if (char === '$') return dollarQuoteEnd(text, start)?.end;
  if ((char === 'e' || char === 'E') && text.charAt(start + 1) === "'")
    return stringEnd(text, start + 1, escapedQuoteEnd);
  return undefined;
}

/** A string goes on in the next line: `'a'` newline `'b'` is one, and escapes go on with it. */
function stringEnd(text: string, open: number, partEnd: typeof doubledQuoteEnd): number {
  const { end, closed } = partEnd(text, open);
  const next = closed ? match(toNextLine, text, end) : end;
  return next > end && text.charAt(next) === "'" ? stringEnd(text, next, partEnd) : end;
}

function match(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

const spaces = /[ \t\n\r\f\v]+/y;
const restOfLine = /[^\n\r]*/y;
const words = /[0-9]+|[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y;
const toNextLine = /(?:[ \t\f\v]|--[^\n\r]*)*[\n\r](?:[ \t\n\r\f\v]|--[^\n\r]*[\n\r])*/y;
