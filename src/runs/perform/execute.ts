import { leaseTexts } from '../../bookkeeping/lease-texts.ts';
import type { Engine, UnitOutcome } from '../../engines/engine.ts';
import { quantity } from '../../lib/numbers.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { Migration } from '../../migrations/migration.ts';
import { statementHashes } from '../../operations/diagnosis/attempt.ts';
import type { ExecuteStep } from '../../operations/plan/step.ts';
import { isStepwise } from '../../sql/postgres/stepwise.ts';
import { asStep, databaseOf, noteStop, type RunContext, type RunDatabase } from '../context.ts';
import { dottedTables } from '../measure/dotted-tables.ts';
import { enforcementFor } from '../unit/enforcement.ts';
import { keepLease } from '../lock/keep-lease.ts';
import { invalidIndexes } from '../postgres/invalid-indexes.ts';
import { refusePassedOver } from '../postgres/passed-over.ts';
import { runParts, type PartsOutcome, type PartsPlace } from '../unit/run-parts.ts';
import { settledUnit, type SettledUnit } from '../unit/settled-unit.ts';
import { unitOf } from '../unit/unit.ts';
import { migrationFailed } from './migration-failed.ts';
import { stoppedAt } from './stopped-at.ts';

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
      const intent = await context.ledger.beginUnit(intentOf(step, context.run));
      // Not before the intent stands: what could not be written down was not begun.
      context.progress.failed = tag;
      const startedAt = performance.now();
      const known = await runMigration(engine, step, of, context);
      const took = Math.round(performance.now() - startedAt);
      if (known.kind === 'committed') {
        context.progress[step.leaves.kind === 'its-record' ? 'applied' : 'undone'].push(tag);
        // Also when the ledger cannot be told: the record in the target decides.
        context.progress.failed = undefined;
      }
      await context.ledger.endUnit(intent, { endedAt: Date.now(), outcome: wordFor(known), took });
      if (known.kind !== 'committed') {
        noteStop(context, stoppedAt(known.outcome, migration));
        throw await migrationFailed(known, engine, step, of, context);
      }
      const did = step.leaves.kind === 'its-record' ? ['applied', 'recorded'] : ['undone', 'no record'];
      const how = isStepwise(migration.statements) ? ', step by step' : '';
      return { says: `${did[0]}, ${quantity(migration.statements.length, 'statement')}${how}, ${did[1]}` };
    },
  );
}

/** What stopping during this migration would do, in one sentence. */
function stoppingOf(
  { delivery }: Pick<Engine, 'delivery'>,
  { tag, statements }: Pick<Migration, 'tag' | 'statements'>,
): string {
  if (isStepwise(statements)) {
    return `ctrl-c stops ${tag} at the statement it is in: those before it stay, and recover goes on from there`;
  }
  switch (delivery) {
    case 'statement-by-statement':
      return `ctrl-c undoes ${tag} in full: it is one transaction, and none of it stays`;
    case 'one-request':
      return 'too late to undo: the server decides; the outcome is read back';
    default:
      return unreachable(delivery);
  }
}

/** As a whole, or part by part where PostgreSQL takes it no other way. */
async function runMigration(
  engine: Engine,
  step: ExecuteStep,
  of: RunDatabase,
  context: RunContext,
): Promise<PartsOutcome> {
  const { migration } = step;
  const isInParts = isStepwise(migration.statements);
  // Any other the server itself refuses, with nothing of it done: it is asked why then.
  const inTheWay =
    isInParts || passesOver(migration) ? await refuseInvalidThere(engine, migration) : undefined;
  if (inTheWay) return { kind: 'undone', outcome: inTheWay };
  const enforcement = await enforcementFor(engine, migration);
  const dotted = await dottedTables(engine, step);
  const given = { lock: of.lock, enforcement, now: Date.now(), dotted };
  const options = optionsOf(step, context);
  if (isInParts) {
    const keepLease = leaseKeeper(of, migration);
    return runParts(step, { engine, given, who: context.who, options, ...(keepLease && { keepLease }) });
  }
  const outcome = await settledOf(engine, step, of, await engine.unit(unitOf(step, given), options));
  if (outcome.kind === 'committed') return outcome;
  const isTaken = outcome.kind === 'failed' && outcome.error.code === nameTaken;
  const why = isTaken ? await refuseInvalidThere(engine, migration) : undefined;
  return { kind: 'undone', outcome: why ?? outcome };
}

/** `duplicate_table`, also of indexes: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const nameTaken = '42P07';

function passesOver({ statements }: Migration): boolean {
  return statements.some(({ sql }) => /\bif\s+not\s+exists\b/i.test(sql));
}

/** The server would say nothing of an index that no query uses. */
async function refuseInvalidThere(
  { query }: Engine,
  { statements }: Migration,
): Promise<ReturnType<typeof refusePassedOver>> {
  if (query.dialect !== 'postgres' || !statements.some(({ sql }) => /\bindex\b/i.test(sql))) return undefined;
  const numbered = statements.map(({ sql }, index) => ({ sql, number: index + 1 }));
  return refusePassedOver(numbered, await invalidIndexes(query));
}

function optionsOf(
  { migration, database, expected }: ExecuteStep,
  { signal, environment, events }: RunContext,
): PartsPlace['options'] {
  return {
    signal,
    busyTimeout: environment.timeouts.busy,
    onProgress: (progress) =>
      events.emit({ kind: 'progress', step: 'migrate', database, unit: 'bytes', ...progress }),
    onStatement: ({ number, phase, took }) => {
      events.emit({
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
    onWaiting: (who) =>
      events.emit({
        kind: 'notice',
        level: 'info',
        message: `${migration.tag} waits for ${who}. It is not given up: it goes on when that transaction has ended.`,
      }),
  };
}

/** Over a connection of its own, as the target's is taken by the statement. */
function leaseKeeper({ lock, openBeside }: RunDatabase, { tag }: Migration): PartsPlace['keepLease'] {
  if (!lock || !openBeside) return undefined;
  return async () => {
    const engine = await openBeside();
    const kept = await keepLease(engine, lock, { tag });
    return {
      lost: kept.lost,
      async [Symbol.asyncDispose]() {
        await kept[Symbol.asyncDispose]();
        await engine[Symbol.asyncDispose]();
      },
    };
  };
}

/** The record in the target, or what else only this unit writes, says which way a unit went whose answer was lost. */
function settledOf(
  engine: Engine,
  { bookkeeping, migration, leaves }: ExecuteStep,
  { lock }: RunDatabase,
  outcome: UnitOutcome,
): Promise<SettledUnit> {
  const leavesNoTrace = leaves.kind === 'no-record' && !leaves.erases;
  const landed =
    leavesNoTrace && lock
      ? leaseTexts(engine.query.dialect).countsAreKept(lock)
      : {
          sql: `SELECT 1 WHERE (${bookkeeping.isRecorded(migration)}) = ${leaves.kind === 'its-record' ? 1 : 0}`,
        };
  return settledUnit(engine, outcome, landed, lock?.fence(migration.tag));
}

function wordFor(known: PartsOutcome): string {
  if (known.kind !== 'undone') return known.kind;
  return known.outcome.kind === 'open' ? 'unknown' : 'undone';
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
