import { MigrateError } from '../lib/errors.ts';
import { refusalWithoutFile } from '../operations/half-without-file.ts';
import { stoppedAt } from '../operations/stopped-at.ts';
import type { Snapshot } from '../runs/snapshot.ts';

/**
 * Nothing is run on top of what is in the middle.
 *
 * @throws MigrateError `refused`, with the command that says what is there
 */
export function refuseHalf({ history }: Snapshot, environment: string): void {
  for (const item of history.items) {
    if (item.kind !== 'half') continue;
    throw new MigrateError(
      'refused',
      `${environment} is half-finished: ${item.migration.tag} ${stoppedAt(item)}. Nothing was changed.`,
      {
        next: `migrate-tui recover ${environment} says what is there and offers the ways out.`,
      },
    );
  }
  const refusal = refusalWithoutFile(history, environment);
  if (refusal) throw refusal;
}
