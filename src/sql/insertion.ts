import { cursorOver, isWord, splitAtCommas, withDepth } from './cursor.ts';
import { nameOf, tokens, type Token } from './tokens.ts';

/** INSERT INTO table (columns) SELECT items FROM …, taken apart. */
export interface Copy {
  readonly table: string;
  /** As named; empty when the statement names none. */
  readonly columns: readonly string[];
  /** One for each column, in order. */
  readonly items: readonly CopiedItem[];
}

export type CopiedItem =
  /** A bare name. `quoted` with `"…"`: lenient builds read it as a string when there is no such column. */
  | { readonly kind: 'column'; readonly name: string; readonly quoted: boolean }
  | { readonly kind: 'star' }
  | { readonly kind: 'expression'; readonly tokens: readonly Token[] };

/** Reads a copy; undefined for other statements. */
export function copyOf(sql: string): Copy | undefined {
  const cursor = cursorOver(sql);
  if (!cursor.takes('INSERT')) return undefined;
  while (!cursor.atEnd && !cursor.takes('INTO')) cursor.token();
  const table = cursor.qualifiedName();
  const columns = (cursor.group() ?? []).filter(({ text }) => text !== ',').map(nameOf);
  if (!table || !cursor.takes('SELECT')) return undefined;
  if (!cursor.takes('DISTINCT')) cursor.takes('ALL');
  return { table: table.name, columns, items: splitAtCommas(beforeFrom(cursor.rest())).map(itemOf) };
}

/** The rows that INSERT … VALUES adds; undefined when something else decides that. Keeps no token, however many rows there are. */
export function insertedRows(sql: string): number | undefined {
  const cursor = cursorOver(sql);
  if (!cursor.takes('INSERT', 'INTO')) return undefined;
  cursor.qualifiedName();
  if (cursor.takes('AS')) cursor.name();
  cursor.group();
  if (cursor.takes('DEFAULT', 'VALUES')) return 1;
  const values = cursor.peek();
  if (!values || !cursor.takes('VALUES')) return undefined;
  let rows = 0;
  let depth = 0;
  for (const token of tokens(sql)) {
    if (token.offset <= values.offset) continue;
    if (depth === 0 && isWord(token, 'ON')) return undefined;
    if (depth === 0 && token.text === '(') rows += 1;
    if (token.text === '(') depth += 1;
    if (token.text === ')') depth -= 1;
  }
  return rows;
}

function beforeFrom(all: readonly Token[]): readonly Token[] {
  const taken: Token[] = [];
  for (const { token, depth } of withDepth(all)) {
    if (depth === 0 && isWord(token, 'FROM')) break;
    taken.push(token);
  }
  return taken;
}

function itemOf(tokens: readonly Token[]): CopiedItem {
  const alias = tokens.findIndex((token) => isWord(token, 'AS'));
  const said = alias === -1 ? tokens : tokens.slice(0, alias);
  if (said.at(-1)?.text === '*') return { kind: 'star' };
  const [first, dot, second] = said;
  const name = said.length === 3 && dot?.text === '.' ? second : said.length === 1 ? first : undefined;
  if (name?.kind !== 'word' && name?.kind !== 'quoted-name') return { kind: 'expression', tokens: said };
  const literal = name.kind === 'word' && ['NULL', 'TRUE', 'FALSE'].some((word) => isWord(name, word));
  if (literal) return { kind: 'expression', tokens: said };
  return { kind: 'column', name: nameOf(name), quoted: said.length === 1 && name.text.startsWith('"') };
}
