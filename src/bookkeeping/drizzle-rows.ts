import { MigrateError } from '../lib/errors.ts';
import { sha256 } from '../lib/hash.ts';
import type { Row, SqlValue } from '../sql/statement.ts';
import type { Entry } from './bookkeeping.ts';

/**
 * The columns of a table that Drizzle may have made, in lower case; none: no table.
 *
 * @param rows one per column
 * @throws MigrateError `migrations` for a table of somebody else
 */
export function columnsOf(
  table: string,
  rows: readonly Row[],
  needed: readonly string[],
  next: string,
): readonly string[] {
  const columns = rows.map(({ name }) => String(name).toLowerCase());
  const lacks = needed.filter((column) => !columns.includes(column));
  if (columns.length === 0 || lacks.length === 0) return columns;
  throw new MigrateError(
    'migrations',
    `Table ${table} is no tracking table of Drizzle: it has no column ${lacks.join(' and no column ')}`,
    { next },
  );
}

/** As drizzle-orm compares it: NULL counts as 0. */
export function createdAtOf(table: string, stored: SqlValue): number {
  const createdAt = stored instanceof Uint8Array ? NaN : Number(stored);
  if (Number.isFinite(createdAt)) return createdAt;
  throw new MigrateError('migrations', `Table ${table} has a row whose created_at is not a number`, {
    next: `Look at the table's rows; each should have the time of its migration in milliseconds since 1970.`,
  });
}

/** Without row numbers and times of applying: they differ between a rehearsal and the real thing. */
export function digestOf(entries: readonly Entry[]): string {
  const rows = entries.map(({ hash, createdAt, name }) => JSON.stringify([createdAt, hash, name ?? null]));
  return sha256(rows.toSorted().join('\n'));
}
