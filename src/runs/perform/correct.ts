import type { Engine, UnitOutcome } from '../../engines/engine.ts';
import { MigrateError } from '../../lib/errors.ts';
import { quantity } from '../../lib/numbers.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { Step } from '../../operations/plan.ts';
import { asStep, databaseOf, interrupted, type RunContext } from '../context.ts';

/** Writes to the tracking table alone, as one unit behind the fence; it raises when a record came or went meanwhile. */
export async function performCorrect(
  { database, statements }: Extract<Step, { kind: 'correct' }>,
  context: RunContext,
): Promise<void> {
  const { engine, lock } = databaseOf(context, database);
  if (!engine || !lock) throw new Error(`${database} is not open and locked.`);
  const stopping = 'ctrl-c undoes it: it is one transaction';
  await asStep(context, { step: 'recover', database, stopping }, async () => {
    const fence = lock.fence(null).map((statement) => ({ ...statement, role: 'guard' as const }));
    const unit = { foreignKeys: 'on', statements: [...fence, ...statements] } as const;
    insist(await engine.unit(unit, { signal: context.signal }), engine, context);
    const written = statements.filter(({ role }) => role === 'record').length;
    return { says: `${quantity(written, 'statement')} on the records, counted before the first` };
  });
}

function insist(outcome: UnitOutcome, { location }: Engine, { environment }: RunContext): void {
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
    case 'unknown':
      throw outcome.error;
    default:
      unreachable(outcome);
  }
}
