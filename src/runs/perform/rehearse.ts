import { SqlError, type UnitOutcome } from '../../engines/engine.ts';
import { MigrateError } from '../../lib/errors.ts';
import { quantity } from '../../lib/numbers.ts';
import type { Migration } from '../../migrations/migration.ts';
import type { Evidence, RehearsedMigration, RehearsedStatement } from '../../operations/evidence.ts';
import { addedViolations, judge } from '../../operations/judge.ts';
import { withLossesInside } from '../../operations/losses-inside.ts';
import type { Measurement, ViolationCount } from '../../operations/measurement.ts';
import type { VerifyCheck } from '../../operations/reports.ts';
import type { Cause } from '../../operations/causes/failure.ts';
import type { ExecuteStep, Step } from '../../operations/step.ts';
import { rowExpectations } from '../../operations/row-expectations.ts';
import { fingerprint } from '../../schema/fingerprint.ts';
import { readForeignKeys } from '../../schema/foreign-keys.ts';
import type { Query } from '../../sql/statement.ts';
import { isStepwise } from '../../sql/stepwise.ts';
import {
  boundary,
  databaseOf,
  interrupted,
  type RunContext,
  type RunDatabase,
  type Scratch,
} from '../context.ts';
import { causeOf } from '../cause-of.ts';
import { checkVerifyFiles, verifyFileCheck } from '../checks.ts';
import { countExpected, lossesBetween } from '../count-expected.ts';
import { enforcementFor, type Enforcement } from '../enforcement.ts';
import { rehearseInside } from '../in-target/rehearse-inside.ts';
import type { Tally } from '../in-target/tally.ts';
import { changedInvariants, readInvariants } from '../invariants.ts';
import { countViolations, measure } from '../measure.ts';
import { rehearsalOf } from '../rehearsal-of.ts';
import { runParts, type PartsOutcome } from '../run-parts.ts';
import type { SettledUnit } from '../settled-unit.ts';
import { readEntries } from '../snapshot.ts';
import { unitOf } from '../unit.ts';
import { statementFailed } from './migration-failed.ts';
import { refuseServerWide } from './refuse-server-wide.ts';
import { proveInWorkerd } from './prove-in-workerd.ts';

type CheckStep = Extract<Step, { kind: 'check' }>;

/** Measures the scratch database before the migrations: rows, values, schema, history, invariants. */
export async function measureBefore({ database }: CheckStep, context: RunContext): Promise<void> {
  const { scratch, of, bookkeeping } = rehearsed(context, database);
  await refuseServerWide(of, scratch.engine, context.environment.name);
  scratch.before = await measureScratch(scratch, context, database);
  scratch.schemaBefore = await scratch.schemaThrough(scratch.engine.query);
  scratch.fingerprintBefore = fingerprint(scratch.schemaBefore);
  scratch.historyBefore = bookkeeping.digest(await readEntries(scratch.engine, bookkeeping));
  scratch.foreignKeysBefore = await readForeignKeys(scratch.engine.query);
  scratch.invariantsBefore = await readInvariants(scratch.engine.query, context.environment, database);
  scratch.expected = expectedOf(of.selected, scratch);
}

/** Of the first migration the counts at both ends of the plan tell as much. */
function expectedOf(
  migrations: readonly Migration[],
  { schemaBefore, foreignKeysBefore }: Scratch,
): Scratch['expected'] {
  const [first] = migrations;
  const all = rowExpectations({
    migrations,
    schema: schemaBefore,
    foreignKeys: foreignKeysBefore,
    evidence: undefined,
    accepted: [],
  });
  return new Map(all.filter(({ tag }) => tag !== first?.tag).map(({ tag, tables }) => [tag, tables]));
}

