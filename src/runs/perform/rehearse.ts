import { SqlError, type StatementReport, type Unit, type UnitOutcome } from '../../engines/engine.ts';
import { MigrateError } from '../../lib/errors.ts';
import { addedViolations } from '../../operations/evidence/judge.ts';
import type { ViolationCount } from '../../operations/evidence/measurement.ts';
import type { ExecuteStep } from '../../operations/plan/step.ts';
import { fingerprint } from '../../schema/fingerprint.ts';
import type { Query } from '../../sql/statement.ts';
import { isStepwise } from '../../sql/postgres/stepwise.ts';
import {
  boundary,
  databaseOf,
  interrupted,
  noteStop,
  type RunContext,
  type RunDatabase,
  type Scratch,
} from '../context.ts';
import { causeOf } from '../cause-of.ts';
import { countExpected, lossesBetween } from '../measure/count-expected.ts';
import { enforcementFor, type Enforcement } from '../unit/enforcement.ts';
import { countViolations } from '../measure/measure.ts';
import { runParts, type PartsOutcome } from '../unit/run-parts.ts';
import type { SettledUnit } from '../unit/settled-unit.ts';
import { unitOf } from '../unit/unit.ts';
import { leavesOrphans, rehearsalFailed } from './rehearsal-failed.ts';
import { stoppedAt } from './stopped-at.ts';

/** Runs one migration in the scratch database and keeps the schema after every statement. */
export async function rehearseMigration(step: ExecuteStep, context: RunContext): Promise<void> {
  boundary(context);
  const { migration, database } = step;
  const { scratch } = rehearsed(context, database);
  const enforcement = await enforcementFor(scratch.engine, migration);
  const violations = await violationsWhere(enforcement, scratch);
  const expected = scratch.expected.get(migration.tag) ?? [];
  const counted = await countExpected(scratch.engine.query, expected);
  const startedAt = performance.now();
  const { outcome, unit, fingerprints } = await runIn(scratch, step, { context, enforcement });
  if (outcome.kind === 'stopped') throw interrupted(`in the dry-run of ${migration.tag}`);
  if (outcome.kind !== 'committed') throw await failureOf(outcome, step, { context, scratch, unit });
  const took = performance.now() - startedAt;
  scratch.lossesInside.push(
    ...lossesBetween(migration.tag, expected, counted, await countExpected(scratch.engine.query, expected)),
  );
  const orphaned = addedViolations(violations, await violationsWhere(enforcement, scratch));
  if (orphaned.length > 0) throw await orphansOf(orphaned, step, context);
  scratch.rehearsed.push({
    tag: migration.tag,
    hash: migration.hash,
    foreignKeys: enforcement.foreignKeys,
    took,
    statements: outcome.took.map((took, index) => ({
      number: index + 1,
      took,
      fingerprint: fingerprints[index] ?? '',
    })),
  });
  if (unit) scratch.units.push(unit);
}

interface Ran {
  readonly outcome: UnitOutcome | SettledUnit;
  /** Undefined for a migration in parts. */
  readonly unit: Unit | undefined;
  /** Of the schema after each statement. */
  readonly fingerprints: readonly string[];
}

async function runIn(
  scratch: Scratch,
  step: ExecuteStep,
  { context, enforcement }: { readonly context: RunContext; readonly enforcement: Enforcement },
): Promise<Ran> {
  const { engine } = scratch;
  const fingerprints: string[] = [];
  const look = async (query: Query) =>
    void fingerprints.push(fingerprint(await scratch.schemaThrough(query)));
  const options = {
    signal: context.signal,
    afterStatement: (_number: number, query: Query) => look(query),
    onStatement: ({ number, phase }: StatementReport) => {
      if (phase === 'begun') tell(step, number, context);
    },
  };
  const given = { lock: undefined, enforcement, now: Date.now() };
  if (!isStepwise(step.migration.statements)) {
    const unit = unitOf(step, given);
    return { outcome: await engine.unit(unit, options), unit, fingerprints };
  }
  const afterAlone = () => look(engine.query);
  const known = await runParts(step, { engine, given, who: context.who, options, afterAlone });
  return { outcome: whole(known), unit: undefined, fingerprints };
}

/** One that takes long on a copy takes as long on the target: whoever waits sees which. */
function tell({ migration, database }: ExecuteStep, number: number, { events }: RunContext): void {
  const { tag, statements } = migration;
  const of = statements.length;
  events.emit({ kind: 'statement', step: 'dry-run', database, tag, number, of, phase: 'begun' });
}

/** The scratch database is thrown away: how far a migration came there says nothing. */
function whole(known: PartsOutcome): SettledUnit {
  return known.kind === 'committed' ? known : known.outcome;
}

async function failureOf(
  outcome: Exclude<Ran['outcome'], { kind: 'committed' | 'stopped' }>,
  step: ExecuteStep,
  {
    context,
    scratch,
    unit,
  }: { readonly context: RunContext; readonly scratch: Scratch; readonly unit: Unit | undefined },
): Promise<MigrateError> {
  const { migration, database } = step;
  noteStop(context, stoppedAt(outcome, migration));
  if (outcome.kind !== 'failed') return rehearsalFailed(outcome, step, { context, cause: undefined });
  const failed = { migration, failed: outcome, engine: scratch.engine, ...(unit && { again: unit }) };
  const cause = await causeOf(failed, databaseOf(context, database), context);
  return rehearsalFailed(outcome, step, { context, cause });
}

/** Else the commit itself has checked them. */
async function violationsWhere(
  { violations }: Enforcement,
  { engine }: Scratch,
): Promise<readonly ViolationCount[]> {
  return violations === 'counted' ? countViolations(engine.query) : [];
}

/** The unit's own guard would undo it on the target: that is known here already. */
async function orphansOf(
  orphaned: readonly ViolationCount[],
  { migration, database }: ExecuteStep,
  context: RunContext,
): Promise<MigrateError> {
  noteStop(context, { tag: migration.tag });
  const of = databaseOf(context, database);
  const error = new SqlError('FOREIGN KEY constraint failed', { code: 'SQLITE_CONSTRAINT_FOREIGNKEY' });
  const failed = { migration, failed: { error }, violations: orphaned };
  const cause = of.engine && (await causeOf({ ...failed, engine: of.engine }, of, context));
  return leavesOrphans(orphaned, migration.tag, { ...context, next: cause?.next });
}

/** A database of the run with what it is rehearsed in. */
export function rehearsed(
  context: RunContext,
  name: string,
): { of: RunDatabase; scratch: Scratch; bookkeeping: RunDatabase['bookkeeping'] } {
  const of = databaseOf(context, name);
  if (!of.scratch) throw new Error(`${name} has no scratch database to rehearse in.`);
  return { of, scratch: of.scratch, bookkeeping: of.bookkeeping };
}
