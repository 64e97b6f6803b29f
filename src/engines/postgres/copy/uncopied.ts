import { quantity } from '../../../lib/numbers.ts';
import type { Query } from '../../../sql/statement.ts';
import { isOfUsers } from '../own-objects.ts';

/** Values that are there and that no COPY of a table brings, for people: `2 large objects`. */
export async function uncopiedIn(query: Query): Promise<readonly string[]> {
  const [row] = await query({
    sql: `SELECT (SELECT count(*) FROM pg_catalog.pg_largeobject_metadata)::int AS objects,
      (SELECT min(format('%I.%I', n.nspname, c.relname)) FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'f' AND c.relispartition AND ${isOfUsers('c')}) AS partition`,
  });
  const objects = Number(row?.['objects'] ?? 0);
  const partition = row?.['partition'];
  return [
    ...(objects > 0 ? [quantity(objects, 'large object')] : []),
    ...(typeof partition === 'string' ? [`the rows of ${partition}, which are on another server`] : []),
  ];
}
