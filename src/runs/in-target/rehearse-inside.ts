import { requestBytes } from '../../engines/d1/remote/unit.ts';
import type { Engine, SqlError, Unit, UnitOutcome, UnitStatement } from '../../engines/engine.ts';
import { settle } from '../../engines/settle.ts';
import { MigrateError } from '../../lib/errors.ts';
import { bytes } from '../../lib/numbers.ts';
import { stopped } from '../../lib/sentences.ts';
import { unreachable } from '../../lib/unreachable.ts';
import { withoutValues } from '../../lib/without-values.ts';
import type { Cause } from '../../operations/causes/failure.ts';
import { classify } from '../../sql/classify.ts';
import { inlined } from '../../sql/inline.ts';
import { quoteText } from '../../sql/quote.ts';
import type { TableMeasurement } from '../../operations/evidence/measurement.ts';
import { causeOf } from '../cause-of.ts';
import { interrupted, noteStop, type RunContext, type RunDatabase, type Scratch } from '../context.ts';
import { proveUndone } from './self-test.ts';
import { tablesToSample } from './tables-to-sample.ts';
import { insistNothingLeft } from './nothing-left.ts';
import { readTally, tallyGuard, tallyStatements, tallyTable, type Tally, type TallyPlan } from './tally.ts';

/**
 * Runs the migrations inside the target itself: one request that counts, runs them, counts again, and then must fail,
 * so that all of it is undone. What it counted comes back in the text of its error. Nothing is sent before it is
 * proven that this database undoes a failing batch, and afterwards it is looked whether anything stayed.
 *
 * @param after the tables and columns as the migrations leave them, from the copy of the structure
 * @throws MigrateError `rehearsal-failed`, `target-changed`, `unreachable`, `busy`, `interrupted`; `stopped-part-way`
 *   when something stayed
 */
export async function rehearseInside(
  of: RunDatabase,
  scratch: Scratch,
  after: readonly TableMeasurement[],
  context: RunContext,
): Promise<Tally> {
  const { engine } = of;
  if (!engine) throw new Error(`${of.database.name} is not open.`);
  await announce(engine, context);
  const { schemaBefore: schema, foreignKeysBefore: foreignKeys } = scratch;
  const sampled = tablesToSample(of.selected, { schema, foreignKeys });
  const plan: TallyPlan = { before: scratch.before.tables, after, sampled, migrations: of.selected };
  const statements = batchOf(scratch.units, plan);
  refuseTooLarge(statements, engine, context);
  const sent: Unit = { foreignKeys: 'on', statements };
  const outcome = await engine.unit(sent, { signal: context.signal });
  // A lost answer may stand for a request that is still running: what is sent after it waits for its end.
  if (outcome.kind === 'unknown' && (await settle(engine, tallyThere)) === 'open') {
    throw unheard(
      outcome.error,
      engine,
      'Its last statement fails, so nothing of it stays; nobody could look.',
    );
  }
  await insistNothingLeft(engine, of, scratch, context);
  return counted(outcome, plan, {
    of,
    engine,
    context,
    cause: await causeInside(outcome, of, { engine, context }),
  });
}

/** Of several migrations in one request nobody says which it was. */
async function causeInside(
  outcome: UnitOutcome,
  of: RunDatabase,
  { engine, context }: Pick<Where, 'engine' | 'context'>,
): Promise<Cause | undefined> {
  const [migration, more] = of.selected;
  const isKnown = outcome.kind === 'failed' && migration !== undefined && more === undefined;
  return isKnown ? causeOf({ migration, failed: outcome, engine }, of, context) : undefined;
}

const tallyThere = { sql: `SELECT 1 FROM sqlite_schema WHERE name = ${quoteText(tallyTable)}` };

async function announce(engine: Engine, { environment, events, places, signal }: RunContext): Promise<void> {
  const test = { folder: places.selfTests, environment: environment.name, signal };
  const proven = await proveUndone(engine, test);
  const since = proven === 'passed' ? 'tested just now with a table of our own' : 'as an earlier run tested';
  events.emit({
    kind: 'notice',
    level: 'info',
    message: `${engine.location} undoes a batch that fails (${since}), so the plan is run inside it, in one request that must fail. It answers nobody else meanwhile, and Cloudflare may bill the rows that are read and written.`,
  });
}

function batchOf(units: readonly Unit[], plan: TallyPlan): readonly UnitStatement[] {
  const tally = tallyStatements(plan);
  const ours = (sql: string): UnitStatement => ({ sql, role: 'guard' });
  return [
    ...tally.before.map(ours),
    ...units.flatMap(({ statements }) => statements.filter(({ sql }) => !forgetsViolations(sql))),
    ...tally.after.map(ours),
  ];
}

