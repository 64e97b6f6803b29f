import { foldName } from '../../sql/cursor.ts';
import type { Query } from '../../sql/statement.ts';

/**
 * About how many rows tables of PostgreSQL have, by name in lower case, without reading one: what the planner goes
 * by, which is what ANALYZE counted, scaled by the size since. 0 only where a table holds nothing. Tables that are not
 * there are left out. The rules ask it, to be silent about small tables.
 *
 * @param tables as statements name them
 */
export async function estimatedRows(
  query: Query,
  tables: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (tables.length === 0) return new Map();
  const names = JSON.stringify([...new Set(tables.map(foldName))]);
  const rows = await query({ sql: estimates, args: [names] });
  return new Map(rows.map((row) => [String(row['name']), Math.round(Number(row['rows']))]));
}

// A partitioned table holds nothing itself. One that was never analysed (reltuples -1) is taken for rows of 100 bytes.
const estimates = `WITH named AS (
  SELECT c.oid, c.relkind,
    lower(CASE n.nspname WHEN 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END) AS name
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'm')
), held AS (
  SELECT named.name, l.reltuples, l.relpages, coalesce(pg_catalog.pg_relation_size(l.oid), 0) AS bytes
  FROM named
  LEFT JOIN LATERAL pg_catalog.pg_partition_tree(named.oid) AS t ON named.relkind = 'p'
  JOIN pg_catalog.pg_class AS l ON l.oid = coalesce(t.relid::oid, named.oid)
  WHERE named.name IN (SELECT pg_catalog.jsonb_array_elements_text($1::jsonb))
)
SELECT name, sum(CASE
    WHEN bytes = 0 THEN 0
    WHEN reltuples > 0 AND relpages > 0 THEN greatest(1, reltuples * (bytes / 8192.0) / relpages)
    ELSE ceil(bytes / 100.0)
  END)::float8 AS rows
FROM held
GROUP BY name`;
