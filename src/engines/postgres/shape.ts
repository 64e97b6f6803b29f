import { hashOf } from '../../lib/hash.ts';
import type { Query } from '../../sql/statement.ts';
import { baseType } from '../../sql/postgres/base-type.ts';
import { isOfUsers } from './own-objects.ts';

/** A text that is another one when tables or columns are others: what was planned for these holds for no other. */
export async function shapeOfPostgres(query: Query): Promise<string> {
  const rows = await query({
    sql: `SELECT n.nspname::text AS schema, c.relname::text AS "table", a.attname::text AS "column",
        ${baseType('a')} AS type, a.attnotnull::int AS required, a.attgenerated::text AS generated
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      WHERE c.relkind IN ('r', 'p') AND ${isOfUsers('c')}`,
  });
  return hashOf(rows.map((row) => JSON.stringify(row)).toSorted());
}
