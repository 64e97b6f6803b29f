import { hashFile } from '../../engines/libsql/backup-file.ts';
import { MigrateError } from '../../lib/errors.ts';
import type { BackedUpDatabase, Manifest } from './manifest.ts';
import { backupFileOf } from './backups.ts';

/**
 * Reads every copy that would be restored: SQLite's own checks see structure and not values, so a bit that the disk
 * turned would go into the target without a word.
 *
 * @param databases those that are restored; all of the set when undefined
 * @throws MigrateError `backup-failed`, before anything was changed
 */
export async function refuseDamaged(
  folder: string,
  { id, environment, databases: copies }: Manifest,
  databases: readonly string[] | undefined,
): Promise<void> {
  for (const copy of copies) {
    const { database } = copy;
    if (databases !== undefined && !databases.includes(database)) continue;
    if (await isAsWritten(folder, { id, copy })) continue;
    throw new MigrateError(
      'backup-failed',
      `The copy of ${database} in ${id} is not what was written when ${environment} was backed up: its checksum differs. Nothing was changed.`,
      { next: `Restore another: migrate-tui backups ${environment} lists them, with their proof.` },
    );
  }
}

/** Whether a copy is there, byte for byte; what only a server keeps has nothing here that could differ. */
export async function isAsWritten(
  folder: string,
  { id, copy }: { readonly id: string; readonly copy: BackedUpDatabase },
): Promise<boolean> {
  if (copy.kind !== 'copy') return true;
  const found = await hashFile(backupFileOf(folder, id, copy)).catch(() => undefined);
  return found === copy.sha256;
}