/** `defer_foreign_keys = OFF` clears the count of what was put off, and with it what is to be counted at the end. */
function forgetsViolations(sql: string): boolean {
  const kind = classify(sql);
  return (
    kind.kind === 'pragma' &&
    kind.name === 'defer_foreign_keys' &&
    !['on', 'yes', 'true', '1'].includes(kind.value ?? 'on')
  );
}

/** What is too large for one request would be imported, and an import is not a batch. */
function refuseTooLarge(
  statements: readonly UnitStatement[],
  { location }: Engine,
  { environment }: RunContext,
): void {
  // Each gets at most a line break, a semicolon and another line break.
  const size = statements.reduce((sum, one) => sum + Buffer.byteLength(inlined(one)) + 3, 0);
  if (size <= requestBytes) return;
  throw new MigrateError(
    'rehearsal-failed',
    `The migrations are ${bytes(size)} of SQL, and one request to ${location} takes ${bytes(requestBytes)}: they cannot be rehearsed inside it. ${environment.name} was not changed.`,
    {
      next: `Deploy fewer at once with --to, or set rehearse: 'full' for ${environment.name} in the config.`,
    },
  );
}

interface Where {
  readonly of: RunDatabase;
  readonly engine: Engine;
  readonly context: RunContext;
  readonly cause: Cause | undefined;
}

function counted(outcome: UnitOutcome, plan: TallyPlan, where: Where): Tally {
  switch (outcome.kind) {
    case 'guarded': {
      if (outcome.guard !== tallyGuard) throw guardRaised(outcome, where);
      const tally = readTally(outcome.detail, plan);
      if (!tally) throw cutOff(where);
      return tally;
    }
    case 'failed':
      throw refusedInside(outcome.error, where);
    case 'stopped':
      throw interrupted('before the rehearsal inside the database');
    case 'busy':
      throw outcome.error;
    case 'unknown':
      throw unheard(outcome.error, where.engine, 'Nothing of it stayed.');
    case 'committed':
      throw new Error('A batch that must fail was committed, and left nothing.');
    default:
      return unreachable(outcome);
  }
}

/** What the request did is undone either way; what it counted is lost with the answer. */
function unheard(cause: MigrateError, { location }: Engine, whatStays: string): MigrateError {
  return new MigrateError(
    'unreachable',
    `${location} did not say how the rehearsal inside it went. ${whatStays} ${cause.message}.`,
    {
      next: "Try again. A request that takes longer than the 30 s that D1 allows never gets through: rehearse: 'structure' or 'full' in the config does without it.",
      cause,
    },
  );
}

function guardRaised(
  { guard, detail }: { readonly guard: string; readonly detail: string },
  { context: { environment } }: Where,
): MigrateError {
  return guard === 'history'
    ? new MigrateError(
        'target-changed',
        `Something else migrated ${environment.name} while it was rehearsed: ${detail}. This run changed nothing.`,
        { next: `Look at the status, and rehearse again: migrate-tui dry-run ${environment.name}` },
      )
    : new MigrateError(
        'rehearsal-failed',
        `The rehearsal inside ${environment.name} stopped: ${guard} ${detail}. All of it was undone.`,
      );
}

function refusedInside(error: SqlError, { of, engine, context, cause }: Where): MigrateError {
  const { environment, showValues } = context;
  const tags = of.selected.map(({ tag }) => tag);
  if (tags[0] !== undefined && tags.length === 1) noteStop(context, { tag: tags[0] });
  const which = tags.length === 1 ? (tags[0] ?? '') : `one of ${tags.join(', ')}`;
  const said = showValues === 'show' ? error.message : withoutValues(error.message);
  return new MigrateError(
    'rehearsal-failed',
    error.code.startsWith('NOT_SENT')
      ? `The rehearsal inside ${engine.location} was not begun: ${said}. ${environment.name} is as before.`
      : `Inside ${engine.location}, on its rows, ${which} fails: ${said}.${cause === undefined ? '' : ` ${stopped(cause.why)}`} All of it was undone; ${environment.name} is as before.`,
    {
      next: error.code.startsWith('NOT_SENT')
        ? 'A rehearsal inside the database needs a token with the permission D1 Edit.'
        : (cause?.next ??
          `Correct the migration or the rows; on their structure alone it runs. --to TAG narrows it down.`),
      cause: error,
    },
  );
}

function cutOff({ engine, context: { environment } }: Where): MigrateError {
  return new MigrateError(
    'rehearsal-failed',
    `${engine.location} ran the rehearsal and undid it, but cut off the counts that it should have sent back. ${environment.name} is as before.`,
    { next: `Set rehearse: 'full' for ${environment.name} in the config: it rehearses on a copy.` },
  );
}
