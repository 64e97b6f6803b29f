import type { Bookkeeping, Entry } from '../bookkeeping/bookkeeping.ts';
import { drizzleBookkeeping } from '../bookkeeping/drizzle.ts';
import type { Engine } from '../engines/engine.ts';

/** The table that drizzle-orm and drizzle-kit write by default. */
export const drizzleTable = '__drizzle_migrations';

/**
 * The records of Drizzle's own table, in a target that wrangler's table speaks for; none when it is not there or empty.
 * Somebody who ran both tools has both, and neither sees the other's records.
 */
export async function readDrizzleBeside(
  { query }: Pick<Engine, 'query'>,
  { kind, table }: Pick<Bookkeeping, 'kind' | 'table'>,
): Promise<readonly Entry[]> {
  if (kind !== 'd1' || table === drizzleTable) return [];
  const unshaped = drizzleBookkeeping({ format: 'drizzle-0', table: drizzleTable });
  const columns = await query(unshaped.shape);
  const names = new Set(columns.map(({ name }) => String(name).toLowerCase()));
  // A table of that name with other columns is somebody else's.
  if (!names.has('hash') || !names.has('created_at')) return [];
  const shaped = unshaped.withShape(columns);
  return shaped.parse(await query(shaped.read));
}
