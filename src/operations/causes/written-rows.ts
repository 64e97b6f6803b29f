import { classify } from '../../sql/classify.ts';
import {
  cursorOver,
  foldName,
  isName,
  isWord,
  objectName,
  sameName,
  splitAtCommas,
  withDepth,
} from '../../sql/cursor.ts';
import { meaningfulTokens, nameOf, type Token } from '../../sql/tokens.ts';
import { definitionOf, type Failure } from './failure.ts';
import { spellingOf, type Spelling } from './spelling.ts';

/** The rows that a statement would write, as SQL that reads them from what is there before it. */
export interface WrittenRows {
  /** `members`, or a common table expression's name. */
  readonly from: string;
  /** What stands before SELECT. */
  readonly prefix: string;
  /** The condition that the statement itself sets. */
  readonly only: string | undefined;
  /** The tables that are read. */
  readonly tables: readonly string[];
  /** What goes into this column; undefined where the statement gives none. */
  value(column: string): string | undefined;
}

/** For INSERT … SELECT, UPDATE and CREATE UNIQUE INDEX; undefined for others, and where reading the text is not enough. */
export function writtenRows(failure: Failure): WrittenRows | undefined {
  const sql = failure.sql ?? '';
  switch (classify(sql).kind) {
    case 'insert':
      return copied(failure, sql);
    case 'update':
      return updated(sql, spellingOf(failure.dialect));
    case 'create-index':
      return indexed(sql, spellingOf(failure.dialect));
    default:
      return undefined;
  }
}

/** `SELECT what FROM rows WHERE condition`, on one line. */
export function selectFrom({ from, prefix, only }: WrittenRows, what: string, condition: string): string {
  const where = only === undefined ? condition : `(${only}) AND ${condition}`;
  return `${prefix}SELECT ${what} FROM ${from} WHERE ${where}`;
}

function copied(failure: Failure, sql: string): WrittenRows | undefined {
  const cursor = cursorOver(sql);
  while (!cursor.atEnd && !cursor.takes('INTO')) cursor.token();
  const table = cursor.qualifiedName()?.name;
  const named = (cursor.group() ?? []).filter(({ text }) => text !== ',').map(nameOf);
  const query = cursor.rest();
  if (table === undefined || !(isWord(query[0], 'SELECT') || isWord(query[0], 'WITH'))) return undefined;
  if (query.some((token, at) => isWord(token, 'ON') && isWord(query[at + 1], 'CONFLICT'))) return undefined;
  const columns =
    named.length > 0 ? named : (definitionOf(failure, table)?.columns.map((column) => column.name) ?? []);
  if (columns.length === 0) return undefined;
  const spelling = spellingOf(failure.dialect);
  return (
    copiedFromOne(columns, query, { sql, ...spelling }) ?? throughName(columns, query, { sql, ...spelling })
  );
}

/** `SELECT a, b FROM t [WHERE …]`: the shortest way to name the rows. */
function copiedFromOne(
  columns: readonly string[],
  query: readonly Token[],
  { sql, said, table: tableName, meant }: Spelling & { readonly sql: string },
): WrittenRows | undefined {
  const parts = clauses(query, ['SELECT', 'FROM', 'WHERE']);
  const [items = [], from = [], where] = parts ?? [];
  const [table] = from;
  const isPlain = from.length === 1 && table !== undefined && isName(table) && !isWord(items[0], 'DISTINCT');
  const expressions = splitAtCommas(items);
  if (
    !isPlain ||
    expressions.length !== columns.length ||
    expressions.some((one) => one.at(-1)?.text === '*')
  )
    return undefined;
  const source = meant(nameOf(table), sql);
  return {
    from: tableName(source),
    prefix: '',
    only: where && said(where),
    tables: [source],
    value: (column) => {
      const expression = expressions[columns.findIndex((one) => sameName(one, column))];
      return expression && said(withoutAlias(expression));
    },
  };
}

function withoutAlias(expression: readonly Token[]): readonly Token[] {
  const alias = [...withDepth(expression)].find(({ token, depth }) => depth === 0 && isWord(token, 'AS'));
  return alias ? expression.slice(0, alias.index) : expression;
}

function throughName(
  columns: readonly string[],
  query: readonly Token[],
  { sql, said, name, meant }: Spelling & { readonly sql: string },
): WrittenRows {
  const kind = classify(sql);
  return {
    from: 'written',
    prefix: `WITH written(${columns.map((column) => name(meant(column, sql))).join(', ')}) AS (${said(query)}) `,
    only: undefined,
    tables: kind.kind === 'insert' ? (kind.from ?? []) : [],
    value: (column) => (columns.some((one) => sameName(one, column)) ? name(column) : undefined),
  };
}

function updated(sql: string, { said, name, table: tableName, meant }: Spelling): WrittenRows | undefined {
  const cursor = cursorOver(sql);
  cursor.takes('UPDATE');
  if (cursor.takes('OR')) cursor.token();
  const qualified = cursor.qualifiedName();
  const table = qualified && meant(objectName(qualified), sql);
  const parts = clauses(cursor.rest(), ['SET', 'WHERE']);
  const [assignments, where] = parts ?? [];
  if (table === undefined || !assignments) return undefined;
  const values = new Map<string, string>();
  for (const [column, equals, ...expression] of splitAtCommas(assignments)) {
    // `(a, b) = (…)` is left to people.
    if (!column || !isName(column) || equals?.text !== '=') return undefined;
    values.set(foldName(nameOf(column)), said(expression));
  }
  return {
    from: tableName(table),
    prefix: '',
    only: where && said(where),
    tables: [table],
    value: (column) => values.get(foldName(column)) ?? name(column),
  };
}

function indexed(sql: string, { said, name, table: tableName, meant }: Spelling): WrittenRows | undefined {
  const all = meaningfulTokens(sql.replace(/[\s;]+$/, ''));
  const on = all.findIndex((token) => isWord(token, 'ON'));
  const cursor = cursorOver(all.slice(on + 1));
  cursor.takes('ONLY');
  const qualified = cursor.qualifiedName();
  if (!qualified) return undefined;
  const table = meant(objectName(qualified), sql);
  const where = [...withDepth(all)].find(({ token, depth }) => depth === 0 && isWord(token, 'WHERE'));
  return {
    from: tableName(table),
    prefix: '',
    only: where && said(all.slice(where.index + 1)),
    tables: [table],
    value: name,
  };
}

/** What follows each of these words, in this order; undefined where another clause stands among them. */
function clauses(
  all: readonly Token[],
  words: readonly string[],
): readonly (readonly Token[] | undefined)[] | undefined {
  const found: (Token[] | undefined)[] = words.map(() => undefined);
  let at = -1;
  for (const { token, depth } of withDepth(all)) {
    const next = depth === 0 ? words.findIndex((word) => isWord(token, word)) : -1;
    if (next > at) {
      at = next;
      found[at] = [];
    } else if (next !== -1 || (depth === 0 && others.some((word) => isWord(token, word)))) return undefined;
    else if (at === -1) return undefined;
    else found[at]?.push(token);
  }
  return found;
}

const others = [
  'FROM',
  'GROUP',
  'HAVING',
  'ORDER',
  'LIMIT',
  'UNION',
  'INTERSECT',
  'EXCEPT',
  'WINDOW',
  'JOIN',
  'RETURNING',
  'SELECT',
  'VALUES',
];
