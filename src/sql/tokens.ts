import {
  dollarQuoteEnd,
  doubledQuoteEnd,
  escapedQuoteEnd,
  nestedCommentEnd,
  type QuotedEnd,
} from './postgres/quotes.ts';

/**
 * SQL taken apart the way SQLite's tokenizer does (https://www.sqlite.org/lang.html, tokenize.c),
 * without ever failing: an unterminated string or comment is one token up to the end of the text.
 *
 * What only PostgreSQL writes is read as PostgreSQL means it, where that cannot be anything in SQLite:
 * dollar quotes, `E'…'`, `U&'…'`, `::`, `$1`, subscripts and comments in comments.
 */
export interface Token {
  readonly kind:
    'word' | 'quoted-name' | 'string' | 'blob' | 'number' | 'variable' | 'symbol' | 'comment' | 'space';
  /** Exactly as written. */
  readonly text: string;
  /** Where it starts, in UTF-16 units. */
  readonly offset: number;
  /** False for a string, quoted name or comment that the text ends in. */
  readonly closed: boolean;
}

/** Every token, spaces and comments included: their texts joined are the input. */
export function* tokens(sql: string): Generator<Token> {
  let offset = 0;
  while (offset < sql.length) {
    const { kind, end, closed } = next(sql, offset);
    yield { kind, text: sql.slice(offset, end), offset, closed };
    offset = end;
  }
}

/** The tokens that mean something: no spaces, no comments. */
export function meaningfulTokens(sql: string): readonly Token[] {
  return [...tokens(sql)].filter(({ kind }) => kind !== 'space' && kind !== 'comment');
}

/** Whether nothing but spaces, comments and semicolons is in it: SQLite has no statement to run there. */
export function isBlank(sql: string): boolean {
  for (const { kind, text } of tokens(sql)) {
    if (kind !== 'space' && kind !== 'comment' && text !== ';') return false;
  }
  return true;
}

