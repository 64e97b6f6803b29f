import type { LiveNames } from '../../operations/diagnosis/traces-of.ts';
import type { Query } from '../../sql/statement.ts';

/**
 * As `liveNamesIn` has them of a schema that was read, only that nothing is left out: it is asked whether a name is
 * there, and a name that nobody asks about does no harm.
 */
export async function postgresNames(query: Query, condition = 'true'): Promise<LiveNames> {
  const rows = await query({ sql: namesOf(condition) });
  const ofKind = (kind: string) => rows.filter((row) => row['kind'] === kind);
  const names = (kind: string) => new Set(ofKind(kind).map(({ name }) => String(name).toLowerCase()));
  const invalid = new Set([...names('invalid-index')].map((name) => `index:${name}`));
  const others = rows.filter(({ kind }) => kind !== 'table' && kind !== 'column' && kind !== 'invalid-index');
  return {
    tables: names('table'),
    columns: names('column'),
    others: new Set(others.map(({ kind, name }) => `${String(kind)}:${String(name).toLowerCase()}`)),
    ...(invalid.size > 0 && { invalid }),
  };
}

const namesOf = (condition: string) => `WITH
ours AS (SELECT oid, nspname, CASE WHEN nspname = 'public' THEN '' ELSE nspname || '.' END AS prefix
  FROM pg_catalog.pg_namespace WHERE nspname <> 'information_schema' AND nspname !~ '^pg_' AND (${condition})),
relations AS (SELECT c.oid, c.relkind, c.relname, o.prefix || c.relname AS name,
    CASE WHEN c.relkind = 'i' AND NOT i.indisvalid THEN 'invalid-index' ELSE 'index' END AS index_kind
  FROM pg_catalog.pg_class AS c JOIN ours AS o ON o.oid = c.relnamespace LEFT JOIN pg_catalog.pg_index AS i ON i.indexrelid = c.oid)
SELECT CASE WHEN relkind IN ('r', 'p', 'f') THEN 'table' WHEN relkind IN ('i', 'I') THEN index_kind WHEN relkind = 'v' THEN 'view'
    WHEN relkind = 'm' THEN 'materialized-view' ELSE 'sequence' END AS kind, name::text AS name
  FROM relations WHERE relkind IN ('r', 'p', 'f', 'i', 'I', 'v', 'm', 'S')
UNION ALL
-- An index goes by its bare name where it is made, in the schema of its table.
SELECT index_kind, relname FROM relations WHERE relkind IN ('i', 'I')
UNION ALL
SELECT 'column', r.name || '.' || a.attname FROM relations AS r JOIN pg_catalog.pg_attribute AS a ON a.attrelid = r.oid
  WHERE r.relkind IN ('r', 'p', 'f') AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT 'trigger', t.tgname || ' on ' || r.name FROM relations AS r JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = r.oid WHERE NOT t.tgisinternal
UNION ALL
SELECT 'policy', p.polname || ' on ' || r.name FROM relations AS r JOIN pg_catalog.pg_policy AS p ON p.polrelid = r.oid
UNION ALL
-- Not the types of rows and of arrays, which come and go with what they are of.
SELECT 'type', o.prefix || t.typname FROM pg_catalog.pg_type AS t JOIN ours AS o ON o.oid = t.typnamespace
  LEFT JOIN pg_catalog.pg_class AS c ON c.oid = t.typrelid
  WHERE t.typelem = 0 AND (t.typrelid = 0 OR c.relkind = 'c')
UNION ALL
SELECT 'schema', nspname FROM ours`;
