import { leaseTexts } from '../../bookkeeping/lease-texts.ts';
import { unfinishedTexts } from '../../bookkeeping/unfinished.ts';
import type { Unit, UnitStatement } from '../../engines/engine.ts';
import type { RowExpectations } from '../../operations/evidence/row-expectations.ts';
import type { Migration } from '../../migrations/migration.ts';
import type { ExecuteStep } from '../../operations/plan/step.ts';
import { classify, partsOf } from '../../sql/classify.ts';
import { sameName } from '../../sql/cursor.ts';
import { foreignKeyGuard, violationsJson } from './foreign-key-guard.ts';
import { compareBrokenKeys } from '../postgres/foreign-key-guard.ts';
import { unreachable } from '../../lib/unreachable.ts';
import { guardIn } from '../../sql/guard.ts';
import { quoteName, quoteQualified, quoteTable, quoteText } from '../../sql/quote.ts';
import type { Dialect, Statement } from '../../sql/statement.ts';
import type { Enforcement } from './enforcement.ts';
import type { HeldLock } from '../lock/lock.ts';

/** What a unit is made with. */
export interface UnitGiven {
  readonly lock: HeldLock | undefined;
  readonly enforcement: Enforcement;
  readonly now: number;
  /** See `dottedTables`. */
  readonly dotted?: ReadonlySet<string>;
}

/**
 * A migration as one unit: fence, history re-read, statements, guards on rows and foreign keys, record.
 * Everything that must hold is a statement that raises, so that it also holds where a unit is one request.
 */
export function unitOf(step: ExecuteStep, given: UnitGiven): Unit {
  const { migration, prepare } = step;
  const statements = migration.statements.map(({ sql }, index) => ({ sql, number: index + 1 }));
  const end = [...recordOf(step, given.now), ...forgets(step)];
  return unitWith(step, { prepare, statements, counted: countedIn(step, given), end }, given);
}

/** A part of a migration with what is written behind it: under the same fence and guards as a whole one. */
export function partUnit(
  step: ExecuteStep,
  { first, last, prepare, end }: PartContent,
  given: UnitGiven,
): Unit {
  const statements = step.migration.statements
    .slice(first - 1, last)
    .map(({ sql }, index) => ({ sql, number: first + index }));
  const counted = statements.length === 0 ? [] : countedIn(step, given).filter(isThroughout(step.migration));
  return unitWith(step, { prepare, statements, counted, end }, given);
}

export interface PartContent extends Pick<ExecuteStep, 'prepare'> {
  /** Its statements, by number; none where `last` is before `first`. */
  readonly first: number;
  readonly last: number;
  readonly end: readonly UnitStatement[];
}

interface Content extends Pick<ExecuteStep, 'prepare'> {
  readonly statements: readonly { readonly sql: string; readonly number: number }[];
  readonly counted: readonly Expectation[];
  readonly end: readonly UnitStatement[];
}

function unitWith(
  step: ExecuteStep,
  { prepare, statements, counted, end }: Content,
  { lock, enforcement, dotted = new Set() }: UnitGiven,
): Unit {
  const { migration, bookkeeping } = step;
  const { dialect } = bookkeeping;
  const { foreignKeys } = enforcement;
  const checksForeignKeys = lock !== undefined && enforcement.violations === 'counted';
  const counts = counted.map((expectation) => countOf(dialect, expectation, dotted));
  const comparing = guards(enforcement.violations === 'compared-inside' ? [compareBrokenKeys] : []);
  return {
    foreignKeys,
    statements: [
      ...guards(lock?.fence(migration.tag) ?? []),
      // With enforcement on, rows may come in any order inside a migration; the check is at its commit.
      ...guards(
        enforcement.rows === 'in-any-order' && writesRows(migration)
          ? [{ sql: 'PRAGMA defer_foreign_keys = ON' }]
          : [],
      ),
      ...prepare.map((statement) => ({ ...statement, role: 'record' as const })),
      ...guards([...(lock ? bookkeeping.hold : []), historyGuard(step)]),
      ...guards(
        counted.length > 0 || checksForeignKeys || tellsByCounts(step, lock)
          ? [leaseTexts(dialect).keepCounts(countsJson(counts, checksForeignKeys))]
          : [],
      ),
      ...comparing,
      ...statements.map((statement) => ({ ...statement, role: 'migration' as const })),
      ...guards(
        counted.map((expectation, index) =>
          rowGuard(dialect, expectation, { index, now: counts[index] ?? '' }),
        ),
      ),
      ...guards(checksForeignKeys ? [foreignKeyGuard] : []),
      ...comparing,
      ...end,
    ],
  };
}

function countedIn({ expectations }: ExecuteStep, { lock }: UnitGiven): readonly Expectation[] {
  return lock ? (expectations?.tables.filter(({ mayLose }) => mayLose !== 'any') ?? []) : [];
}

/** A table that the migration drops or renames is not there under its name at each boundary of its parts. */
function isThroughout({ statements }: Migration): (expectation: Expectation) => boolean {
  const moved = statements.flatMap(({ sql }) =>
    partsOf(classify(sql)).flatMap((kind) => {
      if (kind.kind === 'drop-table') return [kind.table];
      return kind.kind === 'alter-table' && kind.action.kind === 'rename-table'
        ? [kind.table, kind.action.to]
        : [];
    }),
  );
  const gone = (column: string | undefined) =>
    column !== undefined && statements.some(({ sql }) => /^\s*alter\s+table\b/i.test(sql));
  return ({ table, column }) => !moved.some((name) => sameName(name, table)) && !gone(column);
}

