import { leaseName } from '../../bookkeeping/lease-postgres.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { Database } from '../../project/project.ts';
import { isOurs } from '../../schema/left-out.ts';
import { nameInSchema } from '../../sql/quote.ts';
import type { Query } from '../../sql/statement.ts';

type Recorded = Pick<Database, 'table' | 'tableSchema'>;

/** The tables of records and locks that a database has, as a schema that is read would name them. */
export async function recordTables(query: Query, database: Recorded): Promise<readonly string[]> {
  switch (query.dialect) {
    case 'sqlite':
      return ofSqlite(query, database);
    case 'postgres':
      return ofPostgres(query, database);
    default:
      return unreachable(query.dialect);
  }
}

async function ofSqlite(query: Query, { table }: Recorded): Promise<readonly string[]> {
  const tables = await query({ sql: "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name" });
  return tables
    .map(({ name }) => String(name))
    .filter((name) => name === table || (/_migrat/.test(name) && isOurs(name)));
}

async function ofPostgres(query: Query, { table, tableSchema }: Recorded): Promise<readonly string[]> {
  const tables = await query({
    sql: `SELECT n.nspname::text AS schema, c.relname::text AS name
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname NOT LIKE 'pg\\_%' ORDER BY 1, 2`,
  });
  const own = [leaseName, nameInSchema(tableSchema ?? 'drizzle', table)];
  return tables
    .map(({ schema, name }) => nameInSchema(String(schema), String(name)))
    .filter((name) => own.includes(name) || name.endsWith('__drizzle_migrations'));
}
