import { unreachable } from '../../lib/unreachable.ts';
import { tablesToLookInto } from '../../schema/tables-to-look-into.ts';
import { isOurs } from '../../schema/left-out.ts';
import { foldName } from '../../sql/cursor.ts';
import type { Query } from '../../sql/statement.ts';
import { postgresTables } from '../postgres/tables.ts';

/** A table whose rows can be counted, with what is needed to walk through them. */
export interface MeasuredTable {
  readonly name: string;
  /** `virtual` tables are counted only: what a module stores is its own affair. */
  readonly kind: 'table' | 'virtual';
  /** Stored columns; generated ones follow from these. */
  readonly columns: readonly string[];
  /** What its rows are ordered by and addressed with: a name of the rowid, or the primary key. Empty: nothing. */
  readonly key: readonly string[];
}

/**
 * The tables of a database that belong to the project, by name; bookkeeping, our lease, shadow tables and
 * SQLite's own are left out.
 */
export async function measuredTables(
  query: Query,
  leaveOut: readonly string[] = [],
): Promise<readonly MeasuredTable[]> {
  switch (query.dialect) {
    case 'sqlite':
      return sqliteTables(query, leaveOut);
    case 'postgres':
      return (await postgresTables(query, leaveOut)).map(({ name, columns, key }) => ({
        name,
        kind: 'table',
        columns: columns.map((column) => column.name),
        key,
      }));
    default:
      return unreachable(query.dialect);
  }
}

async function sqliteTables(query: Query, leaveOut: readonly string[]): Promise<readonly MeasuredTable[]> {
  const left = new Set(leaveOut.map(foldName));
  const [tables, columns] = await Promise.all([
    query({
      sql: "SELECT name, type, wr FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'virtual') ORDER BY name",
    }),
    columnsByTable(query),
  ]);
  return tables.flatMap((row): readonly MeasuredTable[] => {
    const name = String(row['name']);
    if (isOurs(name) || left.has(foldName(name))) return [];
    const all = columns.get(name) ?? [];
    const kind = row['type'] === 'virtual' ? 'virtual' : 'table';
    const key = Number(row['wr']) === 1 ? primaryKey(all) : rowidName(all);
    return [
      { name, kind, columns: all.filter(({ hidden }) => hidden === 0).map(({ column }) => column), key },
    ];
  });
}

interface Column {
  readonly column: string;
  readonly hidden: number;
  readonly pk: number;
}

async function columnsByTable(query: Query): Promise<ReadonlyMap<string, readonly Column[]>> {
  const rows = await query({
    sql: `SELECT m.name AS "table", x.name AS "column", x.hidden, x.pk
      FROM ${tablesToLookInto("sql NOT LIKE 'CREATE VIRTUAL%'")} AS m, pragma_table_xinfo(m.name) AS x ORDER BY m.name, x.cid`,
  });
  const found = new Map<string, Column[]>();
  for (const row of rows) {
    const column = { column: String(row['column']), hidden: Number(row['hidden']), pk: Number(row['pk']) };
    const known = found.get(String(row['table']));
    if (known) known.push(column);
    else found.set(String(row['table']), [column]);
  }
  return found;
}

function primaryKey(columns: readonly Column[]): readonly string[] {
  return columns
    .filter(({ pk }) => pk > 0)
    .toSorted((left, right) => left.pk - right.pk)
    .map(({ column }) => column);
}

/** A column may be called `rowid` and hide the real one behind its name. */
function rowidName(columns: readonly Column[]): readonly string[] {
  const taken = new Set(columns.map(({ column }) => foldName(column)));
  const free = ['rowid', '_rowid_', 'oid'].find((name) => !taken.has(name));
  return free === undefined ? [] : [free];
}
