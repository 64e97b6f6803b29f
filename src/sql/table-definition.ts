import { cursorOver, isName, isWord, splitAtCommas, type Cursor } from './cursor.ts';
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
  if (!cursor.takes('TEMP')) cursor.takes('TEMPORARY');
  if (!cursor.takes('TABLE')) return undefined;
  cursor.takes('IF', 'NOT', 'EXISTS');
  const table = cursor.qualifiedName();
  const parts = splitAtCommas(cursor.group() ?? []);
  if (!table || parts.length === 0) return undefined;
  const columns: ColumnDefinition[] = [];
  const constraints: TableConstraint[] = [];
  for (const part of parts.flatMap(apartConstraints)) {
    const constraint = tableConstraint(cursorOver(part));
    const column = constraint ? undefined : columnDefinition(cursorOver(part));
    if (constraint) constraints.push(constraint);
    else if (column) columns.push(column);
    else return undefined;
  }
  return { table: table.name, columns, constraints, options: tableOptions(cursor.rest()) };
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

function typeName(cursor: Cursor): string {
  const words: string[] = [];
  for (let next = cursor.peek(); next && isName(next) && !startsConstraint(next); next = cursor.peek()) {
    words.push(cursor.name() ?? '');
  }
  const size = words.length > 0 ? cursor.group() : undefined;
  return words.join(' ') + (size ? `(${size.map(({ text }) => text).join('')})` : '');
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
  if (cursor.takes('UNIQUE')) return { kind: 'unique', onConflict: onConflict(cursor) };
  if (cursor.takes('CHECK')) return check(cursor);
  if (cursor.takes('DEFAULT')) return { kind: 'default', value: defaultValue(cursor) };
  if (cursor.takes('COLLATE')) return { kind: 'collate', collation: cursor.name() ?? '' };
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
  return { kind: 'check', expression: cursor.group() ?? [], onConflict: onConflict(cursor) };
}

/** A literal, a signed number, a name, or what is inside the parentheses. */
function defaultValue(cursor: Cursor): readonly Token[] {
  const group = cursor.group();
  if (group) return group;
  const first = cursor.token();
  if (!first) return [];
  const second = first.text === '-' || first.text === '+' ? cursor.token() : undefined;
  return second ? [first, second] : [first];
}

function generated(cursor: Cursor): ColumnConstraint {
  cursor.takes('GENERATED', 'ALWAYS');
  cursor.takes('AS');
  const expression = cursor.group() ?? [];
  const stored = cursor.takes('STORED') ? 'STORED' : 'VIRTUAL';
  if (stored === 'VIRTUAL') cursor.takes('VIRTUAL');
  return { kind: 'generated', expression, stored };
}

function tableConstraint(cursor: Cursor): TableConstraint | undefined {
  if (cursor.takes('CONSTRAINT')) cursor.name();
  if (cursor.takes('PRIMARY', 'KEY')) return tableKey('primary-key', cursor);
  if (cursor.sees('UNIQUE', '(') && cursor.takes('UNIQUE')) return tableKey('unique', cursor);
  if (cursor.sees('CHECK', '(') && cursor.takes('CHECK')) return check(cursor);
  if (!cursor.takes('FOREIGN', 'KEY')) return undefined;
  const columns = (cursor.group() ?? []).filter(({ text }) => text !== ',').map(nameOf);
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
