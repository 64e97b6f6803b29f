import { SqlError } from '../../engines/engine.ts';
import { MigrateError } from '../../lib/errors.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { Measurement, TableMeasurement, ViolationCount } from '../../operations/evidence/measurement.ts';
import { foldName } from '../../sql/cursor.ts';
import { quoteName } from '../../sql/quote.ts';
import type { Query } from '../../sql/statement.ts';
import { createChecksum, type Checksum } from './checksum.ts';
import { measuredTables, type MeasuredTable } from './measured-tables.ts';
import { countPostgresRows, measurePostgres } from '../postgres/measure.ts';
import { countPostgresViolations } from '../postgres/violations.ts';
import { tablePages } from './table-pages.ts';

export interface MeasureOptions {
  /** Only these tables; all of the project's when absent. */
  readonly tables?: readonly string[];
  /** Configured bookkeeping tables. */
  readonly leaveOut?: readonly string[];
  readonly signal?: AbortSignal;
  /** Called after each page with the rows looked at so far, over all tables. */
  readonly onProgress?: (progress: { readonly rows: number; readonly table: string }) => void;
}

/**
 * Looks at every row: rows, filled values and a checksum per column, and rows that break a foreign key.
 * Memory is bounded; works on any database that takes a query, local or remote. Checksums of two kinds of database
 * cannot be compared.
 *
 * @throws MigrateError `rehearsal-failed` when foreign keys cannot be checked; the signal's reason; what the query throws
 */
export async function measure(query: Query, options: MeasureOptions = {}): Promise<Measurement> {
  switch (query.dialect) {
    case 'sqlite':
      return { tables: await measureSqlite(query, options), violations: await countViolations(query) };
    case 'postgres':
      return { tables: await measurePostgres(query, options), violations: await countViolations(query) };
    default:
      return unreachable(query.dialect);
  }
}

/** Rows per table alone, in a few queries. */
export async function countRows(
  query: Query,
  options: Pick<MeasureOptions, 'tables' | 'leaveOut'> = {},
): Promise<readonly TableRows[]> {
  switch (query.dialect) {
    case 'sqlite':
      return countSqliteRows(query, options);
    case 'postgres':
      return countPostgresRows(query, options);
    default:
      return unreachable(query.dialect);
  }
}

export interface TableRows {
  readonly table: string;
  readonly rows: number;
}

/** Rows that break a foreign key, per child table and parent. */
export async function countViolations(query: Query): Promise<readonly ViolationCount[]> {
  switch (query.dialect) {
    case 'sqlite':
      return countSqliteViolations(query);
    case 'postgres':
      return countPostgresViolations(query);
    default:
      return unreachable(query.dialect);
  }
}

async function measureSqlite(query: Query, options: MeasureOptions): Promise<readonly TableMeasurement[]> {
  const tables: TableMeasurement[] = [];
  let rows = 0;
  for (const table of await chosenTables(query, options)) {
    const measured = await measureTable(table, query, {
      signal: options.signal,
      onPage: (more) => {
        rows += more;
        options.onProgress?.({ rows, table: table.name });
      },
    });
    tables.push(...measured);
  }
  return tables;
}

async function countSqliteRows(
  query: Query,
  options: Pick<MeasureOptions, 'tables' | 'leaveOut'>,
): Promise<readonly TableRows[]> {
  const tables = (await chosenTables(query, options)).filter(({ kind }) => kind === 'table');
  const counted: { table: string; rows: number }[] = [];
  // As columns, not as rows: D1 joins at most 5 SELECTs into one, and takes 100 columns.
  for (let at = 0; at < tables.length; at += 50) {
    const some = tables.slice(at, at + 50);
    const counts = some.map(({ name }, index) => `(SELECT count(*) FROM ${quoteName(name)}) AS n${index}`);
    const [row] = await query({ sql: `SELECT ${counts.join(', ')}` });
    counted.push(...some.map(({ name }, index) => ({ table: name, rows: Number(row?.[`n${index}`] ?? 0) })));
  }
  return counted;
}

async function countSqliteViolations(query: Query): Promise<readonly ViolationCount[]> {
  try {
    const rows = await query({
      sql: 'SELECT "table" AS child, parent, count(*) AS n FROM pragma_foreign_key_check GROUP BY 1, 2 ORDER BY 1, 2',
    });
    return rows.map(({ child, parent, n }) => ({
      table: String(child),
      parent: String(parent),
      count: Number(n),
    }));
  } catch (error) {
    throw uncheckable(error) ?? error;
  }
}

/** SQLite cannot check a key that refers to columns without a unique index, and says so for the first one it meets. */
function uncheckable(error: unknown): MigrateError | undefined {
  const found =
    error instanceof SqlError ? /foreign key mismatch - (".*" referencing ".*")/.exec(error.message) : null;
  return found
    ? new MigrateError(
        'rehearsal-failed',
        `The foreign keys cannot be checked: ${found[1] ?? ''} names columns that are neither primary key nor UNIQUE there.`,
        {
          next: 'Add a unique index on those columns, or correct the REFERENCES clause, in a migration of its own.',
          cause: error,
        },
      )
    : undefined;
}

async function chosenTables(
  query: Query,
  { tables, leaveOut }: MeasureOptions,
): Promise<readonly MeasuredTable[]> {
  const all = await measuredTables(query, leaveOut);
  const chosen = tables && new Set(tables.map(foldName));
  return chosen ? all.filter(({ name }) => chosen.has(foldName(name))) : all;
}

interface Walk {
  readonly signal: AbortSignal | undefined;
  readonly onPage: (rows: number) => void;
}

async function measureTable(
  table: MeasuredTable,
  query: Query,
  walk: Walk,
): Promise<readonly TableMeasurement[]> {
  walk.signal?.throwIfAborted();
  if (table.kind === 'virtual') return countVirtual(table, query);
  const measured: TableMeasurement['columns'][number][] = [];
  let counted = 0;
  for (const columns of columnGroups(table)) {
    const sums = columns.map(createChecksum);
    let rows = 0;
    for await (const page of tablePages({ ...table, columns }, query)) {
      walk.signal?.throwIfAborted();
      for (const [at, values] of page.columns.entries()) for (const value of values) sums[at]?.add(value);
      rows += page.rows;
      if (measured.length === 0) walk.onPage(page.rows);
    }
    counted = rows;
    measured.push(...columns.map((column, at) => columnOf(column, sums[at])));
  }
  return [{ table: table.name, rows: counted, columns: measured }];
}

/** D1 answers with at most 100 columns, and two more are asked for: a wide table is walked through twice. */
function columnGroups({ columns }: MeasuredTable): readonly (readonly string[])[] {
  const groups: (readonly string[])[] = [columns.slice(0, groupSize)];
  for (let at = groupSize; at < columns.length; at += groupSize) {
    groups.push(columns.slice(at, at + groupSize));
  }
  return groups;
}

const groupSize = 90;

function columnOf(column: string, sum: Checksum | undefined) {
  return { column, nonNull: sum?.count ?? 0, checksum: sum?.digits ?? '' };
}

/** A virtual table whose module is not here, or that cannot be scanned, has no count: it is left out. */
async function countVirtual({ name }: MeasuredTable, query: Query): Promise<readonly TableMeasurement[]> {
  try {
    const [row] = await query({ sql: `SELECT count(*) AS n FROM ${quoteName(name)}` });
    return [{ table: name, rows: Number(row?.['n'] ?? 0), columns: [] }];
  } catch (error) {
    if (error instanceof SqlError) return [];
    throw error;
  }
}
