import type { Engine } from '../../engines/engine.ts';
import type { ExecuteStep } from '../../operations/plan/step.ts';
import { unreachable } from '../../lib/unreachable.ts';

/**
 * Of the tables that a unit will count, those of PostgreSQL's schema `public` whose own name has a dot, such as
 * `"a.b"`: their names look like those of tables in a schema `a`. Asks only where one could be such a name.
 */
export async function dottedTables(
  { query }: Pick<Engine, 'query'>,
  { expectations }: Pick<ExecuteStep, 'expectations'>,
): Promise<ReadonlySet<string>> {
  const names = expectations?.tables.map(({ table }) => table).filter((name) => name.includes('.')) ?? [];
  if (names.length === 0) return new Set();
  switch (query.dialect) {
    case 'sqlite':
      return new Set();
    case 'postgres': {
      const found = await query({ sql: dottedQuery, args: [JSON.stringify([...new Set(names)])] });
      return new Set(found.map(({ name }) => String(name)));
    }
    default:
      return unreachable(query.dialect);
  }
}

// Where both tables are there, the one in the schema is meant: it is what the name looks like.
const dottedQuery = `
SELECT asked.name FROM json_array_elements_text($1::json) AS asked(name)
WHERE EXISTS (SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relname = asked.name AND c.relkind IN ('r', 'p'))
  AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname || '.' || c.relname = asked.name AND c.relkind IN ('r', 'p'))`;
