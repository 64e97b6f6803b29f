import { quoteName } from '../sql/quote.ts';
import type { Query, SqlValue } from '../sql/statement.ts';
import type { MeasuredTable } from './measured-tables.ts';

/** Some rows of a table, column by column. */
export interface TablePage {
  readonly rows: number;
  /** Per column the values as text, without NULLs, in no order. */
  readonly columns: readonly (readonly string[])[];
}

/**
 * Walks through a table in pages of bounded size, each value as text: numbers as SQLite writes them, with a
 * whole REAL as the integer it equals; blobs byte by byte. One page is one row of JSON arrays, because clients
 * are slow to build rows and quick to parse JSON.
 */
export async function* tablePages(table: MeasuredTable, query: Query): AsyncGenerator<TablePage> {
  let at: Place = { kind: 'start' };
  let limit = firstLimit;
  let skip = 0;
  for (;;) {
    const [row] = await query(pageQuery(table, at, { limit, skip }));
    const rows = Number(row?.['n'] ?? 0);
    if (!row || rows === 0) return;
    const last = await lastKey(table, at, { limit, row, query });
    const texts = table.columns.map((_, index) => String(row[`c${index}`] ?? '[]'));
    const span: Span = { after: at, last, limit, skip };
    yield {
      rows,
      columns: await Promise.all(texts.map((json, index) => valuesOf(json, { table, index, span, query }))),
    };
    if (rows < limit) return;
    at = { kind: 'after', key: last };
    skip += rows;
    limit = nextLimit(
      limit,
      texts.reduce((sum, { length }) => sum + length, 0),
    );
  }
}

type Place = { readonly kind: 'start' } | { readonly kind: 'after'; readonly key: readonly SqlValue[] };

interface Span {
  readonly after: Place;
  readonly last: readonly SqlValue[];
  readonly limit: number;
  readonly skip: number;
}

const firstLimit = 256;
const pageSize = 1_000_000;
/** Values above this many bytes are read a few at a time. */
const longValue = 16_384;

/** More rows while a page stays small, fewer when it was large. */
function nextLimit(limit: number, size: number): number {
  const wanted = Math.floor((limit * pageSize) / Math.max(size, 1));
  return Math.max(16, Math.min(wanted, limit * 4, 20_000));
}

function pageQuery(
  table: MeasuredTable,
  at: Place,
  { limit, skip }: { readonly limit: number; readonly skip: number },
) {
  const values = table.columns.map((column, index) => `${asText(quoteName(column))} AS v${index}`);
  const key = table.key.length === 1 ? [`${keyName(table, 0)} AS k`] : [];
  const arrays = table.columns.map((_, index) => `json_group_array(v${index}) AS c${index}`);
  const last = key.length > 0 ? ['max(k) AS last'] : [];
  const inner = `SELECT ${[...values, ...key, '1'].join(', ')} FROM ${quoteName(table.name)}${beyond(table, at)}${ordered(table)} LIMIT ${limit}`;
  const paged = table.key.length === 0 ? `${inner} OFFSET ${skip}` : inner;
  return {
    sql: `SELECT count(*) AS n${['', ...last, ...arrays].join(', ')} FROM (${paged})`,
    args: keyOf(at),
  };
}

/** NULL stays NULL; a long value becomes the number 0, which no text is. */
function asText(column: string): string {
  return `CASE WHEN octet_length(${column}) > ${longValue} THEN 0 ELSE ${textOf(column)} END`;
}

function textOf(column: string): string {
  const real = `CASE WHEN abs(${column}) < 9e15 AND ${column} = CAST(${column} AS INTEGER) THEN CAST(CAST(${column} AS INTEGER) AS TEXT) ELSE CAST(${column} AS TEXT) END`;
  return `CASE typeof(${column}) WHEN 'text' THEN ${column} WHEN 'integer' THEN CAST(${column} AS TEXT) WHEN 'real' THEN ${real} WHEN 'blob' THEN 'x' || hex(${column}) END`;
}

/** A quoted "rowid" that is no column would be a string in a lenient build, so it stays bare. */
function keyName({ key, columns }: MeasuredTable, index: number): string {
  const name = key[index] ?? '';
  return rowidNames.has(name) && !columns.includes(name) ? name : quoteName(name);
}

const rowidNames = new Set(['rowid', '_rowid_', 'oid']);

const keyNames = (table: MeasuredTable) => table.key.map((_, index) => keyName(table, index));

function beyond(table: MeasuredTable, at: Place): string {
  if (at.kind === 'start' || table.key.length === 0) return '';
  return ` WHERE (${keyNames(table).join(', ')}) > (${table.key.map(() => '?').join(', ')})`;
}

function ordered(table: MeasuredTable): string {
  return table.key.length === 0 ? '' : ` ORDER BY ${keyNames(table).join(', ')}`;
}

const keyOf = (at: Place): readonly SqlValue[] => (at.kind === 'start' ? [] : at.key);

async function lastKey(
  table: MeasuredTable,
  at: Place,
  {
    limit,
    row,
    query,
  }: { readonly limit: number; readonly row: Readonly<Record<string, SqlValue>>; readonly query: Query },
): Promise<readonly SqlValue[]> {
  if (table.key.length === 0) return [];
  if (table.key.length === 1) return [row['last'] ?? null];
  const names = keyNames(table);
  const inner = `SELECT ${names.join(', ')} FROM ${quoteName(table.name)}${beyond(table, at)}${ordered(table)} LIMIT ${limit}`;
  const descending = names.map((name) => `${name} DESC`).join(', ');
  const [last] = await query({
    sql: `SELECT * FROM (${inner}) ORDER BY ${descending} LIMIT 1`,
    args: keyOf(at),
  });
  return table.key.map((name) => last?.[name] ?? null);
}

interface Cell {
  readonly table: MeasuredTable;
  readonly index: number;
  readonly span: Span;
  readonly query: Query;
}

async function valuesOf(json: string, cell: Cell): Promise<readonly string[]> {
  const found: readonly (string | number | null)[] = JSON.parse(json);
  const texts = found.filter((value) => typeof value === 'string');
  const long = found.reduce<number>((sum, value) => sum + (typeof value === 'number' ? 1 : 0), 0);
  return long === 0 ? texts : [...texts, ...(await longValues(cell, long))];
}

/** The page's long values of one column, a few at a time. */
async function longValues({ table, index, span, query }: Cell, count: number): Promise<readonly string[]> {
  const column = quoteName(table.columns[index] ?? '');
  const names = keyNames(table).map((name, at) => `${name} AS k${at}`);
  const page = `SELECT ${[`${column} AS v`, ...names].join(', ')} FROM ${quoteName(table.name)}${beyond(table, span.after)}${ordered(table)} LIMIT ${span.limit}${table.key.length === 0 ? ` OFFSET ${span.skip}` : ''}`;
  const texts: string[] = [];
  for (let skip = 0; skip < count; skip += 8) {
    const rows = await query({
      sql: `SELECT ${textOf('v')} AS t FROM (${page}) WHERE octet_length(v) > ${longValue} LIMIT 8 OFFSET ${skip}`,
      args: keyOf(span.after),
    });
    texts.push(...rows.map(({ t }) => String(t)));
  }
  return texts;
}
