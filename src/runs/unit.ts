import { leaseTexts } from '../bookkeeping/lease-texts.ts';
import type { Unit, UnitStatement } from '../engines/engine.ts';
import type { RowExpectations } from '../operations/row-expectations.ts';
import type { Migration } from '../migrations/migration.ts';
import type { ExecuteStep } from '../operations/step.ts';
import { classify } from '../sql/classify.ts';
import { foreignKeyGuard, violationsJson } from './foreign-key-guard.ts';
import { compareBrokenKeys } from './postgres/foreign-key-guard.ts';
import { unreachable } from '../lib/unreachable.ts';
import { guardIn } from '../sql/guard.ts';
import { quoteName, quoteTable, quoteText } from '../sql/quote.ts';
import type { Dialect, Statement } from '../sql/statement.ts';
import type { Enforcement } from './enforcement.ts';
import type { HeldLock } from './lock.ts';

/**
 * A migration as one unit: fence, history re-read, statements, guards on rows and foreign keys, record.
 * Everything that must hold is a statement that raises, so that it also holds where a unit is one request.
 */
export function unitOf(
  step: ExecuteStep,
  {
    lock,
    enforcement,
    now,
  }: { readonly lock: HeldLock | undefined; readonly enforcement: Enforcement; readonly now: number },
): Unit {
  const { migration, bookkeeping } = step;
  const { dialect } = bookkeeping;
  const { foreignKeys } = enforcement;
  const counted = lock ? (step.expectations?.tables.filter(({ mayLose }) => mayLose !== 'any') ?? []) : [];
  const checksForeignKeys = lock !== undefined && enforcement.violations === 'counted';
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
      ...step.prepare.map((statement) => ({ ...statement, role: 'record' as const })),
      ...guards([...(lock ? bookkeeping.hold : []), historyGuard(step)]),
      ...guards(
        counted.length > 0 || checksForeignKeys || tellsByCounts(step, lock)
          ? [leaseTexts(dialect).keepCounts(countsJson(dialect, counted, checksForeignKeys))]
          : [],
      ),
      ...comparing,
      ...migration.statements.map(({ sql }, index) => ({
        sql,
        role: 'migration' as const,
        number: index + 1,
      })),
      ...guards(counted.map((expectation, index) => rowGuard(dialect, expectation, index))),
      ...guards(checksForeignKeys ? [foreignKeyGuard] : []),
      ...comparing,
      ...recordOf(step, now),
    ],
  };
}

function recordOf({ leaves, bookkeeping, migration }: ExecuteStep, now: number): readonly UnitStatement[] {
  switch (leaves.kind) {
    case 'its-record':
      return [{ ...bookkeeping.record(migration, now), role: 'record' }];
    case 'no-record':
      return leaves.erases ? [{ ...bookkeeping.erase(leaves.erases), role: 'record' }] : [];
    default:
      return unreachable(leaves);
  }
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

function countOf(dialect: Dialect, { table, column }: Expectation): string {
  return `(SELECT count(${column === undefined ? '*' : quoteName(column)}) FROM ${quoteTable(dialect, table)})`;
}

function countsJson(dialect: Dialect, counted: readonly Expectation[], withForeignKeys: boolean): string {
  const parts = counted.map((expectation, index) => `'"${index}":' || ${countOf(dialect, expectation)}`);
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

function rowGuard(dialect: Dialect, expectation: Expectation, index: number): Statement {
  const lost = `${keptCount(dialect, index)} - ${countOf(dialect, expectation)}`;
  const name =
    expectation.column === undefined ? expectation.table : `${expectation.table}.${expectation.column}`;
  const holds = `CASE WHEN ${lost} <= ${Number(expectation.mayLose)} THEN 1 ELSE 0 END`;
  const detail = `${quoteText(name.replaceAll("'", '’'))} || ' ' || (${lost})`;
  return { sql: guardIn(dialect)('rows', holds, detail) };
}
