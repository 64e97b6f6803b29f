import { cursorOver, isName, isWord, objectName, splitAtCommas, type Cursor } from './cursor.ts';
import { foreignKey, type ForeignKeyClause } from './foreign-key-clause.ts';
import { nameOf, type Token } from './tokens.ts';

/** CREATE TABLE taken apart, as written: nothing is folded, sorted or left out, except constraint names. */
export interface TableDefinition {
  readonly table: string;
  readonly columns: readonly ColumnDefinition[];
  readonly constraints: readonly TableConstraint[];
  /** `STRICT`, `WITHOUT ROWID`, upper case. */
  readonly options: readonly string[];
}

export interface ColumnDefinition {
  readonly name: string;
  /** As written, with one space between words; empty without a type. */
  readonly type: string;
  readonly constraints: readonly ColumnConstraint[];
}

/** What ON CONFLICT says, upper case. */
export type OnConflict = 'ROLLBACK' | 'ABORT' | 'FAIL' | 'IGNORE' | 'REPLACE';

export type ColumnConstraint =
  | { readonly kind: 'not-null'; readonly onConflict: OnConflict }
  | { readonly kind: 'null' }
  | {
      readonly kind: 'primary-key';
      readonly order: 'ASC' | 'DESC';
      readonly autoincrement: boolean;
      readonly onConflict: OnConflict;
    }
  | { readonly kind: 'unique'; readonly onConflict: OnConflict }
  | CheckConstraint
  | { readonly kind: 'default'; readonly value: readonly Token[] }
  | { readonly kind: 'collate'; readonly collation: string }
  | {
      readonly kind: 'generated';
      readonly expression: readonly Token[];
      readonly stored: 'STORED' | 'VIRTUAL';
    }
  /** PostgreSQL: the column's values come from a sequence of its own. */
  | { readonly kind: 'identity'; readonly always: boolean }
  | { readonly kind: 'references'; readonly clause: ForeignKeyClause };

export interface CheckConstraint {
  readonly kind: 'check';
  readonly expression: readonly Token[];
  readonly onConflict: OnConflict;
}

export interface KeyConstraint<Kind> {
  readonly kind: Kind;
  readonly columns: readonly IndexedColumn[];
  readonly autoincrement: boolean;
  readonly onConflict: OnConflict;
}

export type TableConstraint =
  | KeyConstraint<'primary-key'>
  | KeyConstraint<'unique'>
  | CheckConstraint
  | {
      readonly kind: 'foreign-key';
      readonly columns: readonly string[];
      readonly clause: ForeignKeyClause;
    };

/** A column, or an expression, of a key or index. */
export interface IndexedColumn {
  /** One name token for a plain column. */
  readonly expression: readonly Token[];
  readonly collation?: string;
  readonly order: 'ASC' | 'DESC';
}

/** Reads CREATE TABLE … ( … ); undefined for other statements, for AS SELECT, and for what SQLite would not take. */
export function tableDefinition(sql: string): TableDefinition | undefined {
  const cursor = cursorOver(sql);
  if (!cursor.takes('CREATE')) return undefined;
  if (!cursor.takes('TEMP') && !cursor.takes('TEMPORARY')) cursor.takes('UNLOGGED');
  if (!cursor.takes('TABLE')) return undefined;
  cursor.takes('IF', 'NOT', 'EXISTS');
  const table = cursor.qualifiedName();
  const parts = splitAtCommas(cursor.group() ?? []);
  if (!table || parts.length === 0) return undefined;
  const columns: ColumnDefinition[] = [];
  const constraints: TableConstraint[] = [];
  for (const part of parts.flatMap(apartConstraints)) {
    if (isOfPostgresAlone(part)) return undefined;
    const constraint = tableConstraint(cursorOver(part));
    const column = constraint ? undefined : columnDefinition(cursorOver(part));
    if (constraint) constraints.push(constraint);
    else if (column) columns.push(column);
    else return undefined;
  }
  return { table: objectName(table), columns, constraints, options: tableOptions(cursor.rest()) };
}

/** EXCLUDE and LIKE, which say nothing of columns that the text alone would tell. */
function isOfPostgresAlone([first, second]: readonly Token[]): boolean {
  if (isWord(first, 'LIKE')) return true;
  return isWord(first, 'EXCLUDE') && (isWord(second, 'USING') || isWord(second, '('));
}

/** Reads `name type constraints…`; undefined when something in it is not understood. */
export function columnDefinition(cursor: Cursor): ColumnDefinition | undefined {
  const name = cursor.name();
  if (name === undefined) return undefined;
  const type = typeName(cursor);
  const constraints: ColumnConstraint[] = [];
  while (!cursor.atEnd) {
    if (cursor.takes('CONSTRAINT')) cursor.name();
    else {
      const constraint = columnConstraint(cursor);
      if (!constraint) return undefined;
      constraints.push(constraint);
    }
  }
  return { name, type, constraints };
}

