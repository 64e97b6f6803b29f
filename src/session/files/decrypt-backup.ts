import { mkdir, readdir, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { codeOf } from '../../lib/error-code.ts';
import { MigrateError } from '../../lib/errors.ts';
import { rm } from '../../lib/patient-fs.ts';
import { filesOf, type KeptFile, type Manifest } from '../../runs/backups/manifest.ts';
import { findBackup } from '../../runs/backups/backups.ts';
import { clearNameOf, decryptInto } from '../../runs/backups/open-backup.ts';
import type { Workspace } from '../workspace.ts';

export interface WantedDecryption {
  readonly environment: string;
  /** `b41`. */
  readonly backup: string;
  /** As it was typed: a folder that is empty or not there yet. */
  readonly folder: string;
  readonly databases: readonly string[] | undefined;
  readonly signal: AbortSignal;
}

/** What lies in the clear now: absolute paths. */
export interface DecryptedBackup {
  readonly files: readonly string[];
}

/**
 * Writes the files of an encrypted backup in the clear, for what other programs make of them: to look something up, or
 * a new database at a server that takes a file. No target is asked.
 *
 * @throws MigrateError `refused` where the folder has something in it, or nothing is encrypted; `config` where the key
 *   is not here; `backup-failed` where a file is not what was encrypted
 */
export async function decryptBackup(
  workspace: Workspace,
  { environment, backup, folder, databases, signal }: WantedDecryption,
): Promise<DecryptedBackup> {
  workspace.environment(environment);
  const manifest = await findBackup(workspace.places.backups, backup, environment);
  const files = encryptedIn(manifest, databases, join(workspace.places.backups, backup));
  const to = resolve(workspace.options.cwd, folder);
  const made = await makeEmpty(to);
  const written: string[] = [];
  try {
    for (const file of files) {
      const path = join(to, clearNameOf(file));
      await decryptInto(path, workspace, { id: backup, file }, { signal });
      written.push(path);
    }
  } catch (error) {
    // Rows that nobody was told of would stay in the clear.
    for (const path of written) await rm(path, { force: true });
    if (made !== undefined) await takeAway(to, made);
    throw error;
  }
  return { files: written };
}

function encryptedIn(
  { id, environment, databases }: Manifest,
  wanted: readonly string[] | undefined,
  set: string,
): readonly KeptFile[] {
  const held = databases.map(({ database }) => database);
  const missing = wanted?.filter((database) => !held.includes(database)) ?? [];
  if (missing.length > 0) {
    const message = `${id} of ${environment} has no copy of ${missing.join(', ')}; it is of ${held.join(', ')}.`;
    throw new MigrateError('not-found', message, {
      next: `migrate-tui backups ${environment} says which one has.`,
    });
  }
  const chosen = databases.filter(({ database }) => wanted?.includes(database) ?? true);
  const files = chosen.flatMap(filesOf).filter(({ encrypted }) => encrypted);
  if (files.length > 0) return files;
  const isEmpty = chosen.flatMap(filesOf).length === 0;
  throw new MigrateError(
    'refused',
    isEmpty
      ? `${id} has no file to decrypt: what it leads back to is kept by the server.`
      : `${id} is not encrypted.`,
    { next: isEmpty ? 'migrate-tui backups says what each has.' : `Its files are in ${set}` },
  );
}

/** @returns the uppermost of the folders that were made for it */
async function makeEmpty(folder: string): Promise<string | undefined> {
  const { made, holds } = await madeFolder(folder);
  if (holds === 0) return made;
  throw new MigrateError('refused', `${folder} is not empty. Nothing was written.`, { next: emptyOne });
}

async function madeFolder(
  folder: string,
): Promise<{ readonly made: string | undefined; readonly holds: number }> {
  try {
    const made = await mkdir(folder, { recursive: true, mode: 0o700 });
    return { made, holds: (await readdir(folder)).length };
  } catch (cause) {
    const code = codeOf(cause);
    const isFile = code === 'EEXIST' || code === 'ENOTDIR';
    const why = isFile ? 'a file stands in its place' : (code ?? String(cause));
    throw new MigrateError('refused', `The folder ${folder} cannot be made: ${why}. Nothing was written.`, {
      next: emptyOne,
      cause,
    });
  }
}

const emptyOne = 'Name a folder that is empty or not there yet.';

/** Leaves those that somebody has put something into meanwhile. */
async function takeAway(folder: string, uppermost: string): Promise<void> {
  for (let path = folder; path.startsWith(uppermost); path = dirname(path)) {
    try {
      await rmdir(path);
    } catch {
      return;
    }
  }
}
