import { basename, join } from 'node:path';
import { MigrateError } from '../lib/errors.ts';
import { BrokenSeal, unsealFile } from '../lib/sealed-file.ts';
import type { BackupKey } from '../project/backup-keys.ts';
import { keyOf } from './backup-keys.ts';
import type { KeptFile, Encrypted } from './backup-manifest.ts';
import { backupFileOf } from './backups.ts';
import { makeClearFolder } from './clear-folder.ts';
import type { Places } from './places.ts';

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

/**
 * The one way to what a file of a backup holds: as it lies there, or decrypted into a folder that goes with it.
 *
 * @throws MigrateError `config` where its key is not here, `backup-failed` where it is not what was written
 */
export async function openBackup(
  { places, backupKeys }: BackupReader,
  { id, file }: { readonly id: string; readonly file: KeptFile },
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<OpenBackup> {
  const from = backupFileOf(places.backups, id, file);
  if (!file.encrypted) return { path: from, backup: 'kept', [Symbol.asyncDispose]: () => Promise.resolve() };
  return decrypted(from, { id, encrypted: file.encrypted, places, backupKeys, signal });
}

async function decrypted(
  from: string,
  {
    id,
    encrypted,
    places,
    backupKeys,
    signal,
  }: BackupReader & {
    readonly id: string;
    readonly encrypted: Encrypted;
    readonly signal: AbortSignal | undefined;
  },
): Promise<OpenBackup> {
  const key = keyOf(backupKeys, id, encrypted);
  const folder = await makeClearFolder(places.scratch);
  try {
    const path = join(folder.path, basename(from));
    await unsealFile({ from, to: path, key, signal });
    return { path, backup: 'used-up', [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error instanceof BrokenSeal ? broken(from, error) : error;
  }
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
