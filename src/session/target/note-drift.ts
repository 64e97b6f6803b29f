import { MigrateError } from '../../lib/errors.ts';
import type { Workspace } from '../workspace.ts';

/** Status shows what the last question about drift found; a project without a ledger gets none by asking. */
export async function noteDrift(
  workspace: Workspace,
  found: {
    readonly environment: string;
    readonly database: string;
    readonly result: 'equal' | 'differs';
  },
): Promise<void> {
  try {
    const known = await workspace.openLedger('read');
    await known?.[Symbol.asyncDispose]();
    if (!known) return;
    await using ledger = await workspace.openLedger('write');
    await ledger.recordCheck({ ...found, askedAt: Date.now() });
  } catch (error) {
    // The answer stands without the note; a ledger that cannot be written is reported where a run needs it.
    if (!(error instanceof MigrateError)) throw error;
  }
}
