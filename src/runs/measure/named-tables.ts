import { unreachable } from '../../lib/unreachable.ts';
import { isOurs, shadowTablesOf } from '../../schema/left-out.ts';
import { foldName } from '../../sql/cursor.ts';
import type { Query, Row } from '../../sql/statement.ts';
import { postgresTables } from '../postgres/tables.ts';

/** Names of the tables whose rows can be backed up and put back by themselves: not ours, not virtual, no records of migrations. */
export async function nameTables(query: Query, bookkeeping: string): Promise<readonly string[]> {
  switch (query.dialect) {
    case 'sqlite':
      return inSqlite(query, bookkeeping);
    case 'postgres':
      return (await postgresTables(query, [bookkeeping])).map(({ name }) => name);
    default:
      return unreachable(query.dialect);
  }
}

async function inSqlite(query: Query, bookkeeping: string): Promise<readonly string[]> {
  const objects = await query({
    sql: "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND type IN ('table', 'index') ORDER BY name",
  });
  return objects
    .filter(isPlainTable(objects))
    .map(({ name }) => String(name))
    .filter((name) => foldName(name) !== foldName(bookkeeping));
}

/** Not those that the engine, this program or a virtual table makes by itself. */
export function isPlainTable(objects: readonly Row[]): (row: Row) => boolean {
  const shadows = new Set(objects.flatMap(({ name, sql }) => shadowTablesOf(String(name), String(sql))));
  return ({ type, name, sql }) =>
    type === 'table' &&
    !String(name).startsWith('sqlite_') &&
    !isOurs(String(name)) &&
    !shadows.has(foldName(String(name))) &&
    !/^\s*CREATE\s+VIRTUAL\s/i.test(String(sql));
}
