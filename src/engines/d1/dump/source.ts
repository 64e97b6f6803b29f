import { quoteName, quoteText } from '../../../sql/quote.ts';
import { shapeOf } from '../../shape-of.ts';
import type { RawResult } from '../remote/rows.ts';

/** Asks reading statements as one request, which sees one moment; one answer to each. */
export type AskRaw = (questions: readonly string[]) => Promise<readonly RawResult[]>;

/** The schema of a database at Cloudflare, sorted by how each part of it is brought over. */
export interface DumpSource {
  /** With rows of their own, in the order they were made; the tables behind virtual ones included. */
  readonly tables: readonly DumpTable[];
  readonly virtual: readonly VirtualTable[];
  /** Indexes, views and triggers, in the order they were made. */
  readonly later: readonly SchemaObject[];
  /** See `shapeOf`. */
  readonly shape: string;
}

export interface VirtualTable extends SchemaObject {
  /** What its rows have; the columns that only queries use are hidden. */
  readonly columns: readonly string[];
}

export interface SchemaObject {
  readonly type: string;
  readonly name: string;
  readonly sql: string;
  /** What it is on; its own name for a table. */
  readonly table: string;
}

export interface DumpTable {
  readonly name: string;
  readonly sql: string;
  /** Whether it is one of those that a virtual table keeps its content in. */
  readonly isBehindVirtual: boolean;
  /** Columns that can be inserted: not the generated ones. */
  readonly columns: readonly string[];
  /** What puts its rows into one order without gaps: SQL expressions, with the collation of the key where it needs one. */
  readonly key: readonly string[];
  readonly keyIs: 'rowid' | 'columns';
  readonly rows: number;
}

/**
 * Reads the schema in three requests. Cloudflare's own tables are hidden from everybody, and not part of it.
 *
 * @param attached the name under which the source is attached to another database, where it is
 */
export async function readDumpSource(ask: AskRaw, attached?: string): Promise<DumpSource> {
  const from = placeOf(attached);
  const [objects, list, columns] = await ask([schemaQuery(from), tableListQuery(from), columnsQuery(from)]);
  const schema = rowsOf(objects).map(([type, name, sql, table]) => ({
    type: String(type),
    name: String(name),
    sql: String(sql),
    table: String(table),
  }));
  const kinds = new Map(
    rowsOf(list).map(([name, type, wr]) => [String(name), { type: String(type), wr: Number(wr) }]),
  );
  const own = schema.filter(({ type, sql }) => type === 'table' && !isVirtual(sql));
  const columnsOf = (table: string) =>
    rowsOf(columns)
      .filter(([of]) => of === table)
      .map(columnOf);
  const described = own.map((table) => {
    const kind = kinds.get(table.name);
    return describe(table, columnsOf(table.name), {
      isBehindVirtual: kind?.type === 'shadow',
      withoutRowid: kind?.wr === 1,
    });
  });
  return {
    tables: await counted(await collated(described, ask, from), ask, from),
    virtual: schema
      .filter(({ sql }) => isVirtual(sql))
      .map((object) => ({ ...object, columns: shownIn(columnsOf(object.name)) })),
    later: schema.filter(({ type }) => type !== 'table'),
    shape: shapeOf(schema),
  };
}

// `_cf_` is forbidden to name, even in a condition of a table-valued PRAGMA, so what is left out is left out first.
const ours = (name: string) => `substr(${name}, 1, 4) <> '_cf_' AND substr(${name}, 1, 7) <> 'sqlite_'`;
const schemaQuery = ({ prefix }: SourcePlace) =>
  `SELECT type, name, sql, tbl_name FROM ${prefix}sqlite_schema WHERE sql IS NOT NULL AND ${ours('name')} ORDER BY rowid`;
const tableListQuery = ({ schema }: SourcePlace) =>
  `SELECT name, type, wr FROM pragma_table_list WHERE schema = '${schema}' AND ${ours('name')}`;
const columnsQuery = ({ prefix, argument }: SourcePlace) =>
  `SELECT m.name, x.name, x.hidden, x.pk FROM (SELECT name FROM ${prefix}sqlite_schema WHERE type = 'table' AND ${ours('name')}) AS m, pragma_table_xinfo(m.name${argument}) AS x ORDER BY m.name, x.cid`;

