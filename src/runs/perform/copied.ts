import type { Engine } from '../../engines/engine.ts';
import { MigrateError, runAgain } from '../../lib/errors.ts';
import type { CopyStep } from '../../operations/plan/step.ts';
import type { RowSource, RunContext } from '../context.ts';
import { noted } from '../unit/noted.ts';
import { readHistory } from '../snapshot.ts';

/** Keeps in the ledger that a database takes another one's content. */
export function notedCopy(
  { step }: { readonly step: CopyStep },
  context: RunContext,
  work: () => Promise<void>,
): Promise<void> {
  return noted(context, { database: step.database, what: `the copy of ${step.from}` }, work);
}

/** @throws MigrateError `target-changed` where the records are not those that were planned for */
export async function insistOnHistory(
  of: Pick<Engine, 'query'>,
  { bookkeeping, history }: RowSource,
  from: string,
): Promise<void> {
  const { shaped, entries } = await readHistory(of, bookkeeping);
  if (shaped.digest(entries) !== history) throw deployedMeanwhile(from);
}

function deployedMeanwhile(from: string): MigrateError {
  return new MigrateError(
    'target-changed',
    `${from} was migrated after it was read. Nothing was changed by this run.`,
    {
      next: runAgain,
    },
  );
}
