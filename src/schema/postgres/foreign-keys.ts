import type { Query } from '../../sql/statement.ts';
import type { ForeignKey } from '../schema.ts';
import { actions } from './constraint.ts';
import { shownName } from './names.ts';

/** Every declared foreign key, one per constraint, bookkeeping and all; a part of a partitioned table has its parent's. */
export async function readPostgresForeignKeys(query: Query): Promise<readonly ForeignKey[]> {
  const [row] = await query({ sql: declared });
  const found: readonly DeclaredRow[] = JSON.parse(String(row?.['found']));
  return found.map(([schema, name, parentSchema, parent, columns, onDelete]) => ({
    table: shownName({ schema, name }),
    columns,
    parent: shownName({ schema: parentSchema, name: parent }),
    onDelete: actions[onDelete] ?? 'NO ACTION',
  }));
}

type DeclaredRow = readonly [
  schema: string,
  table: string,
  parentSchema: string,
  parent: string,
  columns: readonly string[],
  onDelete: string,
];

const declared = `SELECT coalesce(json_agg(json_build_array(n.nspname, c.relname, m.nspname, p.relname,
    (SELECT json_agg(a.attname ORDER BY u.place) FROM unnest(k.conkey) WITH ORDINALITY u (attnum, place)
      JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.attnum), k.confdeltype)
    ORDER BY n.nspname, c.relname, k.oid), '[]')::text AS found
  FROM pg_catalog.pg_constraint k
    JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_class p ON p.oid = k.confrelid JOIN pg_catalog.pg_namespace m ON m.oid = p.relnamespace
  WHERE k.contype = 'f' AND k.conparentid = 0 AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`;
