import { quoteName } from '../../sql/quote.ts';
import type { Query, SqlValue } from '../../sql/statement.ts';
import type { MeasuredTable } from './measured-tables.ts';
import { formOf, type TextForm } from '../text-form.ts';

/** Some rows of a table, column by column. */
export interface TablePage {
  readonly rows: number;
  /** Per column the values as text, without NULLs, in no order. */
  readonly columns: readonly (readonly string[])[];
}

/**
 * Walks through a table in pages of bounded size, each value as text: numbers as SQLite writes them, with a
 * whole REAL as the integer it equals; blobs byte by byte. One page is one row of JSON arrays, because clients
 * are slow to build rows and quick to parse JSON. Where bytes come as they are each of them is a letter, so that a
 * text need not be UTF-8.
 */
export async function* tablePages(table: MeasuredTable, query: Query): AsyncGenerator<TablePage> {
  const form = await formOf(query);
  let at: Place = { kind: 'start' };
  let limit = firstLimit;
  let skip = 0;
  for (;;) {
    const [row] = await query(pageQuery(table, at, { limit, skip, form }));
    const rows = Number(row?.['n'] ?? 0);
    if (!row || rows === 0) return;
    const last = await lastKey(table, at, { limit, row, form, query });
    const texts = table.columns.map((_, index) => textIn(row[`c${index}`] ?? '[]'));
    const span: Span = { after: at, last, limit, skip };
    yield {
      rows,
      columns: await Promise.all(
        texts.map((json, index) => valuesOf(json, { table, index, span, form, query })),
      ),
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

type Place = { readonly kind: 'start' } | { readonly kind: 'after'; readonly key: readonly KeyValue[] };

interface Span {
  readonly after: Place;
  readonly last: readonly KeyValue[];
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
  { limit, skip, form }: { readonly limit: number; readonly skip: number; readonly form: TextForm },
) {
  const values = table.columns.map((column, index) => `${asText(quoteName(column))} AS v${index}`);
  const key = table.key.length === 1 ? [`${keyName(table, 0)} AS k`] : [];
  const arrays = table.columns.map((_, index) => `${sent(`json_group_array(v${index})`, form)} AS c${index}`);
  const last = key.length > 0 ? lastOf('max(k)', 0, form) : [];
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
  return ` WHERE (${keyNames(table).join(', ')}) > (${at.key.map(({ place }) => place).join(', ')})`;
}

function ordered(table: MeasuredTable): string {
  return table.key.length === 0 ? '' : ` ORDER BY ${keyNames(table).join(', ')}`;
}

const keyOf = (at: Place): readonly SqlValue[] =>
  at.kind === 'start' ? [] : at.key.map(({ value }) => value);

/** A text as it is to be sent. */
function sent(text: string, form: TextForm): string {
  return form === 'bytes' ? `CAST(${text} AS BLOB)` : text;
}

function textIn(value: SqlValue): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value);
}

/** A value of a key with the place that it is put back into. */
interface KeyValue {
  readonly value: SqlValue;
  readonly place: string;
}

function lastOf(key: string, index: number, form: TextForm): readonly string[] {
  if (form === 'text') return [`${key} AS k${index}`];
  return [
    `CASE typeof(${key}) WHEN 'text' THEN CAST(${key} AS BLOB) ELSE ${key} END AS k${index}`,
    `typeof(${key}) AS t${index}`,
  ];
}

function lastIn(row: Readonly<Record<string, SqlValue>> | undefined, index: number): KeyValue {
  const value = row?.[`k${index}`] ?? null;
  // The plus takes the affinity away, which would make texts of the numbers that it is compared with.
  return row?.[`t${index}`] === 'text' ? { value, place: '(+CAST(? AS TEXT))' } : { value, place: '?' };
}

async function lastKey(
  table: MeasuredTable,
  at: Place,
  {
    limit,
    row,
    form,
    query,
  }: {
    readonly limit: number;
    readonly row: Readonly<Record<string, SqlValue>>;
    readonly form: TextForm;
    readonly query: Query;
  },
): Promise<readonly KeyValue[]> {
  if (table.key.length === 0) return [];
  if (table.key.length === 1) return [lastIn(row, 0)];
  const names = keyNames(table);
  const inner = `SELECT ${names.join(', ')} FROM ${quoteName(table.name)}${beyond(table, at)}${ordered(table)} LIMIT ${limit}`;
  const descending = names.map((name) => `${name} DESC`).join(', ');
  const asked = names.flatMap((name, index) => lastOf(name, index, form));
  const [last] = await query({
    sql: `SELECT ${asked.join(', ')} FROM (${inner}) ORDER BY ${descending} LIMIT 1`,
    args: keyOf(at),
  });
  return names.map((_, index) => lastIn(last, index));
}

interface Cell {
  readonly table: MeasuredTable;
  readonly index: number;
  readonly span: Span;
  readonly form: TextForm;
  readonly query: Query;
}

async function valuesOf(json: string, cell: Cell): Promise<readonly string[]> {
  const found: readonly (string | number | null)[] = JSON.parse(json);
  const texts = found.filter((value) => typeof value === 'string');
  const long = found.reduce<number>((sum, value) => sum + (typeof value === 'number' ? 1 : 0), 0);
  return long === 0 ? texts : [...texts, ...(await longValues(cell, long))];
}

/** The page's long values of one column, a few at a time. */
async function longValues(
  { table, index, span, form, query }: Cell,
  count: number,
): Promise<readonly string[]> {
  const column = quoteName(table.columns[index] ?? '');
  const names = keyNames(table).map((name, at) => `${name} AS k${at}`);
  const page = `SELECT ${[`${column} AS v`, ...names].join(', ')} FROM ${quoteName(table.name)}${beyond(table, span.after)}${ordered(table)} LIMIT ${span.limit}${table.key.length === 0 ? ` OFFSET ${span.skip}` : ''}`;
  const texts: string[] = [];
  for (let skip = 0; skip < count; skip += 8) {
    const rows = await query({
      sql: `SELECT ${sent(textOf('v'), form)} AS t FROM (${page}) WHERE octet_length(v) > ${longValue} LIMIT 8 OFFSET ${skip}`,
      args: keyOf(span.after),
    });
    texts.push(...rows.map(({ t }) => textIn(t ?? null)));
  }
  return texts;
}
