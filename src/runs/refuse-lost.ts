import { SqlError, type UnitOutcome } from '../engines/engine.ts';
import type { Migration } from '../migrations/migration.ts';
import { lostBetweenParts } from '../sql/lost-between-parts.ts';

/** Before anything of it runs: with half of its settings a migration may change other tables than it means. */
export function refuseLost({
  statements,
}: Pick<Migration, 'statements'>): Extract<UnitOutcome, { kind: 'failed' }> | undefined {
  const lost = lostBetweenParts(statements);
  if (!lost) return undefined;
  const { statement, what, before } = lost;
  const error = new SqlError(
    `${what} would not be there for statement ${before}, which begins another part of the migration; nothing was run`,
    {
      code: 'LOST_BETWEEN_PARTS',
      next: 'Name tables with their schema, or give the statement that runs by itself a migration of its own.',
    },
  );
  return { kind: 'failed', number: statement, error };
}
