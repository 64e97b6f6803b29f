import { meaningfulTokens, nameOf, tokens, type Token } from './tokens.ts';

/** Reads a statement from left to right: small steps that either take what they name or take nothing. */
export interface Cursor {
  /** The token `ahead` places further (0: the next one), or undefined at the end. */
  peek(ahead?: number): Token | undefined;
  /** Whether the next tokens are these keywords or symbols, in any letter case. */
  sees(...words: readonly string[]): boolean;
  /** Takes these keywords or symbols when they come next, all or none. */
  takes(...words: readonly string[]): boolean;
  /** Takes the next token, whatever it is. */
  token(): Token | undefined;
  /** Takes a name, quoted or not; undefined, and nothing taken, when none comes next. */
  name(): string | undefined;
  /** Takes `name` or `schema.name`. */
  qualifiedName(): QualifiedName | undefined;
  /** Takes `( … )` and gives the tokens inside; undefined, and nothing taken, without one. */
  group(): readonly Token[] | undefined;
  /** All that is left. */
  rest(): readonly Token[];
  readonly atEnd: boolean;
}

export interface QualifiedName {
  readonly schema?: string;
  readonly name: string;
}

/**
 * What an object is called: the name alone in the schema that names without one mean (SQLite's `main` and `temp`,
 * PostgreSQL's `public`), `schema.name` in any other.
 */
export function objectName({ schema, name }: QualifiedName): string {
  return schema === undefined || ownSchemas.has(foldName(schema)) ? name : `${schema}.${name}`;
}

const ownSchemas = new Set(['main', 'temp', 'public', 'pg_temp']);

/** The name that SQL's spelling of one stands for: `"App"."L 1"` → `App.L 1`. */
export function bareName(spelled: string): string {
  const read = cursorOver(spelled).qualifiedName();
  return read ? objectName(read) : spelled;
}

/**
 * A cursor over a statement's meaningful tokens; semicolons at both ends are no part of it.
 * In a text above 64 KB the rows after VALUES are left out: an INSERT can hold millions of them.
 */
export function cursorOver(sql: string | readonly Token[]): Cursor {
  const all = typeof sql === 'string' ? withoutEnds(tokensOf(sql)) : sql;
  let at = 0;
  const cursor: Cursor = {
    peek: (ahead = 0) => all[at + ahead],
    sees: (...words) => words.every((word, index) => isWord(all[at + index], word)),
    takes: (...words) => {
      const there = cursor.sees(...words);
      if (there) at += words.length;
      return there;
    },
    token: () => all[at++],
    name: () => {
      const token = all[at];
      if (!token || !isName(token)) return undefined;
      at += 1;
      return nameOf(token);
    },
    qualifiedName: () => {
      const first = cursor.name();
      if (first === undefined) return undefined;
      if (!cursor.takes('.')) return { name: first };
      const name = cursor.name();
      return name === undefined ? { name: first } : { schema: first, name };
    },
    group: () => {
      if (!isWord(all[at], '(')) return undefined;
      const end = groupEnd(all, at);
      const inside = all.slice(at + 1, end);
      at = end + 1;
      return inside;
    },
    rest: () => all.slice(at),
    get atEnd() {
      return at >= all.length;
    },
  };
  return cursor;
}

/** Whether a token is this keyword or symbol, in any letter case; a quoted name never is. */
export function isWord(token: Token | undefined, word: string): boolean {
  if (token === undefined || (token.kind !== 'word' && token.kind !== 'symbol')) return false;
  return token.text === word || token.text.toUpperCase() === word.toUpperCase();
}

/** SQLite takes a word, a quoted name and, as a misfeature, a string where a name is due. */
export function isName(token: Token): boolean {
  return token.kind === 'word' || token.kind === 'quoted-name' || token.kind === 'string';
}

/** Splits at commas that are in no parentheses. */
export function splitAtCommas(all: readonly Token[]): readonly (readonly Token[])[] {
  if (all.length === 0) return [];
  const parts: Token[][] = [[]];
  for (const { token, depth } of withDepth(all)) {
    if (depth === 0 && token.text === ',') parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}

/** Every token with the number of parentheses and subscripts around it; a parenthesis itself counts as outside. */
export function* withDepth(
  all: readonly Token[],
): Generator<{ readonly token: Token; readonly depth: number; readonly index: number }> {
  let depth = 0;
  for (const [index, token] of all.entries()) {
    if (token.text === ')' || token.text === ']') depth = Math.max(0, depth - 1);
    yield { token, depth, index };
    if (token.text === '(' || token.text === '[') depth += 1;
  }
}

/** SQLite compares names without regard to the case of ASCII letters, and of no others. */
export function foldName(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** Whether two names are the same to SQLite. */
export function sameName(left: string, right: string): boolean {
  return left === right || foldName(left) === foldName(right);
}

const longText = 65_536;

function tokensOf(sql: string): readonly Token[] {
  if (sql.length <= longText) return meaningfulTokens(sql);
  const kept: Token[] = [];
  let depth = 0;
  let inRows = false;
  for (const token of tokens(sql)) {
    if (token.kind === 'space' || token.kind === 'comment') continue;
    if (token.text === ')') depth = Math.max(0, depth - 1);
    if (inRows && depth === 0 && token.kind === 'word') inRows = false;
    if (!inRows) kept.push(token);
    if (token.text === '(') depth += 1;
    if (depth === 0 && isWord(token, 'VALUES')) inRows = true;
  }
  return kept;
}

function withoutEnds(all: readonly Token[]): readonly Token[] {
  let start = 0;
  let end = all.length;
  while (all[start]?.text === ';') start += 1;
  while (end > start && all[end - 1]?.text === ';') end -= 1;
  return all.slice(start, end);
}

/** Index of the parenthesis that closes the one at `open`, or the end when none does. */
function groupEnd(all: readonly Token[], open: number): number {
  let depth = 0;
  for (let index = open; index < all.length; index += 1) {
    const text = all[index]?.text;
    if (text === '(') depth += 1;
    if (text === ')') depth -= 1;
    if (depth === 0) return index;
  }
  return all.length;
}

/** Steps over PostgreSQL's ONLY, which is no name there; to SQLite it is one, and then something else follows. */
export function takeOnly(cursor: Cursor): void {
  const next = cursor.peek(1);
  const isTable = next === undefined || !isName(next) || afterTable.some((word) => isWord(next, word));
  if (!isTable) cursor.takes('ONLY');
}

const afterTable = ['RENAME', 'ADD', 'DROP', 'ALTER', 'SET', 'WHERE', 'AS'];

/** Where the first of these words stands outside of parentheses; -1 for nowhere. */
export function topWord(all: readonly Token[], words: readonly string[]): number {
  for (const { token, depth, index: at } of withDepth(all))
    if (depth === 0 && words.some((word) => isWord(token, word))) return at;
  return -1;
}
