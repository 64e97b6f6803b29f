import type { Measurement, TableMeasurement, ViolationCount } from '../../operations/evidence/measurement.ts';
import type { Migration } from '../../migrations/migration.ts';
import { foldName } from '../../sql/cursor.ts';
import { guard } from '../../sql/guard.ts';
import { quoteName } from '../../sql/quote.ts';
import { onlyReading } from '../invariants.ts';

/** Holds what was counted until the batch is undone, and is undone with it: no limit of a statement bounds it. */
export const tallyTable = '__migrate_tui_tally';

/** The guard that brings the counts out: its detail is what `readTally` takes. */
export const tallyGuard = 'rehearsed';

/** What is counted, and in which order it comes back. */
export interface TallyPlan {
  /** Tables and columns as they are at first; only their names are used. */
  readonly before: readonly TableMeasurement[];
  /** As the migrations leave them. */
  readonly after: readonly TableMeasurement[];
  /** Whose values are sampled, in lower case; of the others only what is filled is counted, which is much quicker. */
  readonly sampled: ReadonlySet<string> | 'all';
  /** With the queries that must find no row afterwards. */
  readonly migrations: readonly Migration[];
}

export interface Tally {
  readonly before: Measurement;
  readonly after: Measurement;
  /** Rows that the verify queries of a migration found, by its tag. */
  readonly verify: ReadonlyMap<string, number>;
}

/** Statements that count before the migrations, after them, and the one that raises with all of it. */
export function tallyStatements({ before, after, sampled, migrations }: TallyPlan): {
  readonly before: readonly string[];
  readonly after: readonly string[];
} {
  return {
    before: [
      `CREATE TABLE ${tallyTable} (n INTEGER PRIMARY KEY, said TEXT NOT NULL)`,
      ...before.flatMap((table) => countsOf(table, sampled)),
      violations,
    ],
    after: [
      ...after.flatMap((table) => countsOf(table, sampled)),
      violations,
      ...verifyQueries(migrations).map(({ sql }) => note(`count(*)`, `(${sql}\n)`)),
      guard(tallyGuard, '0', `(SELECT group_concat(said, ';') FROM (${inOrder})) || ';${end}'`),
    ],
  };
}

/** @returns undefined when the text was cut off on its way */
export function readTally(detail: string, plan: TallyPlan): Tally | undefined {
  const lines = detail.split(';');
  const verify = verifyQueries(plan.migrations);
  const wanted = linesOf(plan.before) + linesOf(plan.after) + 2 + verify.length + 1;
  if (lines.length !== wanted || lines.at(-1) !== end) return undefined;
  const next = () => lines.shift() ?? '';
  const measured = (tables: readonly TableMeasurement[]): Measurement => ({
    tables: tables.map((table) => readTable(table, plan.sampled, next)),
    violations: readViolations(next()),
  });
  const [before, after] = [measured(plan.before), measured(plan.after)];
  const found = new Map<string, number>();
  for (const { tag } of verify) found.set(tag, (found.get(tag) ?? 0) + Number(next()));
  return { before, after, verify: found };
}

const end = 'end';
const inOrder = `SELECT said FROM ${tallyTable} ORDER BY n`;

function note(said: string, from: string): string {
  return `INSERT INTO ${tallyTable} (said) SELECT ${said} FROM ${from}`;
}

/** One look at a table for so many of its columns: a statement of D1 has at most 100,000 bytes. */
function countsOf({ table, columns }: TableMeasurement, sampled: TallyPlan['sampled']): readonly string[] {
  const isSampled = samples(sampled, table);
  return groupsOf(columns).map((group) => {
    if (!isSampled) {
      const filled = group.map(({ column }) => `count(${quoteName(column)})`);
      return note(joined(['count(*)', ...filled]), quoteName(table));
    }
    const names = group.map(({ column }, at) => `,${quoteName(column)} AS c${at}`).join('');
    const values = group.map((_, at) => `,${asText(`c${at}`)} AS v${at}`).join('');
    const counts = group.flatMap((_, at) => [`count(v${at})`, `ifnull(sum(${sampleOf(`v${at}`)}),0)`]);
    // LIMIT keeps SQLite from writing an inner expression into each place where its value is used.
    const rows = `(SELECT 1${names} FROM ${quoteName(table)} LIMIT -1)`;
    return note(joined(['count(*)', ...counts]), `(SELECT 1${values} FROM ${rows} LIMIT -1)`);
  });
}

