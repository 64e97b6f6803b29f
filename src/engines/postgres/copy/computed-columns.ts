import { nameInSchema } from '../../../sql/quote.ts';
import type { Query } from '../../../sql/statement.ts';
import { isOfUsers } from '../own-objects.ts';

/**
 * Stored columns that functions of the database's own generate, as `people.loud`. `COPY` brings no such value: whoever
 * fills the table has them computed by what those functions are by then. What the server's own functions generate comes
 * out the same and is not named; only what is not part of the server has a row in `pg_depend`.
 */
export async function computedColumns(query: Query): Promise<readonly ComputedColumn[]> {
  const rows = await query({
    sql: `SELECT n.nspname AS schema, c.relname AS name, a.attname AS column
      FROM pg_catalog.pg_attribute a
      JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE a.attgenerated = 's' AND NOT a.attisdropped AND NOT c.relispartition AND ${isOfUsers('c')}
        AND EXISTS (SELECT FROM pg_catalog.pg_depend p
          WHERE (p.classid = 'pg_catalog.pg_attrdef'::regclass AND p.objid = d.oid
              -- Before 15.
              OR p.classid = 'pg_catalog.pg_class'::regclass AND p.objid = c.oid AND p.objsubid = a.attnum)
            AND p.refclassid IN ('pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_operator'::regclass))
      ORDER BY 1, 2, a.attnum`,
  });
  return rows.map(({ schema, name, column }) => ({
    table: nameInSchema(String(schema), String(name)),
    column: String(column),
  }));
}

export interface ComputedColumn {
  /** As people call it. */
  readonly table: string;
  readonly column: string;
}
