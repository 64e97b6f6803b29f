import { unreachable } from '../lib/unreachable.ts';
import { foldName } from '../sql/cursor.ts';
import { fullTextContent, type FullTextContent } from '../sql/full-text.ts';
import type { Query, Row } from '../sql/statement.ts';
import { tableDefinition } from '../sql/table-definition.ts';
import { meaningfulTokens, nameOf } from '../sql/tokens.ts';
import { isOurs, shadowTablesOf } from './left-out.ts';
import { readPostgresStructure } from './postgres/structure.ts';
import { tablesToLookInto } from './tables-to-look-into.ts';

/** What stands where in a database, as whoever copies its rows has to know it; bookkeeping and our lease are left out. */
export interface Structure {
  readonly tables: readonly TableStructure[];
  readonly references: readonly Reference[];
}

export interface TableStructure {
  readonly name: string;
  /** What a full-text or other virtual table keeps its rows in is part of it. */
  readonly kind: 'table' | 'virtual';
  readonly fullText: FullTextContent | undefined;
  readonly columns: readonly ColumnStructure[];
  /** Tables whose triggers name this one: what is written there may be copied to here. */
  readonly fedBy: readonly string[];
}

export interface ColumnStructure {
  readonly name: string;
  /** As declared; empty without a type. */
  readonly type: string;
  /** `rowid`: the number that SQLite gives its rows. */
  readonly key: 'rowid' | 'primary' | 'none';
  readonly mayBeNull: boolean;
  /** The columns that a generated one is computed from; undefined: it is stored as written. */
  readonly computedFrom: readonly string[] | undefined;
  /** Why no made-up value can stand in it, as part of a sentence; absent: one can. */
  readonly hasNoHash?: string;
}

/** One foreign key, column by column. */
export interface Reference {
  readonly table: string;
  readonly parent: string;
  readonly columns: readonly { readonly from: string; readonly to: string }[];
}

/**
 * @param bookkeeping the tracking table, as it is called in the dialect: in PostgreSQL with its schema
 */
export async function readStructure(
  query: Query,
  { bookkeeping }: { readonly bookkeeping: string },
): Promise<Structure> {
  switch (query.dialect) {
    case 'sqlite':
      return readSqliteStructure(query, bookkeeping);
    case 'postgres':
      return readPostgresStructure(query, [bookkeeping]);
    default:
      return unreachable(query.dialect);
  }
}

/** Reads the structure in four questions. */
async function readSqliteStructure(query: Query, bookkeeping: string): Promise<Structure> {
  const [objects, columns, keys] = await Promise.all([
    query({
      sql: "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND type <> 'view' ORDER BY name",
    }),
    columnsOf(query),
    query({
      sql: `SELECT m.name AS "table", f.id, f."table" AS parent, f."from" AS child_column, f."to" AS parent_column
        FROM ${tablesToLookInto(notVirtual)} AS m, pragma_foreign_key_list(m.name) AS f ORDER BY m.name, f.id, f.seq`,
    }),
  ]);
  const shadows = new Set(objects.flatMap(({ name, sql }) => shadowTablesOf(String(name), String(sql))));
  const isShown = (name: string) =>
    !isOurs(name) && foldName(name) !== foldName(bookkeeping) && !shadows.has(foldName(name));
  const triggers = objects.filter(({ type }) => type === 'trigger');
  const tables = objects
    .filter(({ type, name }) => type === 'table' && isShown(String(name)))
    .map(({ name, sql }) => tableOf(String(name), String(sql), { columns, triggers }));
  return { tables, references: referencesIn(keys, tables).filter(({ table }) => isShown(table)) };
}

const notVirtual = "sql NOT LIKE 'CREATE VIRTUAL%'";