function samples(sampled: TallyPlan['sampled'], table: string): boolean {
  return sampled === 'all' || sampled.has(foldName(table));
}

const groupSize = 30;

/** One empty group for a table without columns to look at: its rows are counted. */
function groupsOf<T>(columns: readonly T[]): readonly (readonly T[])[] {
  const count = Math.max(1, Math.ceil(columns.length / groupSize));
  return Array.from({ length: count }, (_, at) => columns.slice(at * groupSize, (at + 1) * groupSize));
}

function linesOf(tables: readonly TableMeasurement[]): number {
  return tables.reduce((sum, { columns }) => sum + groupsOf(columns).length, 0);
}

/** The same text for a value that only changed its storage class: a whole REAL reads as the integer it equals. */
function asText(value: string): string {
  const whole = `CAST(${value} AS INTEGER)`;
  return `CAST(iif(typeof(${value})='real' AND ${value}=${whole},${whole},${value}) AS TEXT)`;
}

/** A number made of a value's length, its first, middle and last letter, and its digits: D1 has no hash function. */
function sampleOf(value: string): string {
  const middle = `unicode(substr(${value},(length(${value})+1)/2,1))`;
  const letters = `ifnull(unicode(${value})*8191+${middle}*131+unicode(substr(${value},-1)),0)`;
  return `octet_length(${value})*65599+${letters}+CAST(${value} AS INTEGER)%1000003`;
}

/** As a tree, because D1 bounds the depth of an expression at 100. */
function joined(parts: readonly string[]): string {
  if (parts.length <= 1) return parts[0] ?? "''";
  const half = Math.ceil(parts.length / 2);
  return `(${joined(parts.slice(0, half))}||','||${joined(parts.slice(half))})`;
}

// In hex, because a name may hold anything that stands between two of them.
const violations = note(
  `ifnull(group_concat(hex(child) || '>' || hex(parent) || '=' || n, ','), '')`,
  `(SELECT "table" AS child, parent, count(*) AS n FROM pragma_foreign_key_check GROUP BY 1, 2)`,
);

function verifyQueries(migrations: readonly Migration[]) {
  return migrations.flatMap(({ tag, verify }) =>
    (verify?.statements ?? []).map(({ sql, line }) => ({
      tag,
      sql: onlyReading(sql, `${verify?.file ?? tag}:${line}`).replace(/[\s;]+$/, ''),
    })),
  );
}

function readTable(
  { table, columns }: TableMeasurement,
  sampled: TallyPlan['sampled'],
  next: () => string,
): TableMeasurement {
  const each = samples(sampled, table) ? 2 : 1;
  let rows = 0;
  const read = groupsOf(columns).flatMap((group) => {
    const [count = '0', ...numbers] = next().split(',');
    rows = Number(count);
    return group.map(({ column }, at) => ({
      column,
      nonNull: Number(numbers[at * each]),
      checksum: each === 2 ? (numbers[at * each + 1] ?? '') : '',
    }));
  });
  return { table, rows, columns: read };
}

function readViolations(line: string): readonly ViolationCount[] {
  if (line === '') return [];
  return line.split(',').map((one) => {
    const [, table = '', parent = '', count = ''] = /^([0-9A-F]*)>([0-9A-F]*)=(\d+)$/.exec(one) ?? [];
    return { table: textOf(table), parent: textOf(parent), count: Number(count) };
  });
}

const textOf = (hex: string) => Buffer.from(hex, 'hex').toString();
