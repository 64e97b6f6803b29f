import { hashOf } from '../../lib/hash.ts';
import { quoteName } from '../../sql/quote.ts';
import type { Query } from '../../sql/statement.ts';

/** What a copy must have in common with what it was copied from. */
export interface Content {
  /** Hash over `sqlite_schema`. */
  readonly schema: string;
  readonly pages: number;
  /** Without virtual tables, whose rows are in tables of their own, and without SQLite's internal ones. */
  readonly tables: readonly TableRows[];
}

export interface TableRows {
  readonly table: string;
  readonly rows: number;
}

/** The lease of this program, which a backup carries but never as a live one. */
export const leaseTable = '__migrate_tui_lease';

/** Reads the content through a connection that is in a read transaction, or that nobody else writes to. */
export async function contentOf(query: Query): Promise<Content> {
  const schema = await query({
    sql: 'SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name',
  });
  const [counted] = await query({ sql: 'PRAGMA page_count' });
  const tables: TableRows[] = [];
  for (const { type, name, sql } of schema) {
    if (type !== 'table' || typeof name !== 'string' || name.startsWith('sqlite_')) continue;
    if (name === leaseTable || /^\s*CREATE\s+VIRTUAL\s/i.test(String(sql))) continue;
    const [count] = await query({ sql: `SELECT count(*) AS n FROM ${quoteName(name)}` });
    tables.push({ table: name, rows: Number(count?.n) });
  }
  return { schema: hashOf(schema), pages: Number(counted?.page_count), tables };
}

/** One sentence for each thing that differs; empty when the copy is true. Pages are compared only by who copies pages. */
export function differencesOf(source: Content, copy: Content): readonly string[] {
  const found: string[] = [];
  if (source.schema !== copy.schema) found.push('the schema differs');
  const rows = new Map(copy.tables.map(({ table, rows: count }) => [table, count]));
  for (const { table, rows: expected } of source.tables) {
    const count = rows.get(table);
    if (count === undefined) found.push(`table ${table} is missing`);
    else if (count !== expected) found.push(`table ${table} has ${count} rows instead of ${expected}`);
  }
  return found;
}

/** Undefined when the file is sound, else the first thing that `quick_check` says. */
export async function damageOf(query: Query): Promise<string | undefined> {
  const [first] = await query({ sql: 'PRAGMA quick_check(1)' });
  const says = String(Object.values(first ?? {})[0]);
  return says === 'ok' ? undefined : says;
}
