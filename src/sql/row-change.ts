import { cursorOver, isWord, objectName, takeOnly, withDepth, type Cursor } from './cursor.ts';
import { sourceTables } from './sources.ts';
import { unknown, type StatementKind } from './statement-kind.ts';
import { nameOf, type Token } from './tokens.ts';

/**
 * What a statement does to rows; undefined where it is none of INSERT, UPDATE, DELETE and their like.
 *
 * @param common the names that WITH made, which are no tables
 */
export function rowChange(cursor: Cursor, common: readonly string[]): StatementKind | undefined {
  if (cursor.takes('INSERT')) return insertion(cursor, conflictOf(cursor), common);
  if (cursor.takes('REPLACE')) return insertion(cursor, 'replace', common);
  if (cursor.takes('UPDATE')) return updating(cursor);
  if (cursor.takes('MERGE', 'INTO')) return merging(cursor);
  if (!cursor.takes('DELETE', 'FROM')) return undefined;
  takeOnly(cursor);
  const table = cursor.qualifiedName();
  return table ? { kind: 'delete', table: objectName(table), where: reach(cursor.rest()) } : unknown;
}

function merging(cursor: Cursor): StatementKind {
  takeOnly(cursor);
  const table = cursor.qualifiedName();
  return table ? { kind: 'merge', table: objectName(table) } : unknown;
}

type Conflict = 'replace' | 'ignore' | 'abort' | 'fail' | 'rollback';
const conflicts: readonly Conflict[] = ['replace', 'ignore', 'abort', 'fail', 'rollback'];

function conflictOf(cursor: Cursor): Conflict | undefined {
  return conflicts.find((word) => cursor.takes('OR', word));
}

function insertion(cursor: Cursor, or: Conflict | undefined, common: readonly string[]): StatementKind {
  cursor.takes('INTO');
  const table = cursor.qualifiedName();
  if (!table) return unknown;
  if (cursor.takes('AS')) cursor.name();
  const columns = startsReading(cursor.peek(1))
    ? []
    : (cursor.group() ?? []).filter(({ text }) => text !== ',').map(nameOf);
  if (!cursor.takes('OVERRIDING', 'SYSTEM', 'VALUE')) cursor.takes('OVERRIDING', 'USER', 'VALUE');
  const rest = cursor.rest();
  const reads = startsReading(rest.find(({ text }) => text !== '('));
  const upsert = rest.some((token, at) => isWord(token, 'DO') && isWord(rest[at + 1], 'UPDATE'));
  const from = reads ? { from: sourceTables(rest, common) } : {};
  return { kind: 'insert', table: objectName(table), columns, upsert, ...from, ...(or && { or }) };
}

const startsReading = (token: Token | undefined) => isWord(token, 'SELECT') || isWord(token, 'WITH');

function updating(cursor: Cursor): StatementKind {
  const or = conflictOf(cursor);
  takeOnly(cursor);
  const table = cursor.qualifiedName();
  if (!table) return unknown;
  while (!cursor.atEnd && !cursor.takes('SET')) cursor.token();
  const rest = cursor.rest();
  return {
    kind: 'update',
    table: objectName(table),
    columns: assigned(rest),
    where: reach(rest),
    ...(or && { or }),
  };
}

/** The columns on the left of SET's assignments: `a = 1, (b, c) = (…)`. */
function assigned(rest: readonly Token[]): readonly string[] {
  const columns: string[] = [];
  let start = true;
  for (const { token, depth, index } of withDepth(rest)) {
    if (depth === 0 && ['WHERE', 'FROM', 'RETURNING', 'ORDER', 'LIMIT'].some((word) => isWord(token, word)))
      break;
    if (depth === 0 && start && token.text === '(') {
      const names = cursorOver(rest.slice(index)).group() ?? [];
      columns.push(...names.filter(({ text }) => text !== ',').map(nameOf));
    } else if (depth === 0 && start) columns.push(nameOf(token));
    if (depth === 0) start = token.text === ',';
  }
  return columns;
}

/** `all` when nothing narrows the rows: no WHERE and no LIMIT, or a WHERE that is a constant truth. */
function reach(rest: readonly Token[]): 'all' | 'some' {
  const top = [...withDepth(rest)].filter(({ depth }) => depth === 0).map(({ token }) => token);
  if (top.some((token) => isWord(token, 'LIMIT'))) return 'some';
  const where = top.findIndex((token) => isWord(token, 'WHERE'));
  if (where === -1) return 'all';
  const condition = top.slice(where + 1).map(({ text }) => text.toUpperCase());
  return ['1', 'TRUE', '1 = 1', '1 == 1'].includes(condition.join(' ')) ? 'all' : 'some';
}
