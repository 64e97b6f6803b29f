import { join } from 'node:path';
import { openLedger } from '../ledger/ledger.ts';
import { openSession } from '../session.ts';

/**
 * Verifies one environment of a project and keeps the answer, so that its drift is shown from the first look on:
 * status by itself compares records with files and never looks for drift.
 *
 * @param directory the project's folder, absolute
 */
export async function noticeDrift(
  directory: string,
  environment: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  // An answer is kept only where there is a ledger; the first run would make it.
  const ledger = await openLedger(join(directory, '.migrate-tui', 'ledger.db'), { purpose: 'write' });
  await ledger?.[Symbol.asyncDispose]();
  const { env } = process;
  const place = { cwd: directory, config: undefined, project: directory, env, showValues: 'hide' } as const;
  await using session = await openSession(place);
  await session.ask({ kind: 'verify', environment, databases: undefined }, signal ? { signal } : {});
}
