import { existsSync } from 'node:fs';
import type { Ledger } from '../ledger/ledger.ts';
import { MigrateError } from '../lib/errors.ts';

export interface LedgerOpener {
  (purpose: 'read'): Promise<Ledger | undefined>;
  (purpose: 'write'): Promise<Ledger>;
}

/**
 * Opens the ledger at its place whenever it is asked for.
 *
 * @param patience `waits`: a run needs it, and waits while another process has it locked. `gives-up`: for what is
 *   answered without it, too; a lock is waited for shortly, and what went wrong once goes wrong at once from then on
 */
export function ledgerOpener(location: string, patience: 'waits' | 'gives-up'): LedgerOpener {
  const failures = new Map<'read' | 'write', MigrateError>();
  function opener(purpose: 'read'): Promise<Ledger | undefined>;
  function opener(purpose: 'write'): Promise<Ledger>;
  async function opener(purpose: 'read' | 'write'): Promise<Ledger | undefined> {
    // Most projects that are only looked at have no ledger, and need not load what reads one.
    if (purpose === 'read' && !location.includes('://') && !existsSync(location)) return undefined;
    const { openLedger } = await import('../ledger/ledger.ts');
    if (patience === 'waits') return openLedger(location, { purpose });
    const before = failures.get(purpose);
    if (before) throw before;
    const remember = (error: unknown): never => {
      if (error instanceof MigrateError) failures.set(purpose, error);
      throw error;
    };
    const ledger = await openLedger(location, { purpose, wait: shortly }).catch(remember);
    return ledger && watched(ledger, remember);
  }
  return opener;
}

/** Milliseconds: as long as another process may take to make the ledger. */
const shortly = 300;

/** One that could be opened may be locked by the time it is read. */
function watched(ledger: Ledger, onFailure: (error: unknown) => never): Ledger {
  return {
    ...ledger,
    runs: (environment) => ledger.runs(environment).catch(onFailure),
    units: (run) => ledger.units(run).catch(onFailure),
    lastChecks: () => ledger.lastChecks().catch(onFailure),
    recordCheck: (check) => ledger.recordCheck(check).catch(onFailure),
  };
}