/** By table in lower case. */
async function columnsOf(query: Query): Promise<ReadonlyMap<string, readonly Row[]>> {
  const rows = await query({
    sql: `SELECT m.name AS "table", x.name AS "column", x.type, x."notnull" AS required, x.pk, x.hidden
      FROM ${tablesToLookInto()} AS m, pragma_table_xinfo(m.name) AS x ORDER BY m.name, x.cid`,
  });
  return Map.groupBy(rows, (row) => foldName(String(row['table'])));
}

function tableOf(
  name: string,
  sql: string,
  {
    columns,
    triggers,
  }: { readonly columns: ReadonlyMap<string, readonly Row[]>; readonly triggers: readonly Row[] },
): TableStructure {
  const own = columns.get(foldName(name)) ?? [];
  const isVirtual = /^\s*CREATE\s+VIRTUAL\s/i.test(sql);
  const computed = isVirtual ? new Map<string, readonly string[]>() : computedIn(sql);
  // Of a virtual table, what is hidden is no part of its rows.
  const shown = isVirtual ? own.filter(({ hidden }) => Number(hidden) === 0) : own;
  const keys = own.filter(({ pk }) => Number(pk) > 0).length;
  return {
    name,
    kind: isVirtual ? 'virtual' : 'table',
    fullText: fullTextContent(sql),
    columns: shown.map((row) => columnOf(row, { keys, isStrict: /WITHOUT\s+ROWID/i.test(sql), computed })),
    fedBy: triggers
      .filter((trigger) => foldName(String(trigger['tbl_name'])) !== foldName(name))
      .filter((trigger) => namesIn(String(trigger['sql'])).has(foldName(name)))
      .map((trigger) => String(trigger['tbl_name'])),
  };
}

function columnOf(
  row: Row,
  {
    keys,
    isStrict,
    computed,
  }: {
    readonly keys: number;
    /** WITHOUT ROWID: its key is never null. */
    readonly isStrict: boolean;
    readonly computed: ReadonlyMap<string, readonly string[]>;
  },
): ColumnStructure {
  const name = String(row['column']);
  const type = String(row['type'] ?? '');
  const isKey = Number(row['pk']) > 0;
  const isRowid = isKey && keys === 1 && !isStrict && type.toUpperCase() === 'INTEGER';
  return {
    name,
    type,
    key: isRowid ? 'rowid' : isKey ? 'primary' : 'none',
    mayBeNull: Number(row['required']) === 0 && !isKey,
    computedFrom: Number(row['hidden']) >= 2 ? (computed.get(foldName(name)) ?? []) : undefined,
  };
}

/** What each generated column is computed from, by its name in lower case. */
function computedIn(sql: string): ReadonlyMap<string, readonly string[]> {
  const columns = tableDefinition(sql)?.columns ?? [];
  return new Map(
    columns.flatMap(({ name, constraints }) =>
      constraints.flatMap((constraint) => {
        if (constraint.kind !== 'generated') return [];
        const used = new Set(constraint.expression.map((token) => foldName(nameOf(token))));
        return [[foldName(name), columns.map((one) => one.name).filter((one) => used.has(foldName(one)))]];
      }),
    ),
  );
}

function namesIn(sql: string): ReadonlySet<string> {
  return new Set(meaningfulTokens(sql).map((token) => foldName(nameOf(token))));
}

/** A reference that names no column means the parent's primary key. */
function referencesIn(rows: readonly Row[], tables: readonly TableStructure[]): readonly Reference[] {
  const keys = Map.groupBy(rows, (row) => JSON.stringify([row['table'], row['id']]));
  return [...keys.values()].map((columns) => {
    const [first] = columns;
    const parent = String(first?.['parent']);
    const primary = tables
      .find(({ name }) => foldName(name) === foldName(parent))
      ?.columns.filter(({ key }) => key !== 'none');
    return {
      table: String(first?.['table']),
      parent,
      columns: columns.map((row, index) => ({
        from: String(row['child_column']),
        to: String(row['parent_column'] ?? primary?.[index]?.name ?? ''),
      })),
    };
  });
}
