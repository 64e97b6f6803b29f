import type { RunContext, RunDatabase } from '../context.ts';
import { keeperOf, takeBackup } from './backup.ts';

/**
 * Under the lock, before anything is written: the backup must hold the rows as they are now. Only this lets a restore
 * lose nothing but what this run does.
 */
export async function renewBackup(of: RunDatabase, context: RunContext): Promise<void> {
  const { backup } = of;
  if (!backup || of.stampAtLock === undefined || of.stampAtLock === backup.copy.stamp) return;
  const renewed = await takeBackup([of], context);
  context.events.emit({
    kind: 'backup-renewed',
    database: of.database.name,
    backup: renewed.id,
    because:
      of.evidence?.rehearsal === 'in-target'
        ? `${backup.id} was taken before the rehearsal inside the database`
        : `rows changed after ${backup.id} was taken`,
    ...keeperOf(renewed),
  });
}
