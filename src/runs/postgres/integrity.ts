import { SqlError } from '../../engines/engine.ts';
import { quantity } from '../../lib/numbers.ts';
import { quoteName } from '../../sql/quote.ts';
import type { Query, Row } from '../../sql/statement.ts';

/** What was found out about the pages of a database. */
export interface IntegritySeen {
  /** One sentence part each; no values. */
  readonly damaged: readonly string[];
  /** What was looked at and what was not, for people. */
  readonly says: string;
}

/**
 * PostgreSQL has no check of a whole database that anybody may run. What there is: its count of pages that were read with
 * a wrong checksum, and the extension amcheck (https://www.postgresql.org/docs/18/amcheck.html), which is used where it
 * is installed and this role may. An invalid index is said and held against nobody: queries pass it over, and as a part
 * of the schema it is compared there.
 */
export async function lookAtPostgresIntegrity(query: Query): Promise<IntegritySeen> {
  const [state] = await query({ sql: stateQuery });
  const invalid = await query({ sql: invalidIndexes });
  const failures = state?.['failures'] ?? null;
  const indexes = await checkIndexes(query, state?.['amcheck'] ?? null);
  const wrong = Number(failures) > 0 ? [`${quantity(Number(failures), 'page')} had a wrong checksum`] : [];
  const says = [
    failures === null ? 'the server keeps no page checksums' : '0 wrong page checksums',
    indexes.says,
    ...notValid(invalid, 'i', 'not valid, and so not used', 'REINDEX INDEX builds it again'),
    // https://www.postgresql.org/docs/18/sql-alterindex.html: REINDEX only goes through the indexes that are attached.
    ...notValid(invalid, 'I', 'not on every partition', 'ALTER INDEX … ATTACH PARTITION for each'),
  ];
  return { damaged: [...wrong, ...indexes.damaged], says: says.join('; ') };
}

function notValid(found: readonly Row[], kind: 'i' | 'I', what: string, way: string): readonly string[] {
  const named = found.filter((row) => row['kind'] === kind).map(({ name }) => String(name));
  return named.length === 0 ? [] : [`${what}: ${named.join(', ')} (${way})`];
}

async function checkIndexes(query: Query, schema: unknown): Promise<IntegritySeen> {
  if (typeof schema !== 'string') {
    return { damaged: [], says: 'no index was read: amcheck is not installed, or not for this role' };
  }
  const indexes = await query({ sql: sortedIndexes });
  const damaged: string[] = [];
  for (const { id, name } of indexes) {
    try {
      await query({
        sql: `SELECT 1 AS one FROM ${quoteName(schema)}.bt_index_check(${String(id)}::regclass)`,
      });
    } catch (error) {
      if (!(error instanceof SqlError && damage.has(error.code))) throw error;
      damaged.push(`the index ${String(name)} is damaged`);
    }
  }
  return { damaged, says: `${quantity(indexes.length, 'B-tree index', 'B-tree indexes')} read by amcheck` };
}

/** https://www.postgresql.org/docs/18/errcodes-appendix.html: data_corrupted, index_corrupted. */
const damage = new Set(['XX001', 'XX002']);

const stateQuery = `
SELECT (SELECT checksum_failures FROM pg_catalog.pg_stat_database WHERE datname = current_database()) AS failures,
  (SELECT n.nspname::text FROM pg_catalog.pg_extension e
    JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.refobjid = e.oid
      AND d.classid = 'pg_catalog.pg_proc'::regclass AND d.deptype = 'e'
    JOIN pg_catalog.pg_proc p ON p.oid = d.objid AND p.proname = 'bt_index_check' AND p.pronargs = 1
    JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    WHERE e.extname = 'amcheck' AND has_function_privilege(p.oid, 'EXECUTE')) AS amcheck`;

const indexesWhere = (condition: string) => `
SELECT c.oid::text AS id, c.relkind::text AS kind, CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname AS name
FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_am am ON am.oid = c.relam
WHERE n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' AND c.relpersistence <> 't' AND ${condition}
ORDER BY 2`;

const invalidIndexes = indexesWhere('NOT (i.indisvalid AND i.indisready)');
const sortedIndexes = indexesWhere(
  "c.relkind = 'i' AND am.amname = 'btree' AND i.indisvalid AND i.indisready",
);
