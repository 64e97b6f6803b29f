import type { InValue, ResultSet, Value } from '@libsql/client/sqlite3';
import { quoteName } from '../../sql/quote.ts';
import { shapeOf } from '../shape-of.ts';

/** Asks one statement inside the dump's read transaction; integers come as `bigint`, so that `number` means REAL. */
export type Ask = (sql: string, args?: InValue[]) => Promise<ResultSet>;

/** A schema, sorted by how each part of it is brought over. */
export interface DumpSource {
  /** With rows of their own, the tables behind virtual ones included. */
  readonly tables: readonly DumpTable[];
  /** Written into `sqlite_schema` as they are: creating them would make and fill the tables behind them anew. */
  readonly virtual: readonly VirtualTable[];
  /** CREATE statements of indexes, views and triggers, in the order they were made. */
  readonly later: readonly LaterObject[];
  /** Rows of `sqlite_sequence`. */
  readonly sequences: readonly { readonly name: string; readonly seq: bigint }[];
  readonly userVersion: bigint;
  readonly applicationId: bigint;
  /** See `shapeOf`. */
  readonly shape: string;
}

export interface VirtualTable {
  readonly name: string;
  readonly sql: string;
  /** What its rows have; the columns that only queries use are hidden. */
  readonly columns: readonly string[];
}

export interface LaterObject {
  readonly name: string;
  /** What it is on. */
  readonly table: string;
  readonly sql: string;
}

export interface DumpTable {
  readonly name: string;
  readonly sql: string;
  /** Columns that can be inserted: not the generated ones. */
  readonly columns: readonly string[];
  /** What orders its rows, one after the other without gaps: the rowid under a name no column has, or the key. */
  readonly key: readonly string[];
  readonly keyIs: 'rowid' | 'columns';
  /** Whether it is one of those that a virtual table keeps its content in. */
  readonly isBehindVirtual: boolean;
  readonly stats: TableStats;
}

/** Rows, and the bytes of all their values: what a copy must have too. */
export interface TableStats {
  readonly rows: number;
  readonly bytes: number;
}

/** Reads what there is to be copied from a libSQL server: its objects, and how each table is read. */
export async function readDumpSource(ask: Ask): Promise<DumpSource> {
  const schema = (
    await ask('SELECT type, name, sql, tbl_name FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid')
  ).rows.map((row) => ({
    type: text(row['type']),
    name: text(row['name']),
    sql: text(row['sql']),
    table: text(row['tbl_name']),
  }));
  const shadows = vectorShadows(schema);
  const own = schema.filter(
    ({ type, name }) => type === 'table' && !name.startsWith('sqlite_') && !shadows.has(name),
  );
  const { withoutRowid, behindVirtual } = await kindsOfTables(ask);
  const tables: DumpTable[] = [];
  for (const table of own.filter(({ sql }) => !isVirtual(sql))) {
    const keyIs = withoutRowid.has(table.name) ? 'columns' : 'rowid';
    tables.push(await describeTable(table, { keyIs, isBehindVirtual: behindVirtual.has(table.name) }, ask));
  }
  const virtual: VirtualTable[] = [];
  for (const { name, sql } of own.filter((object) => isVirtual(object.sql))) {
    const all = await columnsIn(name, ask);
    virtual.push({ name, sql, columns: shownIn(all) });
  }
  return {
    tables,
    virtual,
    later: schema.filter(({ type, table }) => type !== 'table' && !shadows.has(table)),
    shape: shapeOf(schema.filter(({ name }) => isShown(name))),
    sequences: await readSequences(ask),
    userVersion: await pragma('user_version', ask),
    applicationId: await pragma('application_id', ask),
  };
}

