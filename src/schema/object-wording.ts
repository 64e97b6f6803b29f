import { cursorOver, isWord, splitAtCommas, withDepth, type Cursor } from '../sql/cursor.ts';
import { indexedColumn, tableDefinition } from '../sql/table-definition.ts';
import type { Token } from '../sql/tokens.ts';
import type { SchemaObject } from './schema.ts';
import { sayIndexedColumn, sayTable } from './table-wording.ts';
import { sayExpression, sayName, sayTokens, type Scope, type Style } from './wording.ts';

/** Says one object's CREATE statement in the given style. What is not understood is said token by token. */
export function sayObject(type: SchemaObject['type'], sql: string, style: Style): string {
  return saying[type]?.(sql, style) ?? sayTokens(cursorOver(sql).rest(), { style });
}

const saying: Readonly<
  Partial<Record<SchemaObject['type'], (sql: string, style: Style) => string | undefined>>
> = {
  table: (sql, style) => {
    const definition = tableDefinition(sql);
    return definition && sayTable(definition, style);
  },
  index: (sql, style) => sayIndex(cursorOver(sql), style),
  view: (sql, style) => sayView(cursorOver(sql), style),
  trigger: (sql, style) => sayTrigger(cursorOver(sql), style),
};

function sayIndex(cursor: Cursor, style: Style): string | undefined {
  cursor.takes('CREATE');
  const unique = cursor.takes('UNIQUE') ? 'UNIQUE ' : '';
  const name = takeName(cursor, 'INDEX');
  const table = cursor.takes('ON') ? cursor.name() : undefined;
  const columns = cursor.group();
  if (name === undefined || table === undefined || !columns) return undefined;
  const scope: Scope = { style, table };
  const parts = splitAtCommas(columns).map((part) => sayIndexedColumn(indexedColumn(part), scope));
  const where = cursor.takes('WHERE') ? ` WHERE ${sayExpression(cursor.rest(), scope)}` : '';
  return `CREATE ${unique}INDEX ${sayName(name, style)} ON ${sayName(table, style)} (${parts.join(', ')})${where}`;
}

function sayView(cursor: Cursor, style: Style): string | undefined {
  cursor.takes('CREATE');
  const name = takeName(cursor, 'VIEW');
  const columns = cursor.group();
  if (name === undefined || !cursor.takes('AS')) return undefined;
  const list = columns ? ` (${sayTokens(columns, { style })})` : '';
  return `CREATE VIEW ${sayName(name, style)}${list} AS\n${sayBody(cursor.rest(), style)}`;
}

function sayTrigger(cursor: Cursor, style: Style): string | undefined {
  cursor.takes('CREATE');
  const name = takeName(cursor, 'TRIGGER');
  if (name === undefined) return undefined;
  const event = sayEvent(cursor, style);
  const table = cursor.takes('ON') ? cursor.qualifiedName()?.name : undefined;
  if (event === undefined || table === undefined) return undefined;
  cursor.takes('FOR', 'EACH', 'ROW');
  const condition = cursor.takes('WHEN') ? takeUntil(cursor, 'BEGIN') : undefined;
  if (!cursor.takes('BEGIN')) return undefined;
  const when = condition ? `\nWHEN ${sayExpression(condition, { style })}` : '';
  const header = `CREATE TRIGGER ${sayName(name, style)} ${event} ON ${sayName(table, style)}${when}`;
  return `${header}\nBEGIN\n${sayBody(cursor.rest().slice(0, -1), style)}\nEND`;
}

/** Without a word for it, a trigger fires before. */
function sayEvent(cursor: Cursor, style: Style): string | undefined {
  const moment = cursor.takes('AFTER') ? 'AFTER' : cursor.takes('INSTEAD', 'OF') ? 'INSTEAD OF' : 'BEFORE';
  if (moment === 'BEFORE') cursor.takes('BEFORE');
  const event = (['DELETE', 'INSERT', 'UPDATE'] as const).find((word) => cursor.takes(word));
  if (!event) return undefined;
  if (!cursor.takes('OF')) return `${moment} ${event}`;
  const columns = splitAtCommas(takeUntil(cursor, 'ON')).map((part) => sayTokens(part, { style }));
  return `${moment} ${event} OF ${columns.sort().join(', ')}`;
}

function takeName(cursor: Cursor, what: string): string | undefined {
  if (!cursor.takes(what)) return undefined;
  cursor.takes('IF', 'NOT', 'EXISTS');
  return cursor.qualifiedName()?.name;
}

function takeUntil(cursor: Cursor, word: string): readonly Token[] {
  const taken: Token[] = [];
  while (!cursor.atEnd && !cursor.sees(word)) {
    const token = cursor.token();
    if (token) taken.push(token);
  }
  return taken;
}

/** Queries with a line for each clause, so that a difference is a line. */
function sayBody(all: readonly Token[], style: Style): string {
  const lines: Token[][] = [[]];
  for (const { token, depth } of withDepth(all)) {
    const starts = depth === 0 && lineStarts.some((word) => isWord(token, word));
    if (starts && lines.at(-1)?.length !== 0) lines.push([]);
    lines.at(-1)?.push(token);
    if (depth === 0 && token.text === ';') lines.push([]);
  }
  return lines
    .filter((line) => line.length > 0)
    .map((line) => `  ${sayTokens(line, { style })}`)
    .join('\n');
}

const lineStarts = [
  'FROM',
  'WHERE',
  'GROUP',
  'HAVING',
  'ORDER',
  'LIMIT',
  'UNION',
  'EXCEPT',
  'INTERSECT',
  'SET',
  'VALUES',
];
