import { quoteName } from '../../sql/quote.ts';

/** A publication, as `publicationsText` asks for it. */
export interface PublicationRow {
  readonly sql: string;
  readonly owner: string;
  readonly ofAll: boolean;
  readonly published: readonly string[];
  readonly viaRoot: boolean;
  readonly tables: readonly PublishedTable[] | null;
  readonly schemas: readonly string[] | null;
}

interface PublishedTable {
  readonly sql: string;
  /** Where not all columns are published. */
  readonly columns: readonly string[] | null;
  readonly filter: string | null;
}

/**
 * What publishes the same again where tables were made anew: those that are dropped leave their publication. A
 * publication belongs to a server that others copy from, and is no part of a schema's meaning.
 */
export function publicationStatements(row: PublicationRow): readonly string[] {
  const actions = row.published.join(', ');
  const options = [`publish = '${actions}'`, ...(row.viaRoot ? ['publish_via_partition_root = true'] : [])];
  return [
    `DROP PUBLICATION IF EXISTS ${row.sql}`,
    `CREATE PUBLICATION ${row.sql}${publishes(row)} WITH (${options.join(', ')})`,
    `ALTER PUBLICATION ${row.sql} OWNER TO ${row.owner}`,
  ];
}

function publishes({ ofAll, tables, schemas }: PublicationRow): string {
  if (ofAll) return ' FOR ALL TABLES';
  const named = [
    ...(tables ?? []).map((table) => `TABLE ONLY ${publishedTable(table)}`),
    ...(schemas ?? []).map((schema) => `TABLES IN SCHEMA ${schema}`),
  ];
  return named.length === 0 ? '' : ` FOR ${named.join(', ')}`;
}

function publishedTable({ sql, columns, filter }: PublishedTable): string {
  return `${sql}${columns ? ` (${columns.map(quoteName).join(', ')})` : ''}${filter === null ? '' : ` WHERE (${filter})`}`;
}

// Column lists, filters and whole schemas came with version 15: they are asked for so that 14 understands the question.
export const publicationsText = `
  SELECT quote_ident(p.pubname) AS sql, p.pubowner::regrole::text AS owner, p.puballtables AS "ofAll", p.pubviaroot AS "viaRoot",
    array_remove(ARRAY[CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
      CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END], NULL) AS published,
    (SELECT json_agg(json_build_object('sql', r.prrelid::regclass::text,
        'columns', CASE WHEN to_jsonb(r) ->> 'prattrs' IS NOT NULL THEN to_jsonb(t) -> 'attnames' END,
        'filter', to_jsonb(t) ->> 'rowfilter') ORDER BY r.prrelid::regclass::text)
      FROM pg_catalog.pg_publication_rel r JOIN pg_catalog.pg_class c ON c.oid = r.prrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_catalog.pg_publication_tables t
          ON t.pubname = p.pubname AND t.schemaname = n.nspname AND t.tablename = c.relname
      WHERE r.prpubid = p.oid) AS tables,
    (SELECT json_agg(quote_ident(n.nspname) ORDER BY n.nspname) FROM pg_catalog.pg_depend a
        JOIN pg_catalog.pg_depend b ON b.classid = 6237 AND b.objid = a.objid AND b.refclassid = 2615
        JOIN pg_catalog.pg_namespace n ON n.oid = b.refobjid
      WHERE a.classid = 6237 AND a.refclassid = 6104 AND a.refobjid = p.oid) AS schemas
  FROM pg_catalog.pg_publication p ORDER BY p.pubname`;