/** The name that a word or a quoted name stands for, in the letters it was written in. */
export function nameOf({ kind, text: written }: Token): string {
  if (kind === 'word') return written;
  const text = written.replace(/^(?:[uU]&|[eE](?='))/, '');
  const open = text[0] ?? '';
  if (open === '$') return text.slice(text.indexOf('$', 1) + 1, text.lastIndexOf('$', text.length - 2));
  const inner = text.slice(1, -1);
  return open === '[' ? inner : inner.replaceAll(open + open, open);
}

interface Piece {
  readonly kind: Token['kind'];
  readonly end: number;
  readonly closed: boolean;
}

function next(sql: string, start: number): Piece {
  const char = sql.charAt(start);
  const two = sql.slice(start, start + 2);
  if (isSpace(char)) return whole('space', runOf(sql, start, isSpace));
  if (two === '--') return until(sql, 'comment', start + 2, '\n', 0, 'closed-by-end');
  if (two === '/*') return blockComment(sql, start);
  if (char === "'") return { kind: 'string', ...doubledQuoteEnd(sql, start) };
  if (char === '"' || char === '`') return { kind: 'quoted-name', ...doubledQuoteEnd(sql, start) };
  if (char === '[' && !isSubscript(sql, start)) return until(sql, 'quoted-name', start + 1, ']', 1);
  if (two === "x'" || two === "X'") return { kind: 'blob', ...doubledQuoteEnd(sql, start + 1) };
  const prefixed = ofPostgres(sql, start, char);
  if (prefixed) return prefixed;
  if (isDigit(char) || (char === '.' && isDigit(sql.charAt(start + 1))))
    return whole('number', numberEnd(sql, start));
  if (isWordStart(char)) return whole('word', runOf(sql, start, isWordPart));
  if (char === '?') return whole('variable', runOf(sql, start + 1, isDigit));
  if (char === ':' || char === '@' || char === '#') {
    return whole('variable', runOf(sql, start + 1, isWordPart));
  }
  const long = longSymbols.find((symbol) => sql.startsWith(symbol, start));
  return whole('symbol', start + (long?.length ?? 1));
}

const longSymbols = ['->>', '->', '||', '<<', '>>', '<=', '>=', '<>', '==', '!=', '::'];

/** What begins with a letter or a sign that has a meaning to PostgreSQL alone. */
function ofPostgres(sql: string, start: number, char: string): Piece | undefined {
  if ((char === 'e' || char === 'E') && sql.charAt(start + 1) === "'")
    return { kind: 'string', ...escapedQuoteEnd(sql, start + 1) };
  if ((char === 'u' || char === 'U') && sql.charAt(start + 1) === '&') {
    const quote = sql.charAt(start + 2);
    if (quote === "'") return { kind: 'string', ...doubledQuoteEnd(sql, start + 2) };
    if (quote === '"') return { kind: 'quoted-name', ...doubledQuoteEnd(sql, start + 2) };
  }
  if (char === ':' && sql.charAt(start + 1) === ':') return whole('symbol', start + 2);
  if (char !== '$') return undefined;
  const quoted = dollarQuoteEnd(sql, start);
  if (quoted?.closed === true) return { kind: 'string', ...quoted };
  const end = runOf(sql, start + 1, isDigit);
  return end > start + 1 ? whole('variable', end) : undefined;
}

/**
 * SQLite ends a comment at the first end mark, PostgreSQL at the one that belongs to it. They mean different things
 * only where SQLite could not run the text: an end mark outside of any quote or comment.
 */
function blockComment(sql: string, start: number): Piece {
  const first = until(sql, 'comment', start + 2, '*/', 2);
  if (!first.closed || !sql.slice(start + 2, first.end).includes('/*')) return first;
  const nested: QuotedEnd = nestedCommentEnd(sql, start);
  const between = sql.slice(first.end, nested.end);
  return nested.closed && !/['"`[]|--/.test(between) ? { kind: 'comment', ...nested } : first;
}

/** Whether a bracket is one of PostgreSQL's: `text[]`, `a[1]`, `ARRAY['a']`. SQLite may quote a name with brackets. */
function isSubscript(sql: string, start: number): boolean {
  if (arrayBefore.test(sql.slice(Math.max(0, start - 12), start))) return true;
  subscript.lastIndex = start;
  return start > 0 && subscript.test(sql) && /[\w"\])]/.test(sql.charAt(start - 1));
}

const arrayBefore = /(?:^|[^\w$])array\s*$/i;
const subscript = /\[[\d:\s]*\]/y;

function whole(kind: Token['kind'], end: number): Piece {
  return { kind, end, closed: true };
}

function until(
  sql: string,
  kind: Token['kind'],
  from: number,
  close: string,
  keep: number,
  atEnd?: 'closed-by-end',
): Piece {
  const found = sql.indexOf(close, from);
  return found === -1
    ? { kind, end: sql.length, closed: atEnd === 'closed-by-end' }
    : { kind, end: found + keep, closed: true };
}

function runOf(sql: string, start: number, belongs: (char: string) => boolean): number {
  let end = start;
  while (end < sql.length && belongs(sql.charAt(end))) end += 1;
  return end;
}

function numberEnd(sql: string, start: number): number {
  const found = /0[xX][0-9a-fA-F_]+|(?:\d[\d_]*)?\.?\d*(?:[eE][+-]?\d+)?/y;
  found.lastIndex = start;
  return start + Math.max(1, found.exec(sql)?.[0].length ?? 1);
}

const isSpace = (char: string) =>
  char === ' ' || char === '\n' || char === '\t' || char === '\r' || char === '\f' || char === '\uFEFF';
const isDigit = (char: string) => char >= '0' && char <= '9';
// As in SQLite, every character beyond ASCII may be part of a name.
const isWordStart = (char: string) => /[A-Za-z_]/.test(char) || char > '\x7f';
const isWordPart = (char: string) => /[A-Za-z0-9_$]/.test(char) || char > '\x7f';
