import { leaseTexts } from '../../bookkeeping/lease-texts.ts';
import type { Engine, SqlError, UnitOutcome } from '../../engines/engine.ts';
import { MigrateError } from '../../lib/errors.ts';
import { quantity } from '../../lib/numbers.ts';
import { stopped } from '../../lib/sentences.ts';
import { unreachable } from '../../lib/unreachable.ts';
import { withoutValues } from '../../lib/without-values.ts';
import type { Migration } from '../../migrations/migration.ts';
import { statementHashes } from '../../operations/attempt.ts';
import type { Cause } from '../../operations/causes/failure.ts';
import type { ExecuteStep } from '../../operations/step.ts';
import { causeOf } from '../cause-of.ts';
import { asStep, databaseOf, interrupted, type RunContext, type RunDatabase } from '../context.ts';
import { dottedTables } from '../dotted-tables.ts';
import { enforcementFor } from '../enforcement.ts';
import { currentLease, describeLease, type HeldLock } from '../lock.ts';
import { settledUnit, type SettledUnit } from '../settled-unit.ts';
import { unitOf } from '../unit.ts';

/** Applies one migration to the target: intent in the ledger, the unit, outcome in the ledger. */
export async function performExecute(step: ExecuteStep, context: RunContext): Promise<void> {
  const { migration, database, expected } = step;
  const of = databaseOf(context, database);
  const engine = await of.open({ ifMissing: 'create' });
  const tag = { database, tag: migration.tag };
  const total = expected.reduce((sum, took) => sum + took, 0);
  await asStep(
    context,
    {
      step: 'migrate',
      ...tag,
      statements: migration.statements.length,
      ...(expected.length > 0 ? { expected: total } : {}),
      stopping: stoppingOf(engine, migration),
    },
    async () => {
      context.progress.failed = tag;
      const intent = await context.ledger.beginUnit(intentOf(step, context.run));
      const startedAt = performance.now();
      const outcome = await runUnit(engine, step, of, context);
      const known = await settledOf(engine, step, of, outcome);
      const took = Math.round(performance.now() - startedAt);
      if (known.kind === 'committed') {
        context.progress.applied.push(tag);
        // Also when the ledger cannot be told: the record in the target decides.
        context.progress.failed = undefined;
      }
      await context.ledger.endUnit(intent, { endedAt: Date.now(), outcome: wordFor(known), took });
      if (known.kind !== 'committed') throw await explain(known, engine, step, of, context);
      const did = step.leaves.kind === 'its-record' ? ['applied', 'recorded'] : ['undone', 'no record'];
      return { says: `${did[0]}, ${quantity(migration.statements.length, 'statement')}, ${did[1]}` };
    },
  );
}

/** What stopping during this migration would do, in one sentence. */
export function stoppingOf({ delivery }: Pick<Engine, 'delivery'>, { tag }: Migration): string {
  switch (delivery) {
    case 'statement-by-statement':
      return `ctrl-c undoes ${tag} in full: it is one transaction, and none of it stays`;
    case 'one-request':
      return 'too late to undo: the server decides; the outcome is read back';
    default:
      return unreachable(delivery);
  }
}

async function runUnit(
  engine: Engine,
  step: ExecuteStep,
  of: RunDatabase,
  context: RunContext,
): Promise<UnitOutcome> {
  const { migration, database, expected } = step;
  const enforcement = await enforcementFor(engine, migration);
  const dotted = await dottedTables(engine, step);
  return engine.unit(unitOf(step, { lock: of.lock, enforcement, now: Date.now(), dotted }), {
    signal: context.signal,
    busyTimeout: context.environment.timeouts.busy,
    onProgress: (progress) =>
      context.events.emit({ kind: 'progress', step: 'migrate', database, unit: 'bytes', ...progress }),
    onStatement: ({ number, phase, took }) => {
      context.events.emit({
        kind: 'statement',
        step: 'migrate',
        database,
        tag: migration.tag,
        number,
        of: migration.statements.length,
        phase,
        ...(took === undefined ? {} : { took }),
        ...(expected[number - 1] === undefined ? {} : { expected: expected[number - 1] ?? 0 }),
      });
    },
  });
}

/** The record in the target, or what else only this unit writes, says which way a unit went whose answer was lost. */
function settledOf(
  engine: Engine,
  { bookkeeping, migration, leaves }: ExecuteStep,
  { lock }: RunDatabase,
  outcome: UnitOutcome,
): Promise<SettledUnit> {
  const landed =
    leaves.kind === 'no-record' && lock
      ? leaseTexts(engine.query.dialect).countsAreKept(lock)
      : { sql: `SELECT 1 WHERE (${bookkeeping.isRecorded(migration)}) = 1` };
  return settledUnit(engine, outcome, landed, lock?.fence(migration.tag));
}

function wordFor(outcome: SettledUnit): string {
  if (outcome.kind === 'committed') return 'committed';
  return outcome.kind === 'open' ? 'unknown' : 'undone';
}

