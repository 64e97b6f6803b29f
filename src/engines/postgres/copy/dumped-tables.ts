import { nameInSchema } from '../../../sql/quote.ts';
import type { Query, Row } from '../../../sql/statement.ts';
import type { DumpedTable, SequenceValue } from './dump-file.ts';
import { baseType } from '../../../sql/postgres/base-type.ts';
import { isOfUsers } from '../own-objects.ts';

/** A table whose rows are copied: a partitioned one stands for its partitions. */
export interface SourceTable extends DumpedTable {
  readonly oid: number;
  /** Quoted, with its schema. */
  readonly quoted: string;
  /** The same for a statement about all its rows: without those of tables that inherit from it. */
  readonly all: string;
  /** Those that take values, in order. */
  readonly columns: readonly SourceColumn[];
  /** Of all its rows, in the order of `columns`. */
  readonly select: string;
}

export interface SourceColumn {
  readonly name: string;
  /** As PostgreSQL writes it, such as `character varying(40)`; of a domain, what it is made of. */
  readonly type: string;
}

/** All tables with rows of their own, by name. */
export async function readSourceTables(query: Query): Promise<readonly SourceTable[]> {
  const rows = await query({
    sql: `SELECT c.oid::int8 AS oid, n.nspname AS schema, c.relname AS name,
        CASE WHEN c.relkind = 'p' THEN '' ELSE 'ONLY ' END AS only, columns.list::text AS columns,
        format('%I.%I', n.nspname, c.relname) AS quoted
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      CROSS JOIN LATERAL (
        SELECT coalesce(json_agg(json_build_object('name', a.attname, 'quoted', quote_ident(a.attname),
            'type', ${baseType('a')}) ORDER BY a.attnum), '[]') AS list
        FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
      ) AS columns
      WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND ${isOfUsers('c')}
      ORDER BY n.nspname, c.relname`,
  });
  return rows.map(tableOf);
}

function tableOf(row: Row): SourceTable {
  const columns: readonly (SourceColumn & { readonly quoted: string })[] = JSON.parse(String(row['columns']));
  const names = columns.map(({ quoted }) => quoted).join(', ');
  const quoted = String(row['quoted']);
  return {
    oid: Number(row['oid']),
    name: nameInSchema(String(row['schema']), String(row['name'])),
    quoted,
    all: `${String(row['only'])}${quoted}`,
    columns: columns.map(({ name, type }) => ({ name, type })),
    // A table may have no column that takes a value: then its rows are empty lines.
    into: names === '' ? quoted : `${quoted} (${names})`,
    select: `SELECT ${names} FROM ${String(row['only'])}${quoted}`,
  };
}

/** Where every sequence stands now, which no transaction holds still. */
export async function readSequences(query: Query): Promise<readonly SequenceValue[]> {
  const found = await query({
    sql: `SELECT format('%I.%I', n.nspname, c.relname) AS sequence
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'S' AND ${isOfUsers('c')} ORDER BY 1`,
  });
  const names = found.map(({ sequence }) => String(sequence));
  const values: SequenceValue[] = [];
  for (let at = 0; at < names.length; at += 200) {
    const some = names.slice(at, at + 200);
    const each = some.map(
      (name, index) =>
        `SELECT ${index} AS at, last_value::text AS value, is_called::int AS called FROM ${name}`,
    );
    for (const row of await query({ sql: each.join(' UNION ALL ') })) {
      const sequence = some[Number(row['at'])];
      if (sequence === undefined) continue;
      values.push({ sequence, value: String(row['value']), isCalled: row['called'] === 1 });
    }
  }
  return values;
}
