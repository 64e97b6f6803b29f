import { countsAreKept, keepCounts } from '../../bookkeeping/lease.ts';
import type { Engine, UnitOutcome } from '../../engines/engine.ts';
import { settle } from '../../engines/settle.ts';
import { MigrateError } from '../../lib/errors.ts';
import { quantity } from '../../lib/numbers.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { Step } from '../../operations/plan.ts';
import { asStep, databaseOf, interrupted, type RunContext } from '../context.ts';
import type { HeldLock } from '../lock.ts';
import { noted } from '../noted.ts';

/** Writes to the tracking table alone, as one unit behind the fence; it raises when a record came or went meanwhile. */
export async function performCorrect(
  { step, database, statements }: Extract<Step, { kind: 'correct' }>,
  context: RunContext,
): Promise<void> {
  const { engine, lock } = databaseOf(context, database);
  if (!engine || !lock) throw new Error(`${database} is not open and locked.`);
  const stopping = 'ctrl-c undoes it: it is one transaction';
  await asStep(context, { step, database, stopping }, async () => {
    const own = [...lock.fence(null), keepCounts("'{}'")].map((statement) => ({
      ...statement,
      role: 'guard' as const,
    }));
    const unit = { foreignKeys: 'on', statements: [...own, ...statements] } as const;
    await noted(context, { database, what: 'the records' }, async () => {
      const outcome = await engine.unit(unit, { signal: context.signal });
      insist(outcome.kind === 'unknown' ? await settled(engine, lock, outcome) : outcome, engine, context);
    });
    const written = statements.filter(({ role }) => role === 'record').length;
    return { says: `${quantity(written, 'statement')} on the records, counted before the first` };
  });
}

type Settled =
  Exclude<UnitOutcome, { kind: 'unknown' }> | { readonly kind: 'open'; readonly error: MigrateError };

/** The answer was lost: the counts that only this unit keeps say which way it went. */
async function settled(
  engine: Engine,
  lock: HeldLock,
  { error }: Extract<UnitOutcome, { kind: 'unknown' }>,
): Promise<Settled> {
  const answer = await settle(engine, countsAreKept(lock));
  switch (answer) {
    case 'committed':
      return { kind: 'committed', took: [] };
    case 'undone':
      return { kind: 'busy', error };
    case 'open':
      return { kind: 'open', error };
    default:
      return unreachable(answer);
  }
}

function insist(outcome: Settled, { location }: Engine, { environment }: RunContext): void {
  switch (outcome.kind) {
    case 'committed':
      return;
    case 'guarded':
      throw new MigrateError(
        outcome.guard === 'lease' ? 'locked' : 'target-changed',
        `${location} was changed meanwhile (${outcome.detail}). Nothing was changed.`,
        { next: `migrate-tui recover ${environment.name} looks again.` },
      );
    case 'failed':
      throw new MigrateError(
        'statement-failed',
        `${location} refused a record (${outcome.error.code}). Nothing was changed.`,
        { next: `migrate-tui status ${environment.name} shows the records.`, cause: outcome.error },
      );
    case 'stopped':
      throw interrupted('before the records were written');
    case 'busy':
      throw outcome.error;
    case 'open':
      throw new MigrateError(
        'stopped-part-way',
        `Whether the records of ${location} were written is not known yet; all of them are or none: ${outcome.error.message}`,
        { next: `migrate-tui recover ${environment.name} reads them back.`, cause: outcome.error },
      );
    default:
      unreachable(outcome);
  }
}
