import type { Engine, SqlError } from '../../engines/engine.ts';
import { MigrateError } from '../../lib/errors.ts';
import { count, quantity } from '../../lib/numbers.ts';
import { stopped } from '../../lib/sentences.ts';
import { unreachable } from '../../lib/unreachable.ts';
import { withoutValues } from '../../lib/without-values.ts';
import type { Migration } from '../../migrations/migration.ts';
import type { Cause } from '../../operations/causes/failure.ts';
import type { ExecuteStep } from '../../operations/plan/step.ts';
import { bareName } from '../../sql/cursor.ts';
import { causeOf } from '../cause-of.ts';
import { interrupted, type RunContext, type RunDatabase } from '../context.ts';
import type { PartsOutcome } from '../unit/run-parts.ts';
import type { SettledUnit } from '../unit/settled-unit.ts';
import { holderOf, isLockGone, lockIsGone, lockLost } from './lock-lost.ts';

/** A failure of a migration, as people need to read it. */
export async function migrationFailed(
  known: Exclude<PartsOutcome, { kind: 'committed' }>,
  engine: Engine,
  step: ExecuteStep,
  of: RunDatabase,
  context: RunContext,
): Promise<MigrateError> {
  if (known.kind === 'undone') return explain(known.outcome, engine, step, { of, context, kept: undefined });
  const cause = await explain(known.outcome, engine, step, { of, context, kept: keptOf(known, step) });
  return new MigrateError('stopped-part-way', cause.message, {
    next: `migrate-tui recover ${context.environment.name} says what is there and offers the ways out.`,
    cause,
  });
}

/** What stays of a migration that stopped in the middle, without a full stop. */
function keptOf(
  { done, left, outcome }: Extract<PartsOutcome, { kind: 'half' }>,
  { migration, leaves }: ExecuteStep,
): string {
  const record =
    leaves.kind === 'no-record' && leaves.erases ? 'it still has its record' : 'it has no record';
  const stays =
    done === 0
      ? `${migration.tag} is half-finished`
      : `${migration.tag} is half-finished: ${statementsThrough(migration, done)} ${done === 1 ? 'stays' : 'stay'}, and ${record}`;
  // Without the quotes of SQL, which messages use for values.
  const invalid = left.map((name) => `${bareName(name)} is left as an index that is not valid`);
  const goesOn = outcome.kind === 'open' ? ['the server may go on with the statement'] : [];
  return [stays, ...invalid, ...goesOn].join('; ');
}

function statementsThrough({ statements }: Migration, done: number): string {
  return `${quantity(done, 'statement')} of ${count(statements.length)}`;
}

interface Explained {
  readonly of: RunDatabase;
  readonly context: RunContext;
  /** What stays of it, for people, without a full stop; undefined: nothing. */
  readonly kept: string | undefined;
}

