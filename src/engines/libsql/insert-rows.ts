import { quoteName, quoteText } from '../../sql/quote.ts';
import type { Query, Statement } from '../../sql/statement.ts';

/** INSERTs of some 100 kB each. The values are SQL literals made by SQLite: exact, whole REALs included. */
export async function insertsOf(table: string, read: Query): Promise<readonly Statement[]> {
  const columns = await insertableColumns(table, read);
  const literals = columns.map((column) => `quote(${column})`).join(` || ', ' || `);
  const rows = await read({ sql: `SELECT ${literals} AS literals FROM ${quoteName(table)}` });
  const start = `INSERT INTO ${quoteName(table)} (${columns.join(', ')}) VALUES `;
  const statements: Statement[] = [];
  let values: string[] = [];
  let length = 0;
  for (const { literals: row } of rows) {
    values.push(`(${String(row)})`);
    length += String(row).length;
    if (length < 100_000 && values.length < 500) continue;
    statements.push({ sql: start + values.join(', ') });
    values = [];
    length = 0;
  }
  return values.length > 0 ? [...statements, { sql: start + values.join(', ') }] : statements;
}

/** Its columns as SQL names, with the rowid where the table has one under a name of its own. */
export async function insertableColumns(table: string, read: Query): Promise<readonly string[]> {
  const info = await read({ sql: `PRAGMA table_xinfo(${quoteName(table)})` });
  const columns = info.filter(({ hidden }) => Number(hidden) === 0).map(({ name }) => String(name));
  const [listed] = await read({
    sql: `SELECT wr FROM pragma_table_list WHERE schema = 'main' AND name = ${quoteText(table)}`,
  });
  const taken = new Set(columns.map((column) => column.toLowerCase()));
  const rowid = ['rowid', '_rowid_', 'oid'].find((name) => !taken.has(name));
  const quoted = columns.map(quoteName);
  return Number(listed?.wr) === 1 || rowid === undefined ? quoted : [rowid, ...quoted];
}
