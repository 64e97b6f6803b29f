import {
  check,
  columnDefinition,
  onConflict,
  type CheckConstraint,
  type ColumnDefinition,
  type OnConflict,
} from './column-definition.ts';
import { cursorOver, isWord, objectName, splitAtCommas, type Cursor } from './cursor.ts';
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
