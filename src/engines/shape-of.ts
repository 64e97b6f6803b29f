import { hashOf } from '../lib/hash.ts';
import { MigrateError, runAgain } from '../lib/errors.ts';
import type { Query } from '../sql/statement.ts';
import { shapeOfPostgres } from './postgres/shape.ts';

/**
 * A text that is another one when anything in the schema is: what was planned for a schema holds for no other.
 * SQLite's and Cloudflare's own objects are no part of it.
 */
export function shapeOf(
  objects: readonly { readonly type: unknown; readonly name: unknown; readonly sql: unknown }[],
): string {
  const texts = objects.map(({ type, name, sql }) => JSON.stringify([type, name, sql]));
  return hashOf(texts.toSorted());
}

/** @param prefix before the name of a table, such as `source.` of an attached database; of SQLite alone */
export async function readShape(query: Query, prefix = ''): Promise<string> {
  if (query.dialect === 'postgres') return shapeOfPostgres(query);
  const rows = await query({
    sql: `SELECT type, name, sql FROM ${prefix}sqlite_schema WHERE sql IS NOT NULL
      AND substr(name, 1, 4) <> '_cf_' AND substr(name, 1, 7) <> 'sqlite_'`,
  });
  return shapeOf(rows.map(({ type, name, sql }) => ({ type, name, sql })));
}

/** @throws MigrateError `target-changed` where the source is not what was planned for */
export function refuseOtherShape(found: string, planned: string | undefined, source: string): void {
  if (planned === undefined || found === planned) return;
  throw new MigrateError(
    'target-changed',
    `The schema of ${source} changed after it was read. Nothing was changed by this run.`,
    { next: runAgain },
  );
}
