import { maskedType } from '../../sql/postgres/masked-types.ts';
import { ownSchema } from '../../sql/postgres/own-schema.ts';
import { baseType } from '../../sql/postgres/base-type.ts';
import { nameInSchema } from '../../sql/quote.ts';
import type { Query, Row } from '../../sql/statement.ts';
import type { ColumnStructure, Reference, Structure, TableStructure } from '../structure.ts';

/** Reads the structure of a PostgreSQL database in three questions: a partitioned table stands for its partitions. */
export async function readPostgresStructure(
  query: Query,
  bookkeeping: readonly string[],
): Promise<Structure> {
  const [columns, references, feeds] = await Promise.all([
    query({ sql: columnsText }),
    query({ sql: referencesText }),
    query({ sql: feedsText }),
  ]);
  const left = new Set(bookkeeping);
  const isShown = (name: string) => !left.has(name) && !name.startsWith(`${ownSchema}.`);
  const byTable = Map.groupBy(columns, (row) => nameInSchema(String(row['schema']), String(row['table'])));
  const tables = [...byTable]
    .filter(([name]) => isShown(name))
    .map(([name, rows]) => tableOf(name, rows, feeds));
  return { tables, references: references.map(referenceOf).filter(({ table }) => isShown(table)) };
}

function tableOf(name: string, rows: readonly Row[], feeds: readonly Row[]): TableStructure {
  const bare = name.slice(name.lastIndexOf('.') + 1);
  return {
    name,
    kind: 'table',
    fullText: undefined,
    columns: rows.filter((row) => row['column'] !== null).map(columnOf),
    fedBy: feeds
      .filter((row) => wordsIn(String(row['source'])).has(bare.toLowerCase()))
      .map((row) => nameInSchema(String(row['schema']), String(row['table'])))
      .filter((from) => from !== name),
  };
}

function columnOf(row: Row): ColumnStructure {
  const from: readonly string[] | null = JSON.parse(String(row['computedFrom']));
  const type = String(row['type']);
  return {
    name: String(row['column']),
    type,
    key: row['isKey'] === 1 ? 'primary' : 'none',
    mayBeNull: row['required'] !== 1,
    computedFrom: from ?? undefined,
    ...(maskedType(type) ? {} : { hasNoHash: `its type ${type} has no value that would say nothing` }),
  };
}

function referenceOf(row: Row): Reference {
  const columns: Reference['columns'] = JSON.parse(String(row['columns']));
  return {
    table: nameInSchema(String(row['schema']), String(row['table'])),
    parent: nameInSchema(String(row['parentSchema']), String(row['parent'])),
    columns,
  };
}

/** A function is a text in any language: a table that it writes to stands there by its name. */
function wordsIn(source: string): ReadonlySet<string> {
  return new Set(source.toLowerCase().match(/[\p{L}\p{N}_$]+/gu));
}

const ofUsers = `n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'p')
  AND NOT c.relispartition AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
    WHERE e.classid = 'pg_catalog.pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')`;

const columnsText = `SELECT n.nspname::text AS schema, c.relname::text AS "table", a.attname::text AS "column",
    CASE WHEN a.attnum IS NULL THEN NULL ELSE ${baseType('a')} END AS type, a.attnotnull::int AS required,
    EXISTS (SELECT FROM pg_catalog.pg_index i
      WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY (i.indkey))::int AS "isKey",
    (CASE WHEN a.attgenerated = '' THEN 'null'::json ELSE (
      SELECT coalesce(json_agg(f.attname ORDER BY f.attnum), '[]') FROM pg_catalog.pg_depend d
      JOIN pg_catalog.pg_attribute f ON f.attrelid = c.oid AND f.attnum = d.refobjsubid
      WHERE d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = c.oid AND d.refobjsubid <> a.attnum
        AND (d.classid = 'pg_catalog.pg_attrdef'::regclass
            AND d.objid IN (SELECT x.oid FROM pg_catalog.pg_attrdef x WHERE x.adrelid = c.oid AND x.adnum = a.attnum)
          -- Before 15.
          OR d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.objsubid = a.attnum)
    ) END)::text AS "computedFrom"
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  WHERE ${ofUsers} ORDER BY n.nspname, c.relname, a.attnum`;

const referencesText = `SELECT n.nspname::text AS schema, c.relname::text AS "table",
    pn.nspname::text AS "parentSchema", p.relname::text AS parent,
    (SELECT json_agg(json_build_object('from', f.attname, 'to', t.attname) ORDER BY key.at)
      FROM unnest(k.conkey, k.confkey) WITH ORDINALITY AS key(child, parent, at)
      JOIN pg_catalog.pg_attribute f ON f.attrelid = k.conrelid AND f.attnum = key.child
      JOIN pg_catalog.pg_attribute t ON t.attrelid = k.confrelid AND t.attnum = key.parent)::text AS columns
  FROM pg_catalog.pg_constraint k
  JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_class p ON p.oid = k.confrelid JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
  WHERE k.contype = 'f' AND k.conparentid = 0 AND ${ofUsers} ORDER BY n.nspname, c.relname, k.conname`;

const feedsText = `SELECT n.nspname::text AS schema, c.relname::text AS "table", f.prosrc AS source
  FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_proc f ON f.oid = t.tgfoid
  JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND ${ofUsers}`;
