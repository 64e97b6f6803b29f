import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { flushFolder } from '../../engines/libsql/backup-file.ts';
import { MigrateError } from '../../lib/errors.ts';
import { BrokenSeal, sealFile, unsealFile, type FileSum } from '../../lib/sealed-file.ts';
import type { SealingKey } from '../../lib/sealing-key.ts';
import { keyForNew } from './keys.ts';
import { encryptedEnding, type KeptFile } from './manifest.ts';
import { makeClearFolder } from './clear-folder.ts';
import type { RunContext } from '../context.ts';

/** A file on its way into a backup. */
export interface FileToKeep extends AsyncDisposable {
  /** Where it is made. */
  readonly path: string;
  /** Once it is there: has it in the backup's folder, as it is or encrypted, and says what lies there. */
  keep(made: FileSum): Promise<KeptFile>;
}

/**
 * Where a file of a backup is made: at its place, or, where backups are encrypted, in a folder that goes with it.
 *
 * @param place in the backup's folder
 * @throws MigrateError `config` where backups are to be encrypted and cannot be
 */
export async function fileToKeep(
  place: string,
  { backupKeys, places, signal }: Pick<RunContext, 'backupKeys' | 'places' | 'signal'>,
): Promise<FileToKeep> {
  const key = keyForNew(backupKeys);
  if (key === undefined) {
    return {
      path: place,
      keep: ({ bytes, sha256 }) => Promise.resolve({ file: basename(place), bytes, sha256 }),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }
  const folder = await makeClearFolder(places.scratch);
  const path = join(folder.path, basename(place));
  return {
    path,
    keep: (made) => sealed(path, `${place}${encryptedEnding}`, { key, made, signal }),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** What was encrypted is decrypted once before it counts as a backup: a copy of it is what was made. */
async function sealed(
  from: string,
  to: string,
  { key, made, signal }: { readonly key: SealingKey; readonly made: FileSum; readonly signal: AbortSignal },
): Promise<KeptFile> {
  const { bytes, sha256 } = await sealFile({ from, to, key, signal });
  const read = await unsealFile({ from: to, to: undefined, key, signal }).catch((error: unknown) => {
    if (error instanceof BrokenSeal) return undefined;
    throw error;
  });
  if (read?.sha256 !== made.sha256 || (await stat(to)).size !== bytes) throw notAsMade(to);
  await flushFolder(dirname(to));
  return { file: basename(to), bytes, sha256, encrypted: { key: key.fingerprint } };
}

function notAsMade(path: string): MigrateError {
  return new MigrateError(
    'backup-failed',
    `${path} was encrypted, and what is read back from it is something else. The target was only read.`,
    { next: `Look after the disk of ${dirname(path)}, then run it again.` },
  );
}