/** A way out of a migration that was half done ends what the target keeps of it. */
function forgets({ leaves, migration, bookkeeping }: ExecuteStep): readonly UnitStatement[] {
  const isWayOut =
    leaves.kind === 'no-record' || migration.statements.some(({ number }) => number !== undefined);
  if (bookkeeping.dialect !== 'postgres' || !isWayOut) return [];
  const key = { records: bookkeeping.quoted, tag: migration.tag };
  return [{ ...unfinishedTexts.forgetIfThere(key), role: 'record' }];
}

/** What is written when all of it has run. */
export function recordOf(
  { leaves, bookkeeping, migration, recordsBefore }: ExecuteStep,
  now: number,
): readonly UnitStatement[] {
  switch (leaves.kind) {
    case 'its-record':
      return [{ ...bookkeeping.record(migration, now), role: 'record' }];
    case 'no-record':
      return leaves.erases
        ? [
            { ...bookkeeping.erase(leaves.erases), role: 'record' },
            erasedGuard({ bookkeeping, recordsBefore }),
          ]
        : [];
    default:
      return unreachable(leaves);
  }
}

/** Exactly one record is gone, whatever the statements did with the table, or the unit is undone. */
function erasedGuard({
  bookkeeping: { quoted, dialect },
  recordsBefore,
}: Pick<ExecuteStep, 'bookkeeping' | 'recordsBefore'>): UnitStatement {
  const records = `(SELECT count(*) FROM ${quoted})`;
  const after = recordsBefore - 1;
  const found = `${records} || ' afterwards instead of ${after}: its own has to go, and no other'`;
  return { sql: guardIn(dialect)('records', `${records} = ${after}`, found), role: 'guard' };
}

/** Without a record at its end, the counts that it keeps are what tells that a unit was committed. */
function tellsByCounts({ leaves }: ExecuteStep, lock: HeldLock | undefined): boolean {
  return lock !== undefined && leaves.kind === 'no-record';
}

function writesRows({ statements }: Migration): boolean {
  return statements.some(({ sql }) => {
    const { kind } = classify(sql);
    return kind === 'insert' || kind === 'update' || kind === 'delete' || kind === 'unknown';
  });
}

function guards(statements: readonly Statement[]): readonly UnitStatement[] {
  return statements.map((statement) => ({ ...statement, role: 'guard' }));
}

/** Somebody else's migrator may have been here since the history was read: then nothing of this unit may run. */
function historyGuard({ bookkeeping, migration, recordsBefore, leaves }: ExecuteStep): Statement {
  const records = `(SELECT count(*) FROM ${bookkeeping.quoted})`;
  const recorded = leaves.kind === 'no-record' && leaves.erases ? 1 : 0;
  const holds = `CASE WHEN ${records} = ${recordsBefore} AND (${bookkeeping.isRecorded(migration)}) = ${recorded} THEN 1 ELSE 0 END`;
  const found = `${records} || ' records instead of ${recordsBefore}'`;
  return { sql: guardIn(bookkeeping.dialect)('history', holds, found) };
}

type Expectation = RowExpectations['tables'][number];

function countOf(dialect: Dialect, { table, column }: Expectation, dotted: ReadonlySet<string>): string {
  const from = dotted.has(table) ? quoteQualified('public', table) : quoteTable(dialect, table);
  return `(SELECT count(${column === undefined ? '*' : quoteName(column)}) FROM ${from})`;
}

function countsJson(counts: readonly string[], withForeignKeys: boolean): string {
  const parts = counts.map((count, index) => `'"${index}":' || ${count}`);
  if (withForeignKeys) parts.push(`'"fk":' || ${violationsJson}`);
  return `'{' || ${joined(parts)} || '}'`;
}

/** Balanced, because SQLite bounds the depth of an expression and not its length. */
function joined(parts: readonly string[]): string {
  if (parts.length <= 1) return parts[0] ?? "''";
  const half = Math.ceil(parts.length / 2);
  return `(${joined(parts.slice(0, half))} || ',' || ${joined(parts.slice(half))})`;
}

/** What `countsJson` kept of the expectation with this number. */
function keptCount(dialect: Dialect, index: number): string {
  const { keptCounts } = leaseTexts(dialect);
  switch (dialect) {
    case 'sqlite':
      return `json_extract(${keptCounts}, '$."${index}"')`;
    case 'postgres':
      return `(${keptCounts}::json ->> '${index}')::bigint`;
    default:
      return unreachable(dialect);
  }
}

function rowGuard(
  dialect: Dialect,
  { table, column, mayLose }: Expectation,
  { index, now }: { readonly index: number; readonly now: string },
): Statement {
  const lost = `${keptCount(dialect, index)} - ${now}`;
  const name = column === undefined ? table : `${table}.${column}`;
  const holds = `CASE WHEN ${lost} <= ${Number(mayLose)} THEN 1 ELSE 0 END`;
  const detail = `${quoteText(name.replaceAll("'", '’'))} || ' ' || (${lost})`;
  return { sql: guardIn(dialect)('rows', holds, detail) };
}