/** Runs one migration in the scratch database and keeps the schema after every statement. */
export async function rehearseMigration(step: ExecuteStep, context: RunContext): Promise<void> {
  boundary(context);
  const { migration, database } = step;
  const { scratch } = rehearsed(context, database);
  const enforcement = await enforcementFor(scratch.engine, migration);
  const fingerprints: string[] = [];
  const violations = await violationsWhere(enforcement, scratch);
  const expected = scratch.expected.get(migration.tag) ?? [];
  const counted = await countExpected(scratch.engine.query, expected);
  const startedAt = performance.now();
  const given = { lock: undefined, enforcement, now: Date.now() };
  const unit = isStepwise(migration.statements) ? undefined : unitOf(step, given);
  const look = async (query: Query) =>
    void fingerprints.push(fingerprint(await scratch.schemaThrough(query)));
  const options = {
    signal: context.signal,
    afterStatement: (_number: number, query: Query) => look(query),
  };
  const outcome = unit
    ? await scratch.engine.unit(unit, options)
    : whole(
        await runParts(step, {
          engine: scratch.engine,
          given,
          who: context.who,
          options,
          afterAlone: () => look(scratch.engine.query),
        }),
      );
  if (outcome.kind === 'stopped') throw interrupted(`in the dry-run of ${migration.tag}`);
  if (outcome.kind !== 'committed') {
    const cause =
      outcome.kind === 'failed'
        ? await causeOf(
            { migration, failed: outcome, engine: scratch.engine, ...(unit && { again: unit }) },
            databaseOf(context, database),
            context,
          )
        : undefined;
    throw rehearsalFailed(outcome, step, { context, cause });
  }
  const took = performance.now() - startedAt;
  scratch.lossesInside.push(
    ...lossesBetween(migration.tag, expected, counted, await countExpected(scratch.engine.query, expected)),
  );
  const orphaned = addedViolations(violations, await violationsWhere(enforcement, scratch));
  if (orphaned.length > 0) throw await orphansOf(orphaned, step, context);
  const statements = outcome.took.map((took, index): RehearsedStatement => ({
    number: index + 1,
    took,
    fingerprint: fingerprints[index] ?? '',
  }));
  const rehearsal: RehearsedMigration = {
    tag: migration.tag,
    hash: migration.hash,
    foreignKeys: enforcement.foreignKeys,
    took,
    statements,
  };
  scratch.rehearsed.push(rehearsal);
  if (unit) scratch.units.push(unit);
}

/** The scratch database is thrown away: how far a migration came there says nothing. */
function whole(known: PartsOutcome): SettledUnit {
  return known.kind === 'committed' ? known : known.outcome;
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
  const of = databaseOf(context, database);
  const error = new SqlError('FOREIGN KEY constraint failed', { code: 'SQLITE_CONSTRAINT_FOREIGNKEY' });
  const failed = { migration, failed: { error }, violations: orphaned };
  const cause = of.engine && (await causeOf({ ...failed, engine: of.engine }, of, context));
  return leavesOrphans(orphaned, migration.tag, { ...context, next: cause?.next });
}

function leavesOrphans(
  orphaned: readonly ViolationCount[],
  what: string,
  { environment, next }: Pick<RunContext, 'environment'> & { readonly next?: string | undefined },
): MigrateError {
  const said = orphaned.map(
    ({ table, parent, count }) => `${quantity(count, 'row')} of ${table} to ${parent}`,
  );
  return new MigrateError(
    'rehearsal-failed',
    `In the dry-run ${what} leaves rows that refer to nothing: ${said.join(', ')}. ${environment.name} itself was not changed.`,
    { next: next ?? 'Delete or move those rows in the same migration, before what they refer to goes.' },
  );
}

/** Measures again and judges what was lost; the scratch database is not needed afterwards. */
export async function measureAfter({ database }: CheckStep, context: RunContext): Promise<Evidence> {
  const { scratch, of, bookkeeping } = rehearsed(context, database);
  const after = await measureScratch(scratch, context, database);
  const moved = changedInvariants(
    context.environment,
    scratch.invariantsBefore,
    await readInvariants(scratch.engine.query, context.environment, database),
  );
  if (moved.length > 0)
    throw checkFailed(moved, context, 'Correct the migration, or the bound of the invariant in the config.');
  const rehearsal = rehearsalOf(context.environment, of.target.address);
  if (rehearsal !== 'in-target') {
    insistOnVerified(await checkVerifyFiles(scratch.engine.query, of.selected), context);
  }
  const shaped = bookkeeping.withShape(await scratch.engine.query(bookkeeping.shape));
  of.rehearsedSchema = await scratch.schemaThrough(scratch.engine.query);
  const schemaAfter = fingerprint(of.rehearsedSchema);
  const ranIn = await proveInWorkerd(of, { measured: after, schema: schemaAfter }, context);
  const measured =
    rehearsal === 'in-target'
      ? await lookInside(of, scratch, after, context)
      : { before: scratch.before, after };
  const judged = judge({
    ...measured,
    migrations: of.selected,
    foreignKeys: scratch.foreignKeysBefore,
  });
  const evidence: Evidence = {
    database,
    backup: of.backup?.id,
    ...rowsOf(of, context),
    rehearsal,
    ...(ranIn === undefined ? {} : { ranIn }),
    before: { fingerprint: scratch.fingerprintBefore, history: scratch.historyBefore },
    after: {
      fingerprint: schemaAfter,
      history: shaped.digest(await readEntries(scratch.engine, shaped)),
    },
    migrations: scratch.rehearsed,
    ...judged,
    losses: withLossesInside(judged.losses, scratch.lossesInside),
  };
  of.evidence = evidence;
  return evidence;
}

