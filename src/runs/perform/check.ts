import { MigrateError } from '../../lib/errors.ts';
import { count } from '../../lib/numbers.ts';
import type { Migration } from '../../migrations/migration.ts';
import { lineUp } from '../../operations/history/history.ts';
import { commandBack } from '../../operations/rollback/command.ts';
import { appliedIn } from '../../operations/rollback/database.ts';
import type { Step } from '../../operations/plan/step.ts';
import type { VerifyCheck } from '../../operations/reports.ts';
import { fingerprint } from '../../schema/fingerprint.ts';
import { withoutInvalid } from '../../schema/invalid-index.ts';
import { readSchema } from '../../schema/read.ts';
import { checkFingerprint, checkForeignKeys, checkIntegrity, checkVerifyFiles } from '../checks.ts';
import { asStep, boundary, databaseOf, type RunContext, type RunDatabase } from '../context.ts';
import { changedInvariants, readInvariants } from '../invariants.ts';
import { countRows } from '../measure/measure.ts';
import { readHistory } from '../snapshot.ts';
import { renewBackup } from './renew-backup.ts';

type CheckStep = Extract<Step, { kind: 'check' }>;

/**
 * Under the lock, before the first unit: history and schema are still those that were rehearsed.
 * When only rows moved, a fresh backup is taken at this moment.
 *
 * @throws MigrateError `target-changed`
 */
export async function proveUnchanged({ database }: CheckStep, context: RunContext): Promise<void> {
  boundary(context);
  const of = databaseOf(context, database);
  const { engine, evidence, bookkeeping } = of;
  if (!engine) throw new Error(`${database} is not open.`);
  const [{ shaped, entries }, found, rows] = await Promise.all([
    readHistory(engine, bookkeeping),
    readSchema(engine.query, { bookkeeping: [of.database.table] }),
    countChanged(of),
  ]);
  of.bookkeeping = shaped;
  const [history, schema] = [shaped.digest(entries), fingerprint(withoutInvalid(found))];
  if (evidence && (history !== evidence.before.history || schema !== evidence.before.fingerprint)) {
    throw targetChanged(history !== evidence.before.history ? 'history' : 'schema', context);
  }
  await renewBackup(of, context);
  of.invariantsBefore = await readInvariants(engine.query, context.environment, database);
  of.rowsBefore = rows;
}

/** The target after the last unit: is it what the evidence predicted? */
export async function performVerify({ database }: CheckStep, context: RunContext): Promise<void> {
  const of = databaseOf(context, database);
  const stopping = 'nothing is written any more: the migrations are applied and stay';
  await asStep(context, { step: 'verify', database, stopping }, async () => {
    const [checks, rows] = await Promise.all([verifyTarget(of, context), changedRows(of)]);
    const differing = checks.filter(({ state }) => state === 'differs');
    await context.ledger.recordCheck({
      environment: context.environment.name,
      database,
      askedAt: Date.now(),
      result: differing.length === 0 ? 'equal' : 'differs',
    });
    if (differing.length > 0) throw verifyDiffers(differing, of, context);
    return { says: `${checks.length} of ${checks.length} proven`, checks, rows };
  });
}

async function verifyTarget(of: RunDatabase, context: RunContext): Promise<readonly VerifyCheck[]> {
  const { engine, evidence, bookkeeping, selected, database } = of;
  if (!engine) throw new Error(`${database.name} is not open.`);
  const { query } = engine;
  const [{ shaped, entries }, schema] = await Promise.all([
    readHistory(engine, bookkeeping),
    readSchema(query, { bookkeeping: [database.table] }),
  ]);
  const { items } = lineUp({ migrations: of.migrations, bookkeeping: shaped, entries });
  const applied = new Set(items.flatMap((item) => (item.kind === 'applied' ? [item.migration.tag] : [])));
  const isRight = ({ tag }: Migration) => applied.has(tag) === (of.leaves.kind === 'its-record');
  const asPlanned = selected.filter(isRight);
  const moved = changedInvariants(
    context.environment,
    of.invariantsBefore,
    await readInvariants(query, context.environment, database.name),
  );
  const all: readonly Omit<VerifyCheck, 'database'>[] = [
    {
      check: 'history',
      state: asPlanned.length === selected.length ? 'proven' : 'differs',
      says: saysOfHistory(of, { asPlanned: asPlanned.length, applied: applied.size }),
    },
    ...(evidence
      ? [checkFingerprint(withoutInvalid(schema), evidence.after.fingerprint, "the dry-run's")]
      : []),
    await checkForeignKeys(query, evidence?.violations.before ?? of.source?.violations ?? []),
    await checkIntegrity(engine),
    ...(await checkVerifyFiles(query, selected)),
    ...moved.map((says) => ({ check: 'invariant' as const, state: 'differs' as const, says })),
  ];
  return all.map((found) => ({ database: database.name, ...found }));
}

/** Where the run had nothing to apply, what is recorded is all there is to say. */
function saysOfHistory(
  { selected, leaves }: RunDatabase,
  { asPlanned, applied }: { readonly asPlanned: number; readonly applied: number },
): string {
  if (selected.length === 0) return `${count(applied)} recorded`;
  return `${count(asPlanned)} of ${count(selected.length)} ${leaves.kind === 'its-record' ? 'recorded' : 'without a record'}`;
}

async function countChanged({ engine, evidence }: RunDatabase): Promise<ReadonlyMap<string, number>> {
  const tables = evidence?.tables.map(({ table }) => table) ?? [];
  if (!engine || tables.length === 0) return new Map();
  const counted = await countRows(engine.query, { tables });
  return new Map(counted.map(({ table, rows }) => [table, rows]));
}

async function changedRows(of: RunDatabase) {
  const after = await countChanged(of);
  const names = [...new Set([...of.rowsBefore.keys(), ...after.keys()])];
  return names.map((table) => ({ table, before: of.rowsBefore.get(table), after: after.get(table) }));
}

function targetChanged(what: string, { environment, again }: RunContext): MigrateError {
  return new MigrateError(
    'target-changed',
    `The ${what} of ${environment.name} changed since the rehearsal. Nothing was changed by this run.`,
    { next: `Rehearse again: ${again}` },
  );
}

function verifyDiffers(
  differing: readonly VerifyCheck[],
  of: RunDatabase,
  { environment }: RunContext,
): MigrateError {
  const { source, leaves } = of;
  const done = leaves.kind === 'its-record' ? 'migrated' : 'taken back';
  const what = source
    ? `${environment.name} has what ${source.target.environment} has, but not all of it is in order`
    : `${environment.name} is ${done}, but it is not what the dry-run predicted`;
  const said = differing.map(({ check, says }) => `${check} ${says}`).join('; ');
  const undoing = source || leaves.kind === 'no-record' ? undefined : rollbackOf(of, environment);
  const files = undoing === undefined ? '' : ` ${undoing} runs the rollback files, after a dry-run;`;
  return new MigrateError('verify-differs', `${what}: ${said}.`, {
    next: `migrate-tui verify ${environment.name} asks again;${files} migrate-tui backups ${environment.name} lists the way back.`,
  });
}

/** Before a restore, which loses what was written since. */
function rollbackOf(of: RunDatabase, { name, targets }: RunContext['environment']): string | undefined {
  const { migrations, bookkeeping, entries, selected, database } = of;
  return commandBack({
    environment: name,
    databases: targets.length > 1 ? [database.name] : undefined,
    applied: selected,
    before: appliedIn(lineUp({ migrations, bookkeeping, entries })).map(({ migration }) => migration),
    migrations,
  });
}
