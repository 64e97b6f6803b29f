import { leaseSchema } from '../../bookkeeping/lease-postgres.ts';
import { MigrateError } from '../../lib/errors.ts';
import { some } from '../../migrations/some.ts';
import { isOurs } from '../../schema/left-out.ts';
import { nameInSchema, quoteName, quoteQualified } from '../../sql/quote.ts';
import type { Query } from '../../sql/statement.ts';

/** A table of a PostgreSQL database whose rows belong to the project. */
export interface PostgresTable {
  /** Bare in the schema `public`, else `schema.name`. */
  readonly name: string;
  /** What stands after FROM to meet each of its rows once: a partitioned table with all its partitions. */
  readonly from: string;
  /** Stored columns; generated ones follow from these. */
  readonly columns: readonly PostgresColumn[];
  /** Of the primary key, in its order. */
  readonly key: readonly string[];
  /** The role that row security hides rows of it from, when that is ours. */
  readonly hiddenFrom: string | undefined;
  /** The role that may not read it, when that is ours. */
  readonly closedTo: string | undefined;
  /** What holds the rows: the table itself, or its partitions, wherever they hang. */
  readonly parts: readonly TablePart[];
}

export interface PostgresColumn {
  readonly name: string;
  /** The type's name in `pg_catalog`, below any domains; undefined for a type of the database's own. */
  readonly type: string | undefined;
}

export interface TablePart {
  readonly from: string;
  /** Blocks, where a scan can be bounded by them (https://www.postgresql.org/docs/14/release-14.html, TID range scans). */
  readonly blocks: number | undefined;
}

/**
 * The project's tables by name. Left out are those of extensions, the tracking table, our lease, what is temporary, and
 * foreign tables, whose rows are another server's.
 *
 * @param leaveOut configured tracking tables, bare or with their schema
 */
export async function postgresTables(
  query: Query,
  leaveOut: readonly string[] = [],
): Promise<readonly PostgresTable[]> {
  const rows = await query({ sql: tablesQuery });
  const left = new Set(leaveOut);
  return rows.flatMap((row): readonly PostgresTable[] => {
    const [schema, relation] = [String(row['schema']), String(row['relation'])];
    const name = nameInSchema(schema, relation);
    if (schema === leaseSchema || isOurs(relation) || left.has(relation) || left.has(name)) return [];
    const columns: readonly Column[] = JSON.parse(String(row['columns']));
    const parts: readonly Part[] = JSON.parse(String(row['parts']));
    const key: readonly string[] = JSON.parse(String(row['key']));
    return [
      {
        name,
        from: `${row['kind'] === 'p' ? '' : 'ONLY '}${quoteQualified(schema, relation)}`,
        columns: columns.map((column) => ({ name: column.name, type: column.type ?? undefined })),
        key,
        hiddenFrom: row['hidden'] === 1 ? String(row['role']) : undefined,
        closedTo: row['closed'] === 1 ? String(row['role']) : undefined,
        parts: parts.map((part) => ({
          from: `ONLY ${quoteQualified(part.schema, part.relation)}`,
          blocks: part.blocks ?? undefined,
        })),
      },
    ];
  });
}

/**
 * The tables of these names. A name as a statement writes it may be in other letters than the table's: PostgreSQL reads
 * what is not quoted in lower case.
 */
export function namedAmong<T extends { readonly name: string }>(
  tables: readonly T[],
  names: readonly string[],
): readonly T[] {
  const wanted = new Set([...names, ...names.map((name) => name.toLowerCase())]);
  return tables.filter(({ name }) => wanted.has(name));
}

/**
 * The same tables: what is counted of them is all there is.
 *
 * @throws MigrateError `refused` where a table may not be read, or row security would leave rows out without a word
 */
export function insistVisible(tables: readonly PostgresTable[]): readonly PostgresTable[] {
  const closed = tables.filter(({ closedTo }) => closedTo !== undefined);
  if (closed[0]?.closedTo !== undefined) throw mayNotRead(closed, closed[0].closedTo);
  for (const { name, hiddenFrom } of tables) {
    if (hiddenFrom === undefined) continue;
    throw new MigrateError(
      'refused',
      `The rows of ${name} cannot all be seen: its row security applies to the role ${hiddenFrom}.`,
      { next: `Connect as the owner of ${name}, or as a role with BYPASSRLS.` },
    );
  }
  return tables;
}

/** From 14 on one role has the right to read everything (https://www.postgresql.org/docs/14/predefined-roles.html). */
function mayNotRead(tables: readonly PostgresTable[], role: string): MigrateError {
  const to = quoteName(role);
  const quoted = tables.map(({ from }) => from.replace(/^ONLY /, ''));
  const these = quoted.length > 5 ? '' : `Let an owner run GRANT SELECT ON ${quoted.join(', ')} TO ${to}. `;
  return new MigrateError(
    'refused',
    `The role ${role} may not read ${some(tables.map(({ name }) => name))}: the right SELECT is missing.`,
    { next: `${these}GRANT pg_read_all_data TO ${to} gives it for all tables and sequences at once.` },
  );
}

interface Column {
  readonly name: string;
  readonly type: string | null;
}

interface Part {
  readonly schema: string;
  readonly relation: string;
  readonly blocks: number | null;
}

/** The name of a column's type, where it is the server's own; a domain is what it is made of. */
const baseType = `CASE t.typtype WHEN 'd' THEN (
    WITH RECURSIVE below AS (
      SELECT t.typbasetype AS oid
      UNION ALL SELECT d.typbasetype FROM below JOIN pg_catalog.pg_type d ON d.oid = below.oid WHERE d.typtype = 'd'
    )
    SELECT b.typname FROM below JOIN pg_catalog.pg_type b ON b.oid = below.oid
    WHERE b.typtype <> 'd' AND b.typnamespace = 'pg_catalog'::regnamespace)
  ELSE CASE WHEN t.typnamespace = 'pg_catalog'::regnamespace THEN t.typname END END`;

// A partition is counted with the table that it is a part of. `row_security_active` is false for owners, unless forced.
const tablesQuery = `
SELECT n.nspname::text AS schema, c.relname::text AS relation, c.relkind::text AS kind, current_user::text AS role,
  row_security_active(c.oid)::int AS hidden, (NOT has_any_column_privilege(c.oid, 'SELECT'))::int AS closed,
  (SELECT coalesce(json_agg(json_build_object('name', a.attname, 'type', ${baseType}) ORDER BY a.attnum), '[]')::text
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns,
  (SELECT coalesce(json_agg(a.attname ORDER BY k.at), '[]')::text
    FROM pg_catalog.pg_index i, unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, at), pg_catalog.pg_attribute a
    WHERE i.indrelid = c.oid AND i.indisprimary AND k.at <= i.indnkeyatts AND a.attrelid = c.oid AND a.attnum = k.attnum) AS key,
  (SELECT coalesce(json_agg(json_build_object('schema', pn.nspname, 'relation', p.relname, 'blocks',
      CASE WHEN am.amname = 'heap' AND current_setting('server_version_num')::int >= 140000
        THEN pg_relation_size(p.oid) / current_setting('block_size')::int END) ORDER BY pn.nspname, p.relname), '[]')::text
    FROM (SELECT c.oid AS oid UNION ALL SELECT relid FROM pg_partition_tree(c.oid) WHERE c.relkind = 'p' AND isleaf) AS part
    JOIN pg_catalog.pg_class p ON p.oid = part.oid
    JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace LEFT JOIN pg_catalog.pg_am am ON am.oid = p.relam
    WHERE p.relkind = 'r') AS parts
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
  AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
  AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d
    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY n.nspname, c.relname`;
