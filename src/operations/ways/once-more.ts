import { classify } from '../../sql/classify.ts';
import { cursorOver, isWord, sameName, splitAtCommas, withDepth } from '../../sql/cursor.ts';
import type { StatementKind } from '../../sql/statement-kind.ts';
import { tableDefinition } from '../../sql/table-definition.ts';
import { meaningfulTokens, nameOf, type Token } from '../../sql/tokens.ts';
import type { Schema } from '../../schema/schema.ts';
import { leavesNothing } from '../diagnosis/diagnosis.ts';
import { triggersOn } from './triggers-on.ts';

/**
 * Whether a statement may run a second time without effect, so that it does not matter whether it ran. Told from its
 * text, and rather too seldom than too often.
 *
 * @param schema as it is before the statement
 */
export function mayRunAgain(sql: string, schema: Schema): boolean {
  const kind = classify(sql);
  if (leavesNothing(sql)) return true;
  switch (kind.kind) {
    case 'create-table':
    case 'create-index':
    case 'create-view':
    case 'create-trigger':
      return kind.ifNotExists;
    case 'drop-index':
    case 'drop-view':
    case 'drop-trigger':
      return kind.ifExists;
    case 'insert':
      return insertsOnce(sql, kind, schema);
    case 'update':
      return fillsGaps(sql, kind);
    case 'analyze':
    case 'reindex':
    case 'vacuum':
      return true;
    default:
      return false;
  }
}

type Insert = Extract<StatementKind, { kind: 'insert' }>;

/** Rows with their keys written out, which are left alone where they are there: a trigger would fire all the same. */
function insertsOnce(sql: string, kind: Insert, schema: Schema): boolean {
  if (kind.from || kind.upsert || triggersOn(schema, kind.table).length > 0) return false;
  if (kind.or !== 'ignore' && !doesNothingOnConflict(sql)) return false;
  const rows = valuesOf(sql);
  return keysOf(kind.table, schema).some((key) => {
    const places = key.map((column) => kind.columns.findIndex((name) => sameName(name, column)));
    return rows.length > 0 && rows.every((row) => places.every((place) => isLiteral(row[place])));
  });
}

/** Without the columns of one index or key, any conflict will do. */
function doesNothingOnConflict(sql: string): boolean {
  const words = meaningfulTokens(sql);
  return words.some(
    (token, at) =>
      isWord(token, 'ON') &&
      ['CONFLICT', 'DO', 'NOTHING'].every((word, ahead) => isWord(words[at + 1 + ahead], word)),
  );
}

/** What each row after VALUES gives, column by column. */
function valuesOf(sql: string): readonly (readonly (readonly Token[])[])[] {
  const all = meaningfulTokens(sql);
  const start = all.findIndex((token) => isWord(token, 'VALUES'));
  const rows: (readonly (readonly Token[])[])[] = [];
  const cursor = cursorOver(all.slice(start + 1));
  do {
    const row = cursor.group();
    if (row) rows.push(splitAtCommas(row));
  } while (cursor.takes(','));
  return start === -1 ? [] : rows;
}

function isLiteral(value: readonly Token[] | undefined): boolean {
  const [only, more] = value ?? [];
  return more === undefined && (only?.kind === 'string' || only?.kind === 'number' || only?.kind === 'blob');
}

/** The columns of every primary key and unique constraint that a table's own definition has. */
function keysOf(table: string, { objects }: Schema): readonly (readonly string[])[] {
  const found = objects.find(({ type, name }) => type === 'table' && sameName(name, table));
  const definition = found && tableDefinition(found.display);
  if (!definition) return [];
  const beside = definition.columns.flatMap(({ name, constraints }) =>
    constraints.some(({ kind }) => kind === 'primary-key' || kind === 'unique') ? [[name]] : [],
  );
  const below = definition.constraints.flatMap((constraint) =>
    constraint.kind === 'primary-key' || constraint.kind === 'unique'
      ? [constraint.columns.map(({ expression }) => expression.map(nameOf).join(''))]
      : [],
  );
  return [...beside, ...below];
}

type Update = Extract<StatementKind, { kind: 'update' }>;

/** One column is given a value where it has none: the rows that got one are not meant a second time. */
function fillsGaps(sql: string, { columns, or }: Update): boolean {
  const [column, another] = columns;
  if (column === undefined || another !== undefined || or === 'replace') return false;
  const top = [...withDepth(meaningfulTokens(sql))].flatMap(({ token, depth }) =>
    depth === 0 ? [token] : [],
  );
  const where = top.findIndex((token) => isWord(token, 'WHERE'));
  const set = top.findIndex((token) => isWord(token, 'SET'));
  if (
    where === -1 ||
    top.some((token) => ['OR', 'CASE', 'FROM', 'LIMIT'].some((word) => isWord(token, word)))
  )
    return false;
  const value = top.slice(set + 3, where);
  if (value.length === 1 && value.some((token) => isWord(token, 'NULL'))) return false;
  return conjuncts(top.slice(where + 1)).some(
    ([name, is, nothing, more]) =>
      name !== undefined &&
      more === undefined &&
      sameName(nameOf(name), column) &&
      isWord(is, 'IS') &&
      isWord(nothing, 'NULL'),
  );
}

function conjuncts(condition: readonly Token[]): readonly (readonly Token[])[] {
  const parts: Token[][] = [[]];
  for (const token of condition.filter(({ text }) => text !== ';')) {
    if (isWord(token, 'AND')) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}
