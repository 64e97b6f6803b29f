import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rename, rm } from '../lib/patient-fs.ts';
import { MigrateError } from '../lib/errors.ts';

/** Says that a folder is a demo's, so that making it again may throw it away. */
const marker = '.migrate-tui-demo';
/** Where the next demo is made before it takes the place of the last; what a killed one leaves is swept. */
const making = '.making';

/**
 * Gives an empty folder to `fill`, and puts what it made into `directory` once it is whole. What was in
 * `directory` is thrown away, which is refused unless it was a demo. Killed at any moment, the folder is
 * still known as a demo's and can be made again.
 *
 * @throws MigrateError `refused` when the folder holds anything else, `storage` when it cannot be written
 */
export async function remakeFolder(
  directory: string,
  fill: (folder: string) => Promise<void>,
): Promise<void> {
  try {
    await claim(directory);
    const folder = join(directory, making);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
    await fill(folder);
    await replace(directory, folder);
  } catch (error) {
    throw asMigrateError(directory, error);
  }
}

async function claim(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const entries = await readdir(directory);
  if (entries.length > 0 && !entries.includes(marker)) {
    throw new MigrateError('refused', `${directory} holds files and is not a demo. Nothing was changed.`, {
      next: 'Name a new or empty folder: migrate-tui demo DIR',
    });
  }
  const says = 'Made by "migrate-tui demo", which throws this folder away and makes it again.\n';
  await writeFile(join(directory, marker), says);
}

async function replace(directory: string, made: string): Promise<void> {
  // Configs go first and come last: in between the folder is no project, so nothing can be run on a part of one.
  for (const entry of (await readdir(directory)).toSorted(configsFirst)) {
    if (entry === marker || entry === making) continue;
    await rm(join(directory, entry), { recursive: true, force: true });
  }
  for (const entry of (await readdir(made)).toSorted(configsFirst).toReversed()) {
    await rename(join(made, entry), join(directory, entry));
  }
  await rm(made, { recursive: true });
}

const configsFirst = (a: string, b: string) =>
  Number(b.includes('.config.')) - Number(a.includes('.config.'));

function asMigrateError(directory: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code !== 'string' || !(code in reasons)) return error;
  return new MigrateError('storage', `The demo cannot be made in ${directory}: ${reasons[code]}.`, {
    next: 'Name another folder: migrate-tui demo DIR',
    cause: error,
  });
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'it may not be written',
  EPERM: 'it may not be written',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of its path is a file',
  EEXIST: 'it is a file',
  SQLITE_FULL: 'the disk is full',
};
