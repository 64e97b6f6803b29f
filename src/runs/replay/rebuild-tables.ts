import type { Engine } from '../../engines/engine.ts';
import { standsFor, type LeftTable } from '../../operations/situations/left-tables.ts';
import { foldName } from '../../sql/cursor.ts';
import { quoteName } from '../../sql/quote.ts';

/** The tables under names that rebuilds use on the way, with their rows and those of the tables they stand for. */
export async function readRebuildTables({ query }: Pick<Engine, 'query'>): Promise<readonly LeftTable[]> {
  // PostgreSQL changes a table where it is: nothing rebuilds one under another name.
  if (query.dialect === 'postgres') return [];
  const tables = await query({
    sql: `SELECT name FROM sqlite_schema WHERE type = 'table' AND EXISTS
      (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND ${isOnTheWay}) ORDER BY name`,
  });
  const names = tables.map(({ name }) => String(name));
  const found: LeftTable[] = [];
  for (const name of names.filter((name) => standsFor(name) !== name)) {
    const of = names.find((other) => foldName(other) === foldName(standsFor(name)));
    found.push({
      name,
      rows: await rowsIn(query, name),
      ...(of !== undefined && { of: { name: of, rows: await rowsIn(query, of) } }),
    });
  }
  return found;
}

const isOnTheWay = `(name LIKE '\\_\\_new\\_%' ESCAPE '\\' OR name LIKE '\\_\\_old\\_%' ESCAPE '\\')`;

async function rowsIn(query: Engine['query'], table: string): Promise<number> {
  const [row] = await query({ sql: `SELECT count(*) AS n FROM ${quoteName(table)}` });
  return Number(row?.['n'] ?? 0);
}
