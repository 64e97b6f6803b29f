import { MigrateError } from '../../lib/errors.ts';
import { refusalWithoutFile } from '../../operations/diagnosis/half-without-file.ts';
import { refusalTakenBack } from '../../operations/rollback/taken-back.ts';
import { stoppedAt } from '../../operations/diagnosis/stopped-at.ts';
import type { Snapshot } from '../../runs/snapshot.ts';
import { refuseHeldLock } from './read-target.ts';

/**
 * Nothing is run on top of what is in the middle.
 *
 * @throws MigrateError `refused`, with the command that says what is there; `locked` where a run is at it now
 */
export function refuseHalf(snapshot: Snapshot, environment: string): void {
  const { items, withoutFile: [noted] = [], takenBack: [back] = [] } = snapshot.history;
  const item = items.find(({ kind }) => kind === 'half');
  if (item || noted || back) refuseHeldLock(snapshot);
  if (item?.kind === 'half') {
    throw new MigrateError(
      'refused',
      `${environment} is half-finished: ${item.migration.tag} ${stoppedAt(item)}. Nothing was changed.`,
      { next: `migrate-tui recover ${environment} says what is there and offers the ways out.` },
    );
  }
  if (noted) throw refusalWithoutFile(noted, environment);
  if (back) throw refusalTakenBack(back, environment);
}