/** `ON CONFLICT …` when it comes next; ABORT, the default, otherwise. */
function onConflict(cursor: Cursor): OnConflict {
  if (!cursor.takes('ON', 'CONFLICT')) return 'ABORT';
  const conflicts = ['ROLLBACK', 'ABORT', 'FAIL', 'IGNORE', 'REPLACE'] as const;
  return conflicts.find((word) => cursor.takes(word)) ?? 'ABORT';
}

/**
 * Takes a type, as written, with one space between words; empty when none comes next.
 *
 * @param until a word that is no part of it
 */
export function typeName(cursor: Cursor, until?: string): string {
  const words: string[] = [];
  for (let next = cursor.peek(); next && isName(next) && !startsConstraint(next); next = cursor.peek()) {
    if (until !== undefined && isWord(next, until)) break;
    words.push(cursor.name() ?? '');
    if (cursor.takes('.')) words.push(`${words.pop() ?? ''}.${cursor.name() ?? ''}`);
  }
  const size = words.length > 0 ? cursor.group() : undefined;
  const sized = words.join(' ') + (size ? `(${size.map(({ text }) => text).join('')})` : '');
  return sized + timeZone(cursor) + dimensions(cursor);
}

function timeZone(cursor: Cursor): string {
  if (cursor.takes('WITH', 'TIME', 'ZONE')) return ' with time zone';
  return cursor.takes('WITHOUT', 'TIME', 'ZONE') ? ' without time zone' : '';
}

/** `[]`, `[3][]`, `ARRAY`. */
function dimensions(cursor: Cursor): string {
  if (cursor.takes('ARRAY')) return '[]';
  let found = '';
  while (cursor.takes('[')) {
    const size = cursor.peek()?.kind === 'number' ? cursor.token()?.text : '';
    cursor.takes(']');
    found += `[${size ?? ''}]`;
  }
  return found;
}

function startsConstraint(token: Token): boolean {
  return constraintWords.some((word) => isWord(token, word));
}

const constraintWords = [
  'CONSTRAINT',
  'PRIMARY',
  'NOT',
  'NULL',
  'UNIQUE',
  'CHECK',
  'DEFAULT',
  'COLLATE',
  'REFERENCES',
  'GENERATED',
  'AS',
];

function columnConstraint(cursor: Cursor): ColumnConstraint | undefined {
  if (cursor.takes('NOT', 'NULL')) return { kind: 'not-null', onConflict: onConflict(cursor) };
  if (cursor.takes('NULL')) {
    onConflict(cursor);
    return { kind: 'null' };
  }
  if (cursor.takes('PRIMARY', 'KEY')) return columnKey(cursor);
  if (cursor.takes('UNIQUE')) return { kind: 'unique', onConflict: nullsThen(cursor) };
  if (cursor.takes('CHECK')) return check(cursor);
  if (cursor.takes('DEFAULT')) return { kind: 'default', value: defaultValue(cursor) };
  if (cursor.takes('COLLATE')) return { kind: 'collate', collation: cursor.qualifiedName()?.name ?? '' };
  if (cursor.sees('GENERATED') || cursor.sees('AS')) return generated(cursor);
  const clause = foreignKey(cursor);
  return clause && { kind: 'references', clause };
}

function columnKey(cursor: Cursor): ColumnConstraint {
  const order = takeOrder(cursor);
  const conflict = onConflict(cursor);
  return { kind: 'primary-key', order, onConflict: conflict, autoincrement: cursor.takes('AUTOINCREMENT') };
}

function takeOrder(cursor: Cursor): 'ASC' | 'DESC' {
  if (cursor.takes('DESC')) return 'DESC';
  cursor.takes('ASC');
  return 'ASC';
}

function check(cursor: Cursor): CheckConstraint {
  const expression = cursor.group() ?? [];
  const checked = { kind: 'check', expression, onConflict: onConflict(cursor) } as const;
  cursor.takes('NO', 'INHERIT');
  return checked;
}

/** Steps over PostgreSQL's NULLS NOT DISTINCT. */
function nullsThen(cursor: Cursor): OnConflict {
  if (!cursor.takes('NULLS', 'NOT', 'DISTINCT')) cursor.takes('NULLS', 'DISTINCT');
  return onConflict(cursor);
}

