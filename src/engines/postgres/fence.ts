import { MigrateError } from '../../lib/errors.ts';
import { raisedGuard } from '../../sql/guard.ts';
import type { Statement } from '../../sql/statement.ts';
import { SqlError } from '../engine.ts';
import type { TableSession } from './copy/table-session.ts';

/**
 * The first statements of a transaction: whoever holds the lock keeps it until the transaction is over, however long
 * that takes.
 *
 * @throws MigrateError `locked` when somebody else has it by now
 */
export async function holdLock(session: TableSession, fence: readonly Statement[]): Promise<void> {
  for (const statement of fence) {
    await session.query(statement).catch((error: unknown) => {
      const isOurs = error instanceof SqlError && raisedGuard(error.message) !== undefined;
      throw isOurs ? takenOver(session.location, error) : error;
    });
  }
}

function takenOver(location: string, cause: Error): MigrateError {
  return new MigrateError(
    'locked',
    `The lock on ${location} was taken over. Everything was undone; it is as before.`,
    { next: 'migrate-tui status names who holds it.', cause },
  );
}
