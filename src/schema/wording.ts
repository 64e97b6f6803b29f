import { foldName, isWord } from '../sql/cursor.ts';
import { quoteName, quoteText } from '../sql/quote.ts';
import { nameOf, type Token } from '../sql/tokens.ts';

/**
 * How tokens become text again. `normal`: names in lower case, so that equal meaning is equal text.
 * `display`: names as written, keywords in capitals.
 */
export type Style = 'normal' | 'display';

/** What is known where an expression stands. */
export interface Scope {
  readonly style: Style;
  /** The table it belongs to: `users.age` inside it is `age`. */
  readonly table?: string;
  /** Its columns, in lower case. A double-quoted word that is none of them is a string to SQLite. */
  readonly columns?: ReadonlySet<string>;
}

/** An expression, one space between tokens where one is due; outer parentheses, which mean nothing, are dropped. */
export function sayExpression(all: readonly Token[], scope: Scope): string {
  return join(withoutOuterParentheses(all), scope);
}

/** Any tokens, in order, on one line. */
export function sayTokens(all: readonly Token[], scope: Scope): string {
  return join(all, scope);
}

/** A name, quoted only where SQLite needs it. */
export function sayName(name: string, style: Style): string {
  const spelled = style === 'normal' ? foldName(name) : name;
  return isPlain(name) ? spelled : quoteName(spelled);
}

/** Whether a token is a keyword that no bare name can be. */
function isReserved(token: Token | undefined): boolean {
  return token?.kind === 'word' && reserved.has(token.text.toUpperCase());
}

/** Stands between the words of a statement; `ends` says that no space follows. */
function join(all: readonly Token[], scope: Scope): string {
  let text = '';
  let before: Token | undefined;
  for (const [index, token] of all.entries()) {
    if (isOwnTable(all, index, scope)) continue;
    if (text !== '' && isSpaced(before, token)) text += ' ';
    text += say(all, index, scope);
    before = token;
  }
  return text;
}

/** Inside a table's own expressions `users.` before a column says nothing; a rebuild leaves it in or out. */
function isOwnTable(all: readonly Token[], index: number, { table }: Scope): boolean {
  if (table === undefined) return false;
  const start = all[index]?.text === '.' ? index - 1 : index;
  const name = all[start];
  if (!name || all[start + 1]?.text !== '.' || all[start - 1]?.text === '.') return false;
  return (name.kind === 'word' || name.kind === 'quoted-name') && foldName(nameOf(name)) === foldName(table);
}

function isSpaced(before: Token | undefined, token: Token): boolean {
  if (before === undefined || before.text === '(' || before.text === '.') return false;
  if (token.text === ',' || token.text === ')' || token.text === '.' || token.text === ';') return false;
  const call = token.text === '(' && (before.kind === 'word' || before.kind === 'quoted-name');
  return !call || isReserved(before);
}

function say(all: readonly Token[], index: number, scope: Scope): string {
  const token = all[index];
  if (!token) return '';
  switch (token.kind) {
    case 'word':
      return sayWord(token, scope.style);
    case 'quoted-name':
      return isMeantAsText(all, index, scope)
        ? quoteText(nameOf(token))
        : sayName(nameOf(token), scope.style);
    case 'number':
      return token.text.toLowerCase();
    case 'blob':
      return `x${token.text.slice(1).toUpperCase()}`;
    case 'symbol':
      return sameSymbols[token.text] ?? token.text;
    case 'string':
    case 'variable':
    case 'comment':
    case 'space':
      return token.text;
  }
}

function sayWord(token: Token, style: Style): string {
  if (style === 'normal') return foldName(token.text);
  return isReserved(token) || capitals.has(token.text.toUpperCase()) ? token.text.toUpperCase() : token.text;
}

/** Keywords that may be names too, but hardly ever are. */
const capitals = new Set(['BY', 'ASC', 'DESC', 'LIKE', 'END', 'CAST', 'USING', 'WITH']);

function isMeantAsText(all: readonly Token[], index: number, { columns }: Scope): boolean {
  const token = all[index];
  if (!columns || !token?.text.startsWith('"')) return false;
  if (all[index - 1]?.text === '.' || all[index + 1]?.text === '.' || all[index + 1]?.text === '(')
    return false;
  return !isWord(all[index - 1], 'COLLATE') && !columns.has(foldName(nameOf(token)));
}

function withoutOuterParentheses(all: readonly Token[]): readonly Token[] {
  if (all.length < 3 || all[0]?.text !== '(' || all.at(-1)?.text !== ')') return all;
  let depth = 0;
  for (const token of all.slice(0, -1)) {
    if (token.text === '(') depth += 1;
    if (token.text === ')') depth -= 1;
    if (depth === 0) return all;
  }
  return withoutOuterParentheses(all.slice(1, -1));
}

function isPlain(name: string): boolean {
  return /^[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*$/.test(name) && !reserved.has(name.toUpperCase());
}

const sameSymbols: Readonly<Record<string, string>> = { '==': '=', '<>': '!=' };

// https://www.sqlite.org/lang_keywords.html, without those that parse.y lets fall back to a name.
const reserved = new Set(
  (
    'ADD ALL ALTER AND AS AUTOINCREMENT BETWEEN CASE CHECK COLLATE COMMIT CONSTRAINT CREATE CURRENT_DATE CURRENT_TIME ' +
    'CURRENT_TIMESTAMP DEFAULT DEFERRABLE DELETE DISTINCT DROP ELSE ESCAPE EXCEPT EXISTS FALSE FOREIGN FROM GROUP ' +
    'HAVING IN INDEX INSERT INTERSECT INTO IS ISNULL JOIN LIMIT NOT NOTHING NOTNULL NULL ON OR ORDER PRIMARY ' +
    'REFERENCES RETURNING SELECT SET TABLE THEN TO TRANSACTION TRUE UNION UNIQUE UPDATE USING VALUES WHEN WHERE'
  ).split(' '),
);
