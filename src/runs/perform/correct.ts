import { quantity } from '../../lib/numbers.ts';
import type { Step } from '../../operations/plan/step.ts';
import { asStep, databaseOf, type RunContext } from '../context.ts';
import { noted } from '../unit/noted.ts';
import { runOwnUnit } from './own-unit.ts';

/** Writes to the tracking table alone, as one unit behind the fence; it raises when a record came or went meanwhile. */
export async function performCorrect(
  { step, database, statements }: Extract<Step, { kind: 'correct' }>,
  context: RunContext,
): Promise<void> {
  const { engine, lock } = databaseOf(context, database);
  if (!engine || !lock) throw new Error(`${database} is not open and locked.`);
  const stopping = 'ctrl-c undoes it: it is one transaction';
  const look = `migrate-tui recover ${context.environment.name}`;
  await asStep(context, { step, database, stopping }, async () => {
    await noted(context, { database, what: 'the records' }, () =>
      runOwnUnit({ engine, lock, foreignKeys: 'on', statements, what: 'the records', look }, context),
    );
    const written = statements.filter(({ role }) => role === 'record').length;
    return { says: `${quantity(written, 'statement')} on the records, counted before the first` };
  });
}
