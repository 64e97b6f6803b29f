import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Query } from '../../src/sql/statement.ts';

/**
 * A runner of numbered files as projects write their own: the table that is documented for them, every file whose number
 * it does not have, in the order of the numbers.
 */
export async function runNumbered(
  query: Query,
  folder: string,
  { table, create = createFor(query.dialect, table), now = Date.now() }: NumberedRun,
): Promise<readonly string[]> {
  await query({ sql: create });
  const applied = new Set(
    (await query({ sql: `SELECT version FROM ${table}` })).map(({ version }) => Number(version)),
  );
  const pending = readdirSync(folder)
    .filter((name) => /^\d+_\w+\.sql$/.test(name) && !applied.has(Number.parseInt(name, 10)))
    .toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
  for (const name of pending) {
    for (const sql of readFileSync(join(folder, name), 'utf8').split(';').slice(0, -1)) await query({ sql });
    const tag = name.replace(/\.sql$/, '');
    await query({
      sql: `INSERT INTO ${table} (version, name, applied_at) VALUES (${Number.parseInt(name, 10)}, '${tag}', ${now})`,
    });
  }
  return pending;
}

export interface NumberedRun {
  /** As SQL. */
  readonly table: string;
  /** How the table is made. */
  readonly create?: string;
  /** What it writes as the time. */
  readonly now?: number;
}

function createFor(dialect: Query['dialect'], table: string): string {
  const integer = dialect === 'sqlite' ? 'INTEGER' : 'BIGINT';
  return `CREATE TABLE IF NOT EXISTS ${table} (
  version ${integer} PRIMARY KEY,
  name TEXT NOT NULL,
  applied_at ${integer} NOT NULL
);`;
}
