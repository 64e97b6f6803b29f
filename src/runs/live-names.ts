import type { LiveNames } from '../operations/diagnosis/traces-of.ts';
import { unreachable } from '../lib/unreachable.ts';
import { tablesToLookInto } from '../schema/tables-to-look-into.ts';
import type { Query } from '../sql/statement.ts';
import { postgresNames } from './postgres/live-names.ts';

/**
 * The names in a target's schema.
 *
 * @param condition an SQL expression: none are read unless it holds
 */
export async function readNames(query: Query, condition?: string): Promise<LiveNames> {
  switch (query.dialect) {
    case 'sqlite':
      return sqliteNames(query, condition);
    case 'postgres':
      return postgresNames(query, condition);
    default:
      return unreachable(query.dialect);
  }
}

async function sqliteNames(query: Query, condition = '1'): Promise<LiveNames> {
  const [objects, columns] = await Promise.all([
    query({ sql: `SELECT lower(type) AS type, lower(name) AS name FROM sqlite_schema WHERE ${condition}` }),
    query({
      sql: `SELECT lower(m.name) || '.' || lower(c.name) AS name FROM ${tablesToLookInto(condition)} AS m, pragma_table_info(m.name) AS c`,
    }),
  ]);
  return {
    tables: new Set(objects.flatMap(({ type, name }) => (type === 'table' ? [String(name)] : []))),
    others: new Set(
      objects.flatMap(({ type, name }) => (type === 'table' ? [] : [`${String(type)}:${String(name)}`])),
    ),
    columns: new Set(columns.map(({ name }) => String(name))),
  };
}