/** A failure of a unit, as people need to read it. */
async function explain(
  outcome: Exclude<SettledUnit, { kind: 'committed' }>,
  engine: Engine,
  { migration, database }: ExecuteStep,
  of: RunDatabase,
  context: RunContext,
): Promise<MigrateError> {
  const { lock, evidence } = of;
  const where = `${context.environment.name}${context.databases.size > 1 ? `, ${database}` : ''}`;
  switch (outcome.kind) {
    case 'failed':
      return statementFailed(outcome, migration, where, {
        showValues: context.showValues,
        again: context.again,
        delivery: engine.delivery,
        cause: await causeOf({ migration, failed: outcome, engine }, of, context),
      });
    case 'guarded':
      return guardRaised(outcome, migration, where, {
        holder: await holderOf(engine, lock),
        rehearsed: evidence !== undefined,
      });
    case 'stopped':
      return interrupted(`inside ${migration.tag}, which was undone in full`);
    case 'busy':
      return new MigrateError(
        outcome.error.code,
        `${where} did not take ${migration.tag}: ${stopped(outcome.error.message)} Nothing of it stayed.`,
        { next: thenAgain(outcome.error.next, context), cause: outcome.error },
      );
    case 'open':
      return new MigrateError(
        'stopped-part-way',
        `What became of ${migration.tag} in ${where} is not known yet: ${outcome.error.message}`,
        { next: `migrate-tui status ${context.environment.name} reads it back.`, cause: outcome.error },
      );
    default:
      return unreachable(outcome);
  }
}

function thenAgain(next: string | undefined, { again }: RunContext): string {
  const goesOn = `${again} goes on from here.`;
  return next === undefined ? goesOn : `${stopped(next)} ${goesOn}`;
}

/** The error of a statement, without the values that the engine may quote in it. */
export function statementFailed(
  { number, error }: { readonly number?: number; readonly error: SqlError },
  { tag, file, statements }: Migration,
  where: string,
  {
    showValues,
    again,
    delivery,
    cause,
  }: Pick<RunContext, 'showValues' | 'again'> &
    Pick<Engine, 'delivery'> & { readonly cause: Cause | undefined },
): MigrateError {
  const said = showValues === 'show' ? error.message : withoutValues(error.message);
  if (error.code.startsWith('NOT_SENT')) {
    // Where a statement was under way, some of it may have run, and is undone with its connection.
    const nothing = number === undefined ? 'was run' : 'is kept';
    return new MigrateError(
      'unreachable',
      `${where} did not take ${tag}: ${said}. Nothing of it ${nothing}.`,
      {
        next: error.next ?? `${again} tries again, when it takes changes.`,
        cause: error,
      },
    );
  }
  const statement = number === undefined ? undefined : statements[number - 1];
  const unnamed = delivery === 'one-request' ? 'a statement that the server does not name' : 'its commit';
  const place = statement && number !== undefined ? placeOf({ file, statements }, number) : unnamed;
  const why = cause === undefined ? '' : ` ${stopped(cause.why)}`;
  return new MigrateError(
    ofStorage.test(error.code) ? 'storage' : 'statement-failed',
    `${where} stopped at ${tag}, ${place}: ${said}.${why} ${tag} was undone in full.`,
    {
      next:
        cause?.next ??
        `Correct the file or the rows, then try again: ${again}; migrate-tui migration ${tag} shows the statement.`,
      cause: error,
    },
  );
}

/** Where only a part of a file is run, its statements keep the numbers that they have there. */
function placeOf({ file, statements }: Pick<Migration, 'file' | 'statements'>, number: number): string {
  const statement = statements[number - 1];
  const where = `${file}:${statement?.line ?? 1}`;
  if (statements.every((each) => each.number === undefined)) {
    return `statement ${number} of ${statements.length} (${where})`;
  }
  return statement?.number === undefined
    ? `what takes back what was left of it (${where})`
    : `statement ${statement.number} (${where})`;
}

const ofStorage = /^SQLITE_(?:FULL|READONLY|IOERR|CANTOPEN)/;

function guardRaised(
  { guard, detail }: { readonly guard: string; readonly detail: string },
  { tag }: Migration,
  where: string,
  { holder, rehearsed }: { readonly holder: string; readonly rehearsed: boolean },
): MigrateError {
  switch (guard) {
    case 'lease':
      return new MigrateError(
        'locked',
        `The lock of ${where} is no longer this run's: ${holder}. ${tag} was undone in full.`,
        {
          next: 'Wait for the other run to end, then look at the status.',
        },
      );
    case 'history':
      return new MigrateError(
        'target-changed',
        `Something else migrated ${where} meanwhile: ${detail}. ${tag} was not run a second time.`,
        { next: 'Look at the status; deploy again when it still shows pending migrations.' },
      );
    case 'rows':
      return new MigrateError(
        'rows-lost',
        `${tag} would have removed rows or values that no statement asks for (${detail}); it was undone in full.`,
        {
          next: rehearsed
            ? 'The rows came after the rehearsal: run the dry-run again and read its evidence.'
            : 'A dry-run shows which rows; --accept-loss TABLE=ROWS lets them go.',
        },
      );
    case 'foreign-keys':
      return new MigrateError(
        'statement-failed',
        `${tag} would have left rows in ${where} that refer to nothing (${detail}); it was undone in full.`,
        { next: 'Correct the rows or the migration; the dry-run shows the same tables.' },
      );
    default:
      return new MigrateError('refused', `${tag} was undone in full: ${guard} ${detail}`);
  }
}

async function holderOf(engine: Engine, lock: HeldLock | undefined): Promise<string> {
  const lease = await currentLease(engine.query);
  if (!lease) return 'its row is gone';
  return lease.run === undefined || lease.run === lock?.run
    ? 'it was given back'
    : describeLease(lease, Date.now());
}

function intentOf({ migration, database, leaves }: ExecuteStep, run: number) {
  const { tag, hash, statements } = migration;
  return {
    run,
    database,
    tag,
    // Of what is recorded afterwards.
    hash: leaves.kind === 'its-record' ? hash : '',
    statementHashes: JSON.stringify(statementHashes(statements)),
    beganAt: Date.now(),
  };
}
