import type { ArchiveFile } from './backup-manifest.ts';
import { backupFileOf } from './backups.ts';
import type { Places } from './places.ts';

/** Where backups are read: what carries out a run has it, and so has what answers a question. */
export interface BackupReader {
  readonly places: Pick<Places, 'backups'>;
}

/** A file of a backup as it was before it was kept, for as long as somebody reads it. */
export interface OpenBackup extends AsyncDisposable {
  readonly path: string;
  /** `used-up`: it was made for this reader alone. */
  readonly backup: 'kept' | 'used-up';
}

/** The one way to what a file of a backup holds. */
export function openBackup(
  { places }: BackupReader,
  { id, file }: { readonly id: string; readonly file: ArchiveFile },
): Promise<OpenBackup> {
  return Promise.resolve({
    path: backupFileOf(places.backups, id, file),
    backup: 'kept',
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
}
