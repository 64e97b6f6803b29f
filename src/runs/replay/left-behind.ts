import { MigrateError } from '../../lib/errors.ts';
import type { KeptTable, LeftInSqlite } from '../../operations/squash/text.ts';
import { readForeignKeys } from '../../schema/foreign-keys.ts';
import { shadowTablesOf } from '../../schema/left-out.ts';
import type { Schema } from '../../schema/schema.ts';
import { classify } from '../../sql/classify.ts';
import { foldName } from '../../sql/cursor.ts';
import { quoteName, quoteText } from '../../sql/quote.ts';
import { breakpointMarker } from '../../sql/split.ts';
import type { Query } from '../../sql/statement.ts';
import { measuredTables, type MeasuredTable } from '../measure/measured-tables.ts';
import type { ReplayBase } from './replay-points.ts';

/**
 * Everything that a scratch database holds, exact to storage classes and rowids.
 *
 * @throws MigrateError `refused` for what cannot be read back out of a database
 */
export async function leftInSqlite(base: ReplayBase, bookkeeping: string): Promise<LeftInSqlite> {
  const { query } = base;
  const schema = await base.schema();
  const tables: KeptTable[] = [];
  for (const table of await measuredTables(query, [bookkeeping])) {
    if (isShadow(table.name, schema)) continue;
    tables.push(
      table.kind === 'virtual' ? await virtualTable(base, table, schema) : await plainTable(query, table),
    );
  }
  return {
    dialect: 'sqlite',
    schema,
    foreignKeys: await readForeignKeys(query),
    tables,
    sequences: await sequencesIn(query, tables),
    pragmas: await pragmasIn(query),
  };
}

function isShadow(name: string, { objects }: Schema): boolean {
  return objects.some((object) => shadowTablesOf(object.name, object.display).includes(foldName(name)));
}

async function plainTable(query: Query, { name, columns, key }: MeasuredTable): Promise<KeptTable> {
  const [rowid] = key;
  const hasRowid =
    rowid !== undefined && !columns.includes(rowid) && (await followsFromColumns(query, name)) === 'no';
  const read = hasRowid ? [rowid, ...columns] : columns;
  const rows = await rowsOf(query, { name, columns: read, key });
  // Rows that count from 1 get the same numbers again.
  const counts = hasRowid && rows.every(([number], index) => number === String(index + 1));
  return counts
    ? { name, columns, rows: rows.map((row) => row.slice(1)), how: 'inserted' }
    : { name, columns: read, rows, how: 'inserted' };
}

/** Whether the rowid is one of the columns: an INTEGER PRIMARY KEY. */
async function followsFromColumns(query: Query, table: string): Promise<'yes' | 'no'> {
  const keys = await query({ sql: 'SELECT type FROM pragma_table_info(?) WHERE pk > 0', args: [table] });
  return keys.length === 1 && foldName(String(keys[0]?.['type'])) === 'integer' ? 'yes' : 'no';
}

