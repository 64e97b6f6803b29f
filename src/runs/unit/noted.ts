import { MigrateError } from '../../lib/errors.ts';
import type { RunContext } from '../context.ts';

/**
 * Keeps in the ledger what is written to a target and is no migration: the intent before, the outcome after. A run that
 * dies in between is named by it on the next start, also where the target itself no longer knows of the run.
 *
 * @param what for people, such as `the restore of b41`
 * @throws what `work` throws; `stopped-part-way` when it is done and the ledger cannot be told
 */
export async function noted(
  { ledger, run, events }: Pick<RunContext, 'ledger' | 'run' | 'events'>,
  { database, what }: { readonly database: string; readonly what: string },
  work: () => Promise<void>,
): Promise<void> {
  const intent = { run, database, tag: what, hash: '', statementHashes: '[]', beganAt: Date.now() };
  const unit = await ledger.beginUnit(intent);
  const startedAt = performance.now();
  const end = (outcome: string) =>
    ledger.endUnit(unit, {
      endedAt: Date.now(),
      outcome,
      took: Math.round(performance.now() - startedAt),
    });
  try {
    await work();
  } catch (error) {
    await end(changedNothing(error) ? 'undone' : 'unknown').catch((second: unknown) =>
      events.emit({ kind: 'notice', level: 'warning', message: textOf(second) }),
    );
    throw error;
  }
  await end('committed').catch((cause: unknown) => {
    const next = cause instanceof MigrateError ? cause.next : undefined;
    throw new MigrateError('stopped-part-way', `${database} is changed, and then: ${textOf(cause)}`, {
      cause,
      ...(next === undefined ? {} : { next }),
    });
  });
}

function changedNothing(error: unknown): boolean {
  return error instanceof MigrateError && error.exitCode !== 5;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
