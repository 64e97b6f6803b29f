import { keepCounts, keptCounts } from '../bookkeeping/lease.ts';
import type { Unit, UnitStatement } from '../engines/engine.ts';
import type { RowExpectations } from '../operations/row-expectations.ts';
import type { Migration } from '../migrations/migration.ts';
import type { ExecuteStep } from '../operations/step.ts';
import { classify } from '../sql/classify.ts';
import { foreignKeyGuard, violationsJson } from './foreign-key-guard.ts';
import { unreachable } from '../lib/unreachable.ts';
import { guard } from '../sql/guard.ts';
import { quoteName, quoteText } from '../sql/quote.ts';
import type { Statement } from '../sql/statement.ts';
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
  const { migration } = step;
  const { foreignKeys } = enforcement;
  const counted = lock ? (step.expectations?.tables.filter(({ mayLose }) => mayLose !== 'any') ?? []) : [];
  const checksForeignKeys = lock !== undefined && enforcement.violations === 'counted';
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
      ...guards([historyGuard(step)]),
      ...guards(
        counted.length > 0 || checksForeignKeys || tellsByCounts(step, lock)
          ? [keepCounts(countsJson(counted, checksForeignKeys))]
          : [],
      ),
      ...migration.statements.map(({ sql }, index) => ({
        sql,
        role: 'migration' as const,
        number: index + 1,
      })),
      ...guards(counted.map(rowGuard)),
      ...guards(checksForeignKeys ? [foreignKeyGuard] : []),
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
  const records = `(SELECT count(*) FROM ${quoteName(bookkeeping.table)})`;
  const recorded = leaves.kind === 'no-record' && leaves.erases ? 1 : 0;
  const holds = `CASE WHEN ${records} = ${recordsBefore} AND (${bookkeeping.isRecorded(migration)}) = ${recorded} THEN 1 ELSE 0 END`;
  return { sql: guard('history', holds, `${records} || ' records instead of ${recordsBefore}'`) };
}

type Expectation = RowExpectations['tables'][number];

function countOf({ table, column }: Expectation): string {
  return `(SELECT count(${column === undefined ? '*' : quoteName(column)}) FROM ${quoteName(table)})`;
}

function countsJson(counted: readonly Expectation[], withForeignKeys: boolean): string {
  const parts = counted.map((expectation, index) => `'"${index}":' || ${countOf(expectation)}`);
  if (withForeignKeys) parts.push(`'"fk":' || ${violationsJson}`);
  return `'{' || ${joined(parts)} || '}'`;
}

/** Balanced, because SQLite bounds the depth of an expression and not its length. */
function joined(parts: readonly string[]): string {
  if (parts.length <= 1) return parts[0] ?? "''";
  const half = Math.ceil(parts.length / 2);
  return `(${joined(parts.slice(0, half))} || ',' || ${joined(parts.slice(half))})`;
}

function rowGuard(expectation: Expectation, index: number): Statement {
  const lost = `json_extract(${keptCounts}, '$."${index}"') - ${countOf(expectation)}`;
  const name =
    expectation.column === undefined ? expectation.table : `${expectation.table}.${expectation.column}`;
  const holds = `CASE WHEN ${lost} <= ${Number(expectation.mayLose)} THEN 1 ELSE 0 END`;
  return { sql: guard('rows', holds, `${quoteText(name.replaceAll("'", '’'))} || ' ' || (${lost})`) };
}
