import type { TableMeasurement } from '../../operations/evidence/measurement.ts';
import { quoteName, quoteText } from '../../sql/quote.ts';
import type { Query, Row } from '../../sql/statement.ts';
import type { MeasureOptions, TableRows } from '../measure/measure.ts';
import {
  insistVisible,
  namedAmong,
  postgresTables,
  type PostgresColumn,
  type PostgresTable,
  type TablePart,
} from './tables.ts';

/** The project's tables, or those of these names, one after another. */
export async function measurePostgres(
  query: Query,
  { tables, leaveOut, signal, onProgress }: MeasureOptions,
): Promise<readonly TableMeasurement[]> {
  const measured: TableMeasurement[] = [];
  let looked = 0;
  for (const table of chosen(await postgresTables(query, leaveOut), tables)) {
    const onRows = (more: number) => {
      looked += more;
      onProgress?.({ rows: looked, table: table.name });
    };
    measured.push(await measureTable(table, query, { signal, onRows }));
  }
  return measured;
}

/** Rows per table alone. */
export async function countPostgresRows(
  query: Query,
  { tables, leaveOut }: Pick<MeasureOptions, 'tables' | 'leaveOut'>,
): Promise<readonly TableRows[]> {
  const counted: TableRows[] = [];
  const all = chosen(await postgresTables(query, leaveOut), tables);
  // Together they look at one moment, and still each question ends in a while.
  for (let at = 0; at < all.length; at += 50) {
    const some = all.slice(at, at + 50);
    const counts = some.map(({ from }, index) => `(SELECT count(*) FROM ${from}) AS n${index}`);
    const [row] = await query({ sql: `SELECT ${counts.join(', ')}` });
    counted.push(...some.map(({ name }, index) => ({ table: name, rows: Number(row?.[`n${index}`]) })));
  }
  return counted;
}

const chosen = (all: readonly PostgresTable[], names: readonly string[] | undefined) =>
  insistVisible(names ? namedAmong(all, names) : all);

interface Look {
  readonly signal: AbortSignal | undefined;
  /** Called after each question with the rows that it looked at. */
  readonly onRows: (rows: number) => void;
}

/**
 * Rows, filled values and a checksum per column, added up by the server: only sums travel. A large table is looked at
 * in spans of blocks, so that a look can be stopped and tells how far it came; rows must not move meanwhile.
 *
 * To be asked outside a transaction: each question sets how values are written, to the end of its own.
 */
async function measureTable(
  table: PostgresTable,
  query: Query,
  { signal, onRows }: Look,
): Promise<TableMeasurement> {
  let rows = 0;
  const sums = table.columns.map(() => ({ nonNull: 0, sum: 0n }));
  for (const span of table.parts.flatMap(spansOf)) {
    for (const [group, columns] of columnGroups(table).entries()) {
      signal?.throwIfAborted();
      const [row] = await query({ sql: sumsQuery(columns, span) });
      if (!row) continue;
      for (const [at, sum] of sums.slice(group * groupSize, (group + 1) * groupSize).entries()) {
        sum.nonNull += Number(row[`n${at}`]);
        sum.sum += BigInt(String(row[`s${at}`]));
      }
      if (group > 0) continue;
      rows += rowsIn(row);
      onRows(rowsIn(row));
    }
  }
  return {
    table: table.name,
    rows,
    columns: sums.map(({ nonNull, sum }, at) => ({
      column: table.columns[at]?.name ?? '',
      nonNull,
      checksum: BigInt.asUintN(64, sum).toString(16).padStart(16, '0'),
    })),
  };
}

const rowsIn = (row: Row) => Number(row['n']);

interface Span {
  readonly from: string;
  readonly where: string;
}

function spansOf({ from, blocks = 0 }: TablePart): readonly Span[] {
  const starts = Array.from({ length: Math.max(1, Math.ceil(blocks / spanSize)) }, (_, at) => at * spanSize);
  return starts.map((start, at) => {
    const ends = at === starts.length - 1 ? [] : [`ctid < '(${start + spanSize},0)'::tid`];
    const begins = at === 0 ? [] : [`ctid >= '(${start},0)'::tid`];
    return { from, where: ['fixed IS NOT NULL', ...begins, ...ends].join(' AND ') };
  });
}

/** Blocks: 64 MB where one has the usual 8 KB. */
const spanSize = 8192;

/** A SELECT gives at most 1,664 columns, and a table has up to 1,600. */
function columnGroups({ columns }: PostgresTable): readonly (readonly PostgresColumn[])[] {
  const groups: (readonly PostgresColumn[])[] = [columns.slice(0, groupSize)];
  for (let at = groupSize; at < columns.length; at += groupSize)
    groups.push(columns.slice(at, at + groupSize));
  return groups;
}

const groupSize = 400;

function sumsQuery(columns: readonly PostgresColumn[], { from, where }: Span): string {
  const sums = columns.flatMap((column, at) => [
    `count(${quoteName(column.name)}) AS n${at}`,
    `coalesce(sum(hashtextextended(${textOf(column)} COLLATE "C", 0)), 0)::text AS s${at}`,
  ]);
  // What is volatile stays where it stands, and the other side waits for its value.
  return `SELECT sums.* FROM (SELECT ${fixedSettings} AS fixed) AS settings
CROSS JOIN LATERAL (SELECT ${['count(*) AS n', ...sums].join(', ')} FROM ${from} WHERE ${where}) AS sums`;
}

/**
 * The hash is the one that hash partitions are made by: a dump and pg_upgrade rely on its staying what it is
 * (https://www.postgresql.org/docs/18/ddl-partitioning.html). Values that only a change of type wrote in another way
 * are brought to one: 1.50 and 1.5, or a time with and without its zone.
 */
function textOf({ name, type }: PostgresColumn): string {
  const column = quoteName(name);
  switch (type) {
    case 'numeric':
      return `trim_scale(${column})::text`;
    case 'timestamptz':
      return `(${column} AT TIME ZONE 'UTC')::text`;
    case 'bytea':
      // As text it would need twice its size, which may be more than a value can have.
      return `encode(sha256(${column}), 'hex')`;
    default:
      return `${column}::text`;
  }
}

/** How values are written follows settings of the session, which a migration, a role or a database may have changed. */
const fixedSettings = Object.entries({
  TimeZone: 'UTC',
  DateStyle: 'ISO, YMD',
  IntervalStyle: 'postgres',
  extra_float_digits: '1',
  bytea_output: 'hex',
  lc_monetary: 'C',
})
  .map(([name, value]) => `set_config('${name}', ${quoteText(value)}, true)`)
  .join(' || ');