/** The copy has no rows then: the target itself says what becomes of them. */
async function lookInside(
  of: RunDatabase,
  scratch: Scratch,
  { tables }: Measurement,
  context: RunContext,
): Promise<Pick<Tally, 'before' | 'after'>> {
  const { before, after, verify } = await rehearseInside(of, scratch, tables, context);
  // Its commit never came, so what was put off until then was never refused.
  const orphaned = addedViolations(before.violations, after.violations);
  const tags = of.selected.map(({ tag }) => tag).join(', ');
  if (total(after.violations) > total(before.violations)) throw leavesOrphans(orphaned, tags, context);
  insistOnVerified(
    [...verify].map(([tag, rows]) => verifyFileCheck(tag, rows)),
    context,
  );
  return { before, after };
}

const total = (violations: readonly ViolationCount[]) =>
  violations.reduce((sum, { count }) => sum + count, 0);

function insistOnVerified(checks: readonly Pick<VerifyCheck, 'state' | 'says'>[], context: RunContext): void {
  const broken = checks.flatMap(({ state, says }) => (state === 'differs' ? [says] : []));
  if (broken.length > 0) throw checkFailed(broken, context, 'Correct the migration, or the query.');
}

/** As `restoreIntoScratch` filled it. */
function rowsOf(
  { engine, backup, target }: RunDatabase,
  { environment }: RunContext,
): Pick<Evidence, 'rows'> {
  if (!engine || rehearsalOf(environment, target.address) !== 'full') return {};
  return { rows: backup?.copy.kind === 'copy' ? 'backup' : 'copy' };
}

function rehearsed(
  context: RunContext,
  name: string,
): { of: RunDatabase; scratch: Scratch; bookkeeping: RunDatabase['bookkeeping'] } {
  const of = databaseOf(context, name);
  if (!of.scratch) throw new Error(`${name} has no scratch database to rehearse in.`);
  return { of, scratch: of.scratch, bookkeeping: of.bookkeeping };
}

function measureScratch(scratch: Scratch, context: RunContext, database: string) {
  return measure(scratch.engine.query, {
    signal: context.signal,
    leaveOut: [context.databases.get(database)?.database.table ?? ''],
    onProgress: ({ rows, table }) =>
      context.events.emit({
        kind: 'progress',
        step: 'dry-run',
        database,
        done: rows,
        unit: 'rows',
        what: `counting ${table}`,
      }),
  });
}

function rehearsalFailed(
  outcome: Exclude<UnitOutcome | SettledUnit, { kind: 'committed' | 'stopped' }>,
  { migration, database }: ExecuteStep,
  { context, cause: why }: { readonly context: RunContext; readonly cause: Cause | undefined },
): MigrateError {
  if (outcome.kind === 'guarded' && outcome.guard === 'history') {
    return new MigrateError(
      'target-changed',
      `Something else migrated ${context.environment.name} while the copy for the dry-run was taken: ${outcome.detail}. This run changed nothing.`,
      { next: 'Look at the status; deploy again when it still shows pending migrations.' },
    );
  }
  const where = `The dry-run of ${context.environment.name}${context.databases.size > 1 ? `, ${database},` : ''}`;
  const cause =
    outcome.kind === 'failed'
      ? statementFailed(outcome, migration, where, {
          showValues: context.showValues,
          again: context.again,
          delivery: 'statement-by-statement',
          cause: why,
        })
      : outcome.kind === 'guarded'
        ? new MigrateError(
            'rehearsal-failed',
            `${where} stopped at ${migration.tag}: ${outcome.guard} ${outcome.detail}.`,
          )
        : outcome.error;
  return new MigrateError(
    'rehearsal-failed',
    `${cause.message} ${context.environment.name} itself was not changed.`,
    {
      ...(cause.next === undefined ? {} : { next: cause.next }),
      cause,
    },
  );
}

function checkFailed(says: readonly string[], { environment }: RunContext, next: string): MigrateError {
  return new MigrateError(
    'rehearsal-failed',
    `In the dry-run ${says.join('; ')}. ${environment.name} itself was not changed.`,
    { next },
  );
}
