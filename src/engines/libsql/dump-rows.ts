import type { Row } from '@libsql/client/sqlite3';
import { quoteName } from '../../sql/quote.ts';
import type { SqlValue } from '../../sql/statement.ts';
import type { Ask, DumpTable } from './dump-source.ts';

/** What one answer of the server should weigh, in bytes. */
const pageBytes = 1 << 20;

/** The INSERT that takes one row of `pagesOf`, rowid included. */
export function insertInto(table: DumpTable): string {
  const names = selected(table);
  return `INSERT INTO ${quoteName(table.name)} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`;
}

/** The column of each value of a row; undefined: its rowid. */
export function namesIn({ keyIs, columns }: DumpTable): readonly (string | undefined)[] {
  return keyIs === 'rowid' ? [undefined, ...columns] : columns;
}

/** All rows of a table in the order of its key, a page of about a megabyte at a time. */
export async function* pagesOf(table: DumpTable, ask: Ask): AsyncGenerator<readonly SqlValue[][]> {
  const names = selected(table);
  const key = table.key.map(nameOf(table));
  const average = table.stats.bytes / Math.max(1, table.stats.rows);
  const limit = Math.min(5000, Math.max(1, Math.floor(pageBytes / (average + 1))));
  const start = `SELECT ${names.join(', ')} FROM ${quoteName(table.name)}`;
  const end = `ORDER BY ${key.join(', ')} LIMIT ${limit}`;
  const after = `WHERE (${key.join(', ')}) > (${key.map(() => '?').join(', ')})`;
  for (let last: SqlValue[] | undefined; ;) {
    const { rows } = last ? await ask(`${start} ${after} ${end}`, last) : await ask(`${start} ${end}`);
    const page = rows.map((row) => valuesOf(row, names.length));
    if (page.length > 0) yield page;
    const final = page.at(-1);
    if (final === undefined || page.length < limit) return;
    last = table.key.map((name) => final[names.indexOf(nameOf(table)(name))] ?? null);
  }
}

/** The columns in the order of a page's values: the rowid first, where there is one. */
function selected(table: DumpTable): readonly string[] {
  const columns = table.columns.map(quoteName);
  return table.keyIs === 'rowid' ? [...table.key, ...columns] : columns;
}

function nameOf({ keyIs }: DumpTable): (name: string) => string {
  // A quoted "rowid" would be taken for a text where a table has none.
  return keyIs === 'rowid' ? (name) => name : quoteName;
}

function valuesOf(row: Row, count: number): SqlValue[] {
  return Array.from({ length: count }, (_, index) => {
    const value = row[index] ?? null;
    return value instanceof ArrayBuffer ? new Uint8Array(value) : value;
  });
}
