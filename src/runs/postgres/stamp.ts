import { hashOf } from '../../lib/hash.ts';
import type { Query } from '../../sql/statement.ts';
import { insistVisible, postgresTables } from './tables.ts';

/**
 * Another text when a row of the project's tables was added, changed or removed: every row carries the transaction that
 * wrote it. One scan of each table, without its large values. Cheaper signs do not serve: the server's numbering of
 * transactions counts those of its other databases, the scratch databases of a rehearsal among them, and its statistics
 * are seconds behind.
 */
export async function stampOfPostgres(query: Query): Promise<string> {
  const seen: unknown[] = [];
  for (const { parts } of insistVisible(await postgresTables(query))) {
    for (const { from } of parts) {
      const [row] = await query({
        sql: `SELECT count(*)::text AS n, coalesce(sum(hashtextextended(xmin::text COLLATE "C", 0)), 0)::text AS writers FROM ${from}`,
      });
      seen.push([from, row?.['n'], row?.['writers']]);
    }
  }
  return `rows:${hashOf(seen)}`;
}
