import { leaseTable } from '../../bookkeeping/lease-sqlite.ts';
import type { DrizzleKit, KitConfig } from '../../project/drizzle-kit.ts';
import type { TargetDatabase } from '../workspace.ts';

/**
 * drizzle-kit drops what the schema does not have. 0.x would drop wrangler's records and our lock; 1.0 knows wrangler's, and
 * takes a table in as soon as one of several patterns fits it, so that it is given one alone. Where the project has patterns
 * of its own that name tables, ours are outside of them.
 */
export function keepTables(
  { version }: DrizzleKit,
  { says }: KitConfig,
  { database }: TargetDatabase,
): Readonly<Record<string, unknown>> {
  const given = says['tablesFilter'];
  const own: readonly unknown[] = given === undefined ? [] : Array.isArray(given) ? given : [given];
  const excludes = own.every((pattern) => typeof pattern === 'string' && /^(?:!|\*$)/.test(pattern));
  if (!excludes) return {};
  if (!version.startsWith('0.')) return own.length === 0 ? { tablesFilter: [`!${leaseTable}`] } : {};
  const kept = ['__drizzle_migrations', 'd1_migrations', database.table, leaseTable];
  return { tablesFilter: [...own, ...new Set(kept.map((table) => `!${table}`))] };
}
