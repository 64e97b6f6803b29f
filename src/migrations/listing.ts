import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../lib/error-code.ts';
import { MigrateError } from '../lib/errors.ts';
import { safe } from '../lib/safe-text.ts';

/** The names directly in a folder, sorted. */
export interface Listing {
  /** Absolute path. */
  readonly directory: string;
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

/** Lists a folder. Throws `MigrateError` `migrations` when it is missing, not a folder or not readable. */
export async function listFolder(directory: string): Promise<Listing> {
  const entries = await readEntries(directory);
  const files: string[] = [];
  const folders: string[] = [];
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const isFolder = entry.isSymbolicLink()
      ? await leadsToFolder(join(directory, entry.name))
      : entry.isDirectory();
    (isFolder ? folders : files).push(entry.name);
  }
  return { directory, files, folders };
}

/** What a folder holds, links as links. Throws as `listFolder`. */
export async function readEntries(directory: string): Promise<readonly Dirent[]> {
  return await readdir(directory, { withFileTypes: true }).catch((cause: unknown) => {
    throw notListed(directory, cause);
  });
}

/** As `listFolder`, but a folder that does not exist is an empty one. */
export async function listFolderIfThere(directory: string): Promise<Listing> {
  const found = await stat(directory).catch(() => undefined);
  return found?.isDirectory() ? await listFolder(directory) : { directory, files: [], folders: [] };
}

async function leadsToFolder(path: string): Promise<boolean> {
  const target = await stat(path).catch(() => undefined);
  return target?.isDirectory() ?? false;
}

function notListed(directory: string, cause: unknown): MigrateError {
  const shown = safe(directory, { lines: 'one' });
  const code = codeOf(cause);
  const next = 'Name the folder in drizzle.config.ts (out), in the wrangler config (migrations_dir) or in migrate-tui.config.ts (databases.<name>.migrations).';
  if (code === 'ENOENT') {
    return new MigrateError('migrations', `Migration folder ${shown} does not exist`, {
      next: `Where there is no migration yet, migrate-tui generate makes the first, or migrate-tui new NAME where wrangler runs the files. ${next}`,
      cause,
    });
  }
  if (code === 'ENOTDIR') {
    return new MigrateError('migrations', `Migration folder ${shown} is a file`, { next, cause });
  }
  return new MigrateError('migrations', `Migration folder ${shown} cannot be read: ${whyNot(cause)}`, {
    next: 'Give this user the right to read the folder.',
    cause,
  });
}


/** Why a file or folder cannot be read, as the end of a sentence. */
export function whyNot(error: unknown): string {
  const code = codeOf(error);
  return code === undefined ? String(error) : (reasons[code] ?? code);
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOENT: 'it does not exist',
  EISDIR: 'it is a folder',
  ENAMETOOLONG: 'its name is too long',
  ELOOP: 'its links lead in a circle',
  EMFILE: 'too many files are open',
  ERR_STRING_TOO_LONG: 'it is larger than this program can hold',
  ERR_FS_FILE_TOO_LARGE: 'it is larger than this program can hold',
};