/** Counts rows and the bytes of their values, in one pass. */
export async function statsOf(table: string, columns: readonly string[], ask: Ask): Promise<TableStats> {
  const lengths = columns.map((column) => `coalesce(length(CAST(${quoteName(column)} AS BLOB)), 0)`);
  const { rows } = await ask(
    `SELECT count(*), coalesce(sum(${lengths.join(' + ') || '0'}), 0) FROM ${quoteName(table)}`,
  );
  return { rows: Number(rows[0]?.[0]), bytes: Number(rows[0]?.[1]) };
}

/** libSQL makes and fills the tables behind a vector index when the index is created. */
function vectorShadows(
  schema: readonly { readonly name: string; readonly sql: string }[],
): ReadonlySet<string> {
  const indexes = schema.filter(({ sql }) => /libsql_vector_idx\s*\(/i.test(sql)).map(({ name }) => name);
  return new Set(['libsql_vector_meta_shadow', ...indexes.map((name) => `${name}_shadow`)]);
}

async function kindsOfTables(ask: Ask) {
  const { rows } = await ask('PRAGMA table_list');
  const main = rows.filter(({ schema }) => schema === 'main');
  return {
    withoutRowid: new Set(main.filter(({ wr }) => wr === 1n).map(({ name }) => text(name))),
    behindVirtual: new Set(main.filter(({ type }) => type === 'shadow').map(({ name }) => text(name))),
  };
}

async function describeTable(
  { name, sql }: { readonly name: string; readonly sql: string },
  kind: Pick<DumpTable, 'keyIs' | 'isBehindVirtual'>,
  ask: Ask,
): Promise<DumpTable> {
  const all = await columnsIn(name, ask);
  const columns = shownIn(all);
  const primary = all.filter(({ pk }) => pk > 0).toSorted((a, b) => a.pk - b.pk);
  const key = kind.keyIs === 'columns' ? primary.map((column) => column.name) : [rowidName(name, columns)];
  return { name, sql, columns, key, ...kind, stats: await statsOf(name, columns, ask) };
}

/** The rows of a virtual table, read and written through itself. */
export async function asTable({ name, sql, columns }: VirtualTable, ask: Ask): Promise<DumpTable> {
  const stats = await statsOf(name, columns, ask);
  return { name, sql, columns, key: ['rowid'], keyIs: 'rowid', isBehindVirtual: false, stats };
}

async function columnsIn(table: string, ask: Ask) {
  const { rows } = await ask(`PRAGMA table_xinfo(${quoteName(table)})`);
  return rows.map((row) => ({ name: text(row['name']), hidden: row['hidden'], pk: Number(row['pk']) }));
}

function shownIn(
  all: readonly { readonly name: string; readonly hidden: Value | undefined }[],
): readonly string[] {
  return all.filter(({ hidden }) => hidden === 0n).map(({ name }) => name);
}

/** What is a part of its shape. */
function isShown(name: string): boolean {
  return !name.startsWith('sqlite_') && !name.startsWith('_cf_');
}

function rowidName(table: string, columns: readonly string[]): string {
  const taken = new Set(columns.map((column) => column.toLowerCase()));
  const free = ['rowid', '_rowid_', 'oid'].find((name) => !taken.has(name));
  if (free === undefined) throw new Error(`Table ${table} has columns with all three names of the rowid.`);
  return free;
}

async function readSequences(ask: Ask): Promise<DumpSource['sequences']> {
  const exists = await ask("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'");
  if (exists.rows.length === 0) return [];
  const { rows } = await ask('SELECT name, seq FROM sqlite_sequence');
  return rows.map(({ name, seq }) => ({ name: text(name), seq: typeof seq === 'bigint' ? seq : 0n }));
}

async function pragma(name: string, ask: Ask): Promise<bigint> {
  const value = (await ask(`PRAGMA ${name}`)).rows[0]?.[0];
  return typeof value === 'bigint' ? value : 0n;
}

function isVirtual(sql: string): boolean {
  return /^\s*CREATE\s+VIRTUAL\s/i.test(sql);
}

function text(value: Value | undefined): string {
  return typeof value === 'string' ? value : '';
}
