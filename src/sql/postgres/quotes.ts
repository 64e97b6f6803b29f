/**
 * Where a quoted text of PostgreSQL ends; each function takes the offset of its first character.
 * https://www.postgresql.org/docs/current/sql-syntax-lexical.html
 */
export interface QuotedEnd {
  /** The offset behind it. */
  readonly end: number;
  /** False where the text ends before it does. */
  readonly closed: boolean;
}

/** A string or name that is written twice where its quote stands inside: `'it''s'`. */
export function doubledQuoteEnd(sql: string, open: number): QuotedEnd {
  const quote = sql.charAt(open);
  for (let at = open + 1; ; at += 2) {
    at = sql.indexOf(quote, at);
    if (at === -1) return { end: sql.length, closed: false };
    if (sql.charAt(at + 1) !== quote) return { end: at + 1, closed: true };
  }
}

/** The same where a backslash takes the next character's meaning away, too: `E'it\'s'`. */
export function escapedQuoteEnd(sql: string, open: number): QuotedEnd {
  for (let at = open + 1; at < sql.length; at += 1) {
    const char = sql.charAt(at);
    if (char === '\\') at += 1;
    else if (char === "'" && sql.charAt(at + 1) === "'") at += 1;
    else if (char === "'") return { end: at + 1, closed: true };
  }
  return { end: sql.length, closed: false };
}

/** `$$ … $$` or `$tag$ … $tag$`; undefined where no such text begins. */
export function dollarQuoteEnd(sql: string, open: number): QuotedEnd | undefined {
  const tag = dollarTag(sql, open);
  if (tag === undefined) return undefined;
  const found = sql.indexOf(tag, open + tag.length);
  return found === -1 ? { end: sql.length, closed: false } : { end: found + tag.length, closed: true };
}

/** `$$` or `$tag$`, when it begins here. */
function dollarTag(sql: string, at: number): string | undefined {
  if (sql.charAt(at) !== '$') return undefined;
  tagPattern.lastIndex = at;
  return tagPattern.exec(sql)?.[0];
}

const tagPattern = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y;

/** A block comment, in which others may stand. */
export function nestedCommentEnd(sql: string, open: number): QuotedEnd {
  let depth = 1;
  commentMark.lastIndex = open + 2;
  for (let mark = commentMark.exec(sql); mark; mark = commentMark.exec(sql)) {
    depth += mark[0] === '/*' ? 1 : -1;
    if (depth === 0) return { end: commentMark.lastIndex, closed: true };
  }
  return { end: sql.length, closed: false };
}

const commentMark = /\/\*|\*\//g;