async function explain(
  outcome: Exclude<SettledUnit, { kind: 'committed' }>,
  engine: Engine,
  { migration, database }: ExecuteStep,
  { of, context, kept }: Explained,
): Promise<MigrateError> {
  const { lock, evidence } = of;
  const where = `${context.environment.name}${context.databases.size > 1 ? `, ${database}` : ''}`;
  switch (outcome.kind) {
    case 'failed':
      if (lock && (await isLockGone(engine, outcome.error)))
        return lockLost(migration, where, { holder: lockIsGone('table'), kept, again: context.again });
      return statementFailed(outcome, migration, where, {
        showValues: context.showValues,
        again: context.again,
        delivery: engine.delivery,
        kept,
        cause: await causeOf({ migration, failed: outcome, engine }, of, context),
      });
    case 'guarded':
      if (outcome.guard === 'lease')
        return lockLost(migration, where, {
          holder: await holderOf(engine, lock),
          kept,
          again: context.again,
        });
      return guardRaised(outcome, migration, where, { rehearsed: evidence !== undefined, kept });
    case 'stopped':
      return interrupted(
        `inside ${migration.tag}${kept === undefined ? ', which was undone in full' : `; ${kept}`}`,
      );
    case 'busy':
      return new MigrateError(
        outcome.error.code,
        `${where} did not take ${migration.tag}: ${stopped(outcome.error.message)} ${kept ?? 'Nothing of it stayed'}.`,
        { next: thenAgain(outcome.error.next, context), cause: outcome.error },
      );
    case 'open':
      return new MigrateError(
        'stopped-part-way',
        `What became of ${migration.tag} in ${where} is not known yet: ${outcome.error.message}${kept === undefined ? '' : `. ${kept}.`}`,
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
    kept,
  }: Pick<RunContext, 'showValues' | 'again'> &
    Pick<Engine, 'delivery'> & { readonly cause: Cause | undefined; readonly kept?: string | undefined },
): MigrateError {
  const said = showValues === 'show' ? error.message : withoutValues(error.message);
  if (error.code.startsWith('NOT_SENT')) {
    // Where a statement was under way, some of it may have run, and is undone with its connection.
    const stays = kept ?? `Nothing of it ${number === undefined ? 'was run' : 'is kept'}`;
    const next = error.next ?? `${again} tries again, when it takes changes.`;
    return new MigrateError('unreachable', `${where} did not take ${tag}: ${said}. ${stays}.`, {
      next,
      cause: error,
    });
  }
  const unnamed = delivery === 'one-request' ? 'a statement that the server does not name' : 'its commit';
  const place = placeOf({ file, statements }, number) ?? unnamed;
  const why = cause === undefined ? '' : ` ${stopped(cause.why)}`;
  return new MigrateError(
    ofStorage.test(error.code) ? 'storage' : 'statement-failed',
    `${where} stopped at ${tag}, ${place}: ${said}.${why} ${kept ?? `${tag} was undone in full`}.`,
    {
      next:
        cause?.next ??
        (error.next && `${stopped(error.next)} Then ${again} goes on from here.`) ??
        `Correct the file or the rows, then try again: ${again}; migrate-tui migration ${tag} shows the statement.`,
      cause: error,
    },
  );
}

/** Where only a part of a file is run, its statements keep the numbers that they have there. */
function placeOf(
  { file, statements }: Pick<Migration, 'file' | 'statements'>,
  number: number | undefined,
): string | undefined {
  const statement = number === undefined ? undefined : statements[number - 1];
  if (number === undefined || !statement) return undefined;
  const where = `${file}:${statement.line}`;
  if (statements.every((each) => each.number === undefined)) {
    return `statement ${count(number)} of ${count(statements.length)} (${where})`;
  }
  return statement.number === undefined
    ? `what takes back what was left of it (${where})`
    : `statement ${statement.number} (${where})`;
}

const ofStorage = /^SQLITE_(?:FULL|READONLY|IOERR|CANTOPEN)/;

function guardRaised(
  { guard, detail }: { readonly guard: string; readonly detail: string },
  { tag }: Migration,
  where: string,
  { rehearsed, kept }: { readonly rehearsed: boolean; readonly kept: string | undefined },
): MigrateError {
  switch (guard) {
    case 'history':
      return new MigrateError(
        'target-changed',
        `Something else migrated ${where} meanwhile: ${detail}. ${kept ?? `${tag} was not run a second time`}.`,
        { next: 'Look at the status; deploy again when it still shows pending migrations.' },
      );
    case 'rows':
      return new MigrateError(
        'rows-lost',
        `${tag} would have removed rows or values that no statement asks for (${detail}); ${kept ?? 'it was undone in full'}.`,
        {
          next: rehearsed
            ? 'The rows came after the rehearsal: run the dry-run again and read its evidence.'
            : 'A dry-run shows which rows; --accept-loss TABLE=ROWS lets them go.',
        },
      );
    case 'foreign-keys':
      return new MigrateError(
        'statement-failed',
        `${tag} would have left rows in ${where} that refer to nothing (${detail}); ${kept ?? 'it was undone in full'}.`,
        { next: 'Correct the rows or the migration; the dry-run shows the same tables.' },
      );
    default:
      return new MigrateError('refused', `${kept ?? `${tag} was undone in full`}: ${guard} ${detail}`);
  }
}