/** A full-text index over another table is made anew from that; what others store is read like rows. */
async function virtualTable(base: ReplayBase, { name }: MeasuredTable, schema: Schema): Promise<KeptTable> {
  const display = schema.objects.find((one) => one.type === 'table' && one.name === name)?.display ?? '';
  const kind = classify(display);
  const module = kind.kind === 'create-virtual-table' ? foldName(kind.module) : '';
  const visible = await base.query({
    sql: 'SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0',
    args: [name],
  });
  const columns = visible.map((row) => String(row['name']));
  if (module !== 'fts5') {
    const key = module.startsWith('fts') ? ['rowid'] : [];
    return {
      name,
      columns: [...key, ...columns],
      rows: await rowsOf(base.query, { name, columns: [...key, ...columns], key }),
      how: 'inserted',
    };
  }
  const content = /\bcontent\s*=\s*("[^"]*"|'[^']*'|[^\s,)]+)/i.exec(display)?.[1];
  if (content === undefined) {
    const read = ['rowid', ...columns];
    return {
      name,
      columns: read,
      rows: await rowsOf(base.query, { name, columns: read, key: ['rowid'] }),
      how: 'inserted',
    };
  }
  const words = await indexedWords(base, name);
  if (words.length > 0 && /^(["'])\1$/.test(content)) {
    throw new MigrateError(
      'refused',
      `The full-text index ${name} keeps no text of its own (content=''), so what migrations put into it cannot be read back. Nothing was written.`,
      { next: 'Squash up to before the migration that fills it: migrate-tui squash --to TAG' },
    );
  }
  return { name, columns: ['word'], rows: words, how: 'rebuilt' };
}

/** Every word of a full-text index with its place, through a table of FTS5's own that reads it. */
async function indexedWords(base: ReplayBase, name: string): Promise<KeptTable['rows']> {
  const reader = quoteName(`__words_of_${name}`);
  const refusal = await base.keep([
    { sql: `CREATE VIRTUAL TABLE ${reader} USING fts5vocab(${quoteName(name)}, 'instance')` },
  ]);
  if (refusal) throw new Error(`The words of ${name} cannot be read: ${refusal.why}`);
  const rows = await base.query({
    sql: `SELECT term, doc, col, "offset" FROM ${reader} ORDER BY 1, 2, 3, 4`,
  });
  await base.keep([{ sql: `DROP TABLE ${reader}` }]);
  return rows.map((row) => [JSON.stringify(Object.values(row).map(String))]);
}

async function rowsOf(
  query: Query,
  { name, columns, key }: Pick<MeasuredTable, 'name' | 'columns' | 'key'>,
): Promise<KeptTable['rows']> {
  const read = columns.map((column, index) => `${literal(quoteName(column))} AS c${index}`);
  const order = key.length === 0 ? '' : ` ORDER BY ${key.map(quoteName).join(', ')}`;
  const rows = await query({ sql: `SELECT ${read.join(', ')} FROM ${quoteName(name)}${order}` });
  return rows.map((row) => columns.map((_, index) => String(row[`c${index}`])));
}

/** As SQLite itself writes a value. Texts with what a file or its readers would not leave alone are written as bytes. */
function literal(column: string): string {
  const odd = ['char(0)', 'char(13)', quoteText(breakpointMarker)].map(
    (part) => `instr(${column}, ${part}) > 0`,
  );
  return `CASE WHEN typeof(${column}) = 'text' AND (${odd.join(' OR ')}) THEN 'CAST(x''' || hex(${column}) || ''' AS TEXT)' ELSE quote(${column}) END`;
}

/** Only those that inserting the rows would not give. */
async function sequencesIn(query: Query, tables: readonly KeptTable[]): Promise<ReadonlyMap<string, string>> {
  const there = await query({ sql: "SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'" });
  if (there.length === 0) return new Map();
  const rows = await query({ sql: 'SELECT name, seq FROM sqlite_sequence ORDER BY name' });
  const found: [string, string][] = [];
  for (const { name, seq } of rows) {
    const table = tables.find((one) => foldName(one.name) === foldName(String(name)));
    if (!table) continue;
    const [row] = await query({ sql: `SELECT max(rowid) AS last FROM ${quoteName(table.name)}` });
    if (String(row?.['last'] ?? '') !== String(seq)) found.push([table.name, String(seq)]);
  }
  return new Map(found);
}

async function pragmasIn(query: Query): Promise<ReadonlyMap<string, string>> {
  const found: [string, string][] = [];
  for (const name of ['user_version', 'application_id']) {
    const value = await query({ sql: `PRAGMA ${name}` }).then(
      ([row]) => String(row?.[name] ?? 0),
      // D1 does not let anybody ask, nor set.
      () => '0',
    );
    if (value !== '0') found.push([name, value]);
  }
  return new Map(found);
}
