import { join } from 'node:path';
import { MigrateError } from '../../lib/errors.ts';
import { rm } from '../../lib/patient-fs.ts';
import { BrokenSeal, unsealFile } from '../../lib/sealed-file.ts';
import type { BackupKey } from '../../project/backup-keys.ts';
import { keyOf } from './keys.ts';
import { encryptedEnding, type KeptFile } from './manifest.ts';
import { backupFileOf } from './backups.ts';
import { makeClearFolder } from './clear-folder.ts';
import type { Places } from '../places.ts';

/** Where backups are read: what carries out a run has it, and so has what answers a question. */
export interface BackupReader {
  readonly places: Pick<Places, 'backups' | 'scratch'>;
  readonly backupKeys: readonly BackupKey[];
}

/** A file of a backup as it was before it was kept, for as long as somebody reads it. */
export interface OpenBackup extends AsyncDisposable {
  readonly path: string;
  /** `used-up`: it was made for this reader alone. */
  readonly backup: 'kept' | 'used-up';
}

/** A file of a backup: the set that it is in, and what the manifest says of it. */
interface InBackup {
  readonly id: string;
  readonly file: KeptFile;
}

interface OpenOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * The one way to what a file of a backup holds: as it lies there, or decrypted into a folder that goes with it.
 *
 * @throws MigrateError `config` where its key is not here, `backup-failed` where it is not what was written
 */
export async function openBackup(
  reader: BackupReader,
  of: InBackup,
  options: OpenOptions = {},
): Promise<OpenBackup> {
  const { places } = reader;
  if (!of.file.encrypted) {
    const path = backupFileOf(places.backups, of.id, of.file);
    return { path, backup: 'kept', [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  const folder = await makeClearFolder(places.scratch);
  try {
    const path = join(folder.path, clearNameOf(of.file));
    await decryptInto(path, reader, of, options);
    return { path, backup: 'used-up', [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error;
  }
}

/**
 * Writes what an encrypted file of a backup holds; where that fails nothing of it stays.
 *
 * @param to a file that is not there yet
 * @throws MigrateError as `openBackup`
 */
export async function decryptInto(
  to: string,
  { places, backupKeys }: BackupReader,
  { id, file }: InBackup,
  { signal }: OpenOptions = {},
): Promise<void> {
  if (!file.encrypted) throw new Error(`${file.file} of ${id} is not encrypted.`);
  const key = keyOf(backupKeys, id, file.encrypted);
  const from = backupFileOf(places.backups, id, file);
  try {
    await unsealFile({ from, to, key, signal });
  } catch (error) {
    await rm(to, { force: true });
    throw error instanceof BrokenSeal ? broken(from, error) : error;
  }
}

/** Of what was encrypted, without the ending that says so. */
export function clearNameOf({ file }: Pick<KeptFile, 'file'>): string {
  return file.endsWith(encryptedEnding) ? file.slice(0, -encryptedEnding.length) : file;
}

function broken(from: string, cause: BrokenSeal): MigrateError {
  return new MigrateError(
    'backup-failed',
    `The copy ${from} is not what was encrypted: ${cause.message}. Nothing was changed.`,
    {
      next: 'Take another backup, or restore an older one: migrate-tui backups lists them.',
      cause,
    },
  );
}