/** How the source is named in SQL. */
interface SourcePlace {
  readonly schema: string;
  /** Before the name of a table. */
  readonly prefix: string;
  /** After the arguments of a PRAGMA. */
  readonly argument: string;
}

function placeOf(attached: string | undefined): SourcePlace {
  return attached === undefined
    ? { schema: 'main', prefix: '', argument: '' }
    : { schema: attached, prefix: `${attached}.`, argument: `, '${attached}'` };
}

interface Column {
  readonly name: string;
  readonly hidden: boolean;
  readonly pk: number;
}

function columnOf([, name, hidden, pk]: readonly unknown[]): Column {
  return { name: String(name), hidden: Number(hidden) !== 0, pk: Number(pk) };
}

function describe(
  { name, sql }: SchemaObject,
  all: readonly Column[],
  { isBehindVirtual, withoutRowid }: { readonly isBehindVirtual: boolean; readonly withoutRowid: boolean },
): DumpTable {
  const columns = shownIn(all);
  const primary = all.filter(({ pk }) => pk > 0).toSorted((a, b) => a.pk - b.pk);
  const key = withoutRowid ? primary.map((column) => quoteName(column.name)) : [rowidName(name, all)];
  return { name, sql, isBehindVirtual, columns, key, keyIs: withoutRowid ? 'columns' : 'rowid', rows: 0 };
}

function shownIn(all: readonly Column[]): readonly string[] {
  return all.filter(({ hidden }) => !hidden).map(({ name }) => name);
}

function rowidName(table: string, columns: readonly Column[]): string {
  const taken = new Set(columns.map((column) => column.name.toLowerCase()));
  const free = ['rowid', '_rowid_', 'oid'].find((name) => !taken.has(name));
  if (free === undefined) throw new Error(`Table ${table} has columns with all three names of the rowid.`);
  return free;
}

/** A key may be in another collation than its column: then only in the key's own is it one order. */
async function collated(
  tables: readonly DumpTable[],
  ask: AskRaw,
  { argument }: SourcePlace,
): Promise<readonly DumpTable[]> {
  const keyed = tables.filter(({ keyIs }) => keyIs === 'columns');
  if (keyed.length === 0) return tables;
  const questions = keyed.map(
    ({ name }) =>
      `SELECT x.name, x.coll FROM pragma_index_list(${quoteText(name)}${argument}) AS l, pragma_index_xinfo(l.name${argument}) AS x WHERE l.origin = 'pk' AND x.key = 1 ORDER BY x.seqno`,
  );
  const answers = await ask(questions);
  const keys = new Map(
    keyed.map(({ name }, index) => [
      name,
      rowsOf(answers[index]).map(
        ([column, coll]) => `${quoteName(String(column))} COLLATE ${quoteName(String(coll))}`,
      ),
    ]),
  );
  return tables.map((table) => ({ ...table, key: keys.get(table.name) ?? table.key }));
}

async function counted(
  tables: readonly DumpTable[],
  ask: AskRaw,
  { prefix }: SourcePlace,
): Promise<readonly DumpTable[]> {
  if (tables.length === 0) return tables;
  const answers = await ask(tables.map(({ name }) => `SELECT count(*) FROM ${prefix}${quoteName(name)}`));
  return tables.map((table, index) => ({ ...table, rows: Number(rowsOf(answers[index])[0]?.[0]) }));
}

/** The rows of a virtual table, read and written through itself. */
export async function asTable(
  { name, sql, columns }: VirtualTable,
  ask: AskRaw,
  attached?: string,
): Promise<DumpTable> {
  const [answer] = await ask([`SELECT count(*) FROM ${placeOf(attached).prefix}${quoteName(name)}`]);
  const rows = Number(rowsOf(answer)[0]?.[0]);
  return { name, sql, isBehindVirtual: false, columns, key: ['rowid'], keyIs: 'rowid', rows };
}

function rowsOf(answer: RawResult | undefined): RawResult['rows'] {
  return answer?.rows ?? [];
}

function isVirtual(sql: string): boolean {
  return /^\s*CREATE\s+VIRTUAL\s/i.test(sql);
}