/** What is inside the parentheses, or all up to the next constraint: a literal, a signed number, a name, `'a'::role`. */
function defaultValue(cursor: Cursor): readonly Token[] {
  const group = cursor.group();
  if (group && (cursor.atEnd || isConstraintNext(cursor))) return group;
  const value: Token[] = group ? [symbol('('), ...group, symbol(')')] : [];
  for (let depth = 0; !cursor.atEnd;) {
    if (depth === 0 && value.length > 0 && isConstraintNext(cursor)) break;
    const token = cursor.token();
    if (!token) break;
    if (token.text === '(' || token.text === '[') depth += 1;
    if (token.text === ')' || token.text === ']') depth -= 1;
    value.push(token);
  }
  return value;
}

const symbol = (text: string): Token => ({ kind: 'symbol', text, offset: 0, closed: true });

function isConstraintNext(cursor: Cursor): boolean {
  const token = cursor.peek();
  return token !== undefined && startsConstraint(token);
}

function generated(cursor: Cursor): ColumnConstraint {
  const byDefault = cursor.takes('GENERATED', 'BY', 'DEFAULT');
  if (!byDefault) cursor.takes('GENERATED', 'ALWAYS');
  cursor.takes('AS');
  if (cursor.takes('IDENTITY')) {
    cursor.group();
    return { kind: 'identity', always: !byDefault };
  }
  const expression = cursor.group() ?? [];
  const stored = cursor.takes('STORED') ? 'STORED' : 'VIRTUAL';
  if (stored === 'VIRTUAL') cursor.takes('VIRTUAL');
  return { kind: 'generated', expression, stored };
}

/** The names of a list in parentheses. */
export function namesIn(group: readonly Token[] | undefined): readonly string[] {
  return (group ?? []).filter(({ text }) => text !== ',').map(nameOf);
}

function tableConstraint(cursor: Cursor): TableConstraint | undefined {
  if (cursor.takes('CONSTRAINT')) cursor.name();
  if (cursor.takes('PRIMARY', 'KEY')) return tableKey('primary-key', cursor);
  if (cursor.sees('UNIQUE', '(') && cursor.takes('UNIQUE')) return tableKey('unique', cursor);
  if (cursor.sees('UNIQUE', 'NULLS') && cursor.takes('UNIQUE', 'NULLS')) {
    if (!cursor.takes('NOT', 'DISTINCT')) cursor.takes('DISTINCT');
    return tableKey('unique', cursor);
  }
  if (cursor.sees('CHECK', '(') && cursor.takes('CHECK')) return check(cursor);
  if (!cursor.takes('FOREIGN', 'KEY')) return undefined;
  const columns = namesIn(cursor.group());
  const clause = foreignKey(cursor);
  return clause && { kind: 'foreign-key', columns, clause };
}

function tableKey<Kind>(kind: Kind, cursor: Cursor): KeyConstraint<Kind> {
  const inside = [...(cursor.group() ?? [])];
  const autoincrement = isWord(inside.at(-1), 'AUTOINCREMENT');
  if (autoincrement) inside.pop();
  const columns = splitAtCommas(inside).map(indexedColumn);
  return { kind, columns, autoincrement, onConflict: onConflict(cursor) };
}

/** Reads `expression [COLLATE name] [ASC | DESC]`. */
export function indexedColumn(part: readonly Token[]): IndexedColumn {
  const left = [...part];
  const last = left.at(-1);
  const order = isWord(last, 'DESC') ? 'DESC' : 'ASC';
  if (left.length > 1 && (isWord(last, 'DESC') || isWord(last, 'ASC'))) left.pop();
  const name = left.at(-1);
  if (left.length < 3 || !isWord(left.at(-2), 'COLLATE') || !name) return { expression: left, order };
  return { expression: left.slice(0, -2), collation: nameOf(name), order };
}

/** SQLite lets table constraints follow each other without a comma: each begins at its own word. */
function apartConstraints(part: readonly Token[]): readonly (readonly Token[])[] {
  if (!tableWords.some((word) => isWord(part[0], word))) return [part];
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const [index, token] of part.entries()) {
    const named = isWord(part[index - 2], 'CONSTRAINT');
    const starts = depth === 0 && index > 0 && !named && tableWords.some((word) => isWord(token, word));
    if (starts) parts.push([]);
    parts.at(-1)?.push(token);
    if (token.text === '(') depth += 1;
    if (token.text === ')') depth -= 1;
  }
  return parts;
}

const tableWords = ['CONSTRAINT', 'PRIMARY', 'UNIQUE', 'CHECK', 'FOREIGN'];

function tableOptions(rest: readonly Token[]): readonly string[] {
  return splitAtCommas(rest).map((part) => part.map(({ text }) => text.toUpperCase()).join(' '));
}
