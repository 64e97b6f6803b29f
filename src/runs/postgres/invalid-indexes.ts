import type { Engine } from '../../engines/engine.ts';
import { isOfUsers } from '../../engines/postgres/own-objects.ts';
import type { Query } from '../../sql/statement.ts';

/**
 * Indexes that no query uses because their building did not end, as SQL names them; those of partitioned tables wait
 * for their parts and are none. https://www.postgresql.org/docs/current/sql-createindex.html
 */
export async function invalidIndexes(query: Query): Promise<readonly string[]> {
  const rows = await query({
    sql: `SELECT CASE WHEN n.nspname = 'public' THEN format('%I', c.relname) ELSE format('%I.%I', n.nspname, c.relname) END AS name
      FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE NOT i.indisvalid AND c.relkind = 'i' AND ${isOfUsers('c')} ORDER BY 1`,
  });
  return rows.map(({ name }) => String(name));
}

/**
 * The same also where the run was asked to stop, which ends every read: a unit is carried to its end. Undefined where
 * the database cannot be asked.
 */
export async function invalidIndexesNow(
  engine: Pick<Engine, 'unit'>,
): Promise<readonly string[] | undefined> {
  let found: readonly string[] | undefined;
  const { signal } = new AbortController();
  const outcome = await engine.unit(
    { foreignKeys: 'on', statements: [{ sql: 'SELECT 1', role: 'migration', number: 1 }] },
    { signal, afterStatement: async (_number, query) => void (found = await invalidIndexes(query)) },
  );
  return outcome.kind === 'committed' ? found : undefined;
}
