import type { Bookkeeping, Entry } from '../bookkeeping/bookkeeping.ts';
import { drizzleBookkeeping } from '../bookkeeping/drizzle.ts';
import type { Engine } from '../engines/engine.ts';
import type { Migration } from '../migrations/migration.ts';
import { compareTables, type TwoTables } from '../operations/two-tables.ts';

/** The table that drizzle-orm and drizzle-kit write by default. */
export const drizzleTable = '__drizzle_migrations';

/**
 * What Drizzle's own table says, in a target that wrangler's table speaks for; undefined when it is not there or empty.
 * Somebody who ran both tools has both, and neither sees the other's records.
 */
export async function drizzleBeside(
  { query }: Pick<Engine, 'query'>,
  {
    migrations,
    bookkeeping,
    entries,
  }: {
    readonly migrations: readonly Migration[];
    /** Told the target's columns. */
    readonly bookkeeping: Bookkeeping;
    readonly entries: readonly Entry[];
  },
): Promise<TwoTables | undefined> {
  if (bookkeeping.kind !== 'd1' || bookkeeping.table === drizzleTable) return undefined;
  const unshaped = drizzleBookkeeping({ format: 'drizzle-0', table: drizzleTable });
  const columns = await query(unshaped.shape);
  const names = new Set(columns.map(({ name }) => String(name).toLowerCase()));
  // A table of that name with other columns is somebody else's.
  if (!names.has('hash') || !names.has('created_at')) return undefined;
  const shaped = unshaped.withShape(columns);
  const records = shaped.parse(await query(shaped.read));
  if (records.length === 0) return undefined;
  return compareTables({ migrations, d1: { bookkeeping, entries }, drizzle: { entries: records } });
}
