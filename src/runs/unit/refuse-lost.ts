import { SqlError, type UnitOutcome } from '../../engines/engine.ts';
import type { Migration } from '../../migrations/migration.ts';
import { lostBetweenParts, type LostBetweenParts } from '../../sql/postgres/lost-between-parts.ts';

type Failed = Extract<UnitOutcome, { kind: 'failed' }>;

/** Before anything of it runs: with half of its settings a migration may change other tables than it means. */
export function refuseLost({ statements }: Pick<Migration, 'statements'>): Failed | undefined {
  const lost = lostBetweenParts(statements);
  return lost && lostAt(lost, 'nothing was run');
}

/** The failure of the statement that leaves it, or of the last one before the next part begins. */
export function lostAt({ statement, what, before }: LostBetweenParts, became: string): Failed {
  const error = new SqlError(
    `${what} would not be there for statement ${before}, which begins another part of the migration; ${became}`,
    {
      code: 'LOST_BETWEEN_PARTS',
      next: 'Name tables with their schema, or give the statement that runs by itself a migration of its own.',
    },
  );
  return { kind: 'failed', number: statement, error };
}
