import type { Bookkeeping, Entry } from '../bookkeeping/bookkeeping.ts';
import type { Engine } from '../engines/engine.ts';
import type { OtherTable } from '../operations/two-tables.ts';
import { drizzleTable, readDrizzleBeside } from './drizzle-beside.ts';

/**
 * The records of other runners in a target that wrangler's table speaks for; those without any are left out. Somebody
 * who changed from one runner to another has both, and neither sees the other's records.
 */
export async function recordsBeside(
  engine: Pick<Engine, 'query'>,
  bookkeeping: Pick<Bookkeeping, 'kind' | 'table'>,
): Promise<readonly OtherTable[]> {
  // At the same time: a server answers both in one request.
  const [drizzle, numbers] = await Promise.all([
    readDrizzleBeside(engine, bookkeeping),
    readNumbersBeside(engine, bookkeeping),
  ]);
  const tables: readonly OtherTable[] = [
    { table: drizzleTable, by: 'drizzle', entries: drizzle },
    { table: numberedTable, by: 'numbers', entries: numbers },
  ];
  return tables.filter(({ entries }) => entries.length > 0);
}

/** The table that runners of numbered files keep by custom: `version`, `name`, `applied_at`. */
const numberedTable = '_migrations';

async function readNumbersBeside(
  { query }: Pick<Engine, 'query'>,
  { kind, table }: Pick<Bookkeeping, 'kind' | 'table'>,
): Promise<readonly Entry[]> {
  if (kind !== 'd1' || table === numberedTable) return [];
  const columns = await query({ sql: 'SELECT name FROM pragma_table_info(?)', args: [numberedTable] });
  const names = new Set(columns.map(({ name }) => String(name).toLowerCase()));
  // A table of that name with other columns is somebody else's.
  if (!names.has('version') || !names.has('name')) return [];
  const rows = await query({ sql: `SELECT version, name FROM ${numberedTable} ORDER BY version` });
  return rows.map(({ version, name }) => ({
    rowid: Number(version),
    hash: '',
    createdAt: 0,
    name: String(name),
  }));
}
