import { statSync } from 'node:fs';
import { MigrateError } from '../lib/errors.ts';

/**
 * For a ledger that is written: a file that was deleted or moved takes writes for as long as it is open, and nobody
 * ever reads them.
 *
 * @returns what throws MigrateError `storage` once the file at the location is not the one that was opened; a server is not
 *   asked
 */
export function stillThere(location: string): () => void {
  if (location.includes('://')) return () => undefined;
  const opened = identityOf(location);
  return () => {
    if (identityOf(location) === opened) return;
    throw new MigrateError('storage', `The ledger of runs, ${location}, was deleted or moved meanwhile.`, {
      next: 'Put it back, or go on without it: the next run makes a new one, and each database knows what was applied to it.',
    });
  };
}

function identityOf(file: string): string | undefined {
  const found = statSync(file, { bigint: true, throwIfNoEntry: false });
  return found && `${found.dev}:${found.ino}`;
}
