import type { Migration } from '../../migrations/migration.ts';
import type { Evidence } from '../../operations/evidence/evidence.ts';
import { addedViolations, judge } from '../../operations/evidence/judge.ts';
import { withLossesInside } from '../../operations/evidence/losses-inside.ts';
import type { Measurement, ViolationCount } from '../../operations/evidence/measurement.ts';
import type { VerifyCheck } from '../../operations/reports.ts';
import type { Step } from '../../operations/plan/step.ts';
import { rowExpectations } from '../../operations/evidence/row-expectations.ts';
import { fingerprint } from '../../schema/fingerprint.ts';
import { readForeignKeys } from '../../schema/foreign-keys.ts';
import type { RunContext, RunDatabase, Scratch } from '../context.ts';
import { checkVerifyFiles, verifyFileCheck } from '../checks.ts';
import { rehearseInside } from '../in-target/rehearse-inside.ts';
import type { Tally } from '../in-target/tally.ts';
import { changedInvariants, readInvariants } from '../invariants.ts';
import { measure } from '../measure/measure.ts';
import { rehearsalOf } from '../rehearsal-of.ts';
import { readEntries } from '../snapshot.ts';
import { refuseServerWide } from './refuse-server-wide.ts';
import { proveInWorkerd } from './prove-in-workerd.ts';
import { rehearsed } from './rehearse.ts';
import { checkFailed, leavesOrphans } from './rehearsal-failed.ts';

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

/** Measures again and judges what was lost; the scratch database is not needed afterwards. */
export async function measureAfter({ database }: CheckStep, context: RunContext): Promise<Evidence> {
  const { scratch, of, bookkeeping } = rehearsed(context, database);
  const after = await measureScratch(scratch, context, database);
  await insistOnInvariants(scratch, context, database);
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
  const foreignKeys = scratch.foreignKeysBefore;
  const judged = judge({ ...measured, migrations: of.selected, foreignKeys });
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

async function insistOnInvariants(
  { engine, invariantsBefore }: Scratch,
  context: RunContext,
  database: string,
): Promise<void> {
  const now = await readInvariants(engine.query, context.environment, database);
  const moved = changedInvariants(context.environment, invariantsBefore, now);
  if (moved.length === 0) return;
  throw checkFailed(moved, context, 'Correct the migration, or the bound of the invariant in the config.');
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
