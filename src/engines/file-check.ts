import { constants } from 'node:fs';
import { access, mkdir, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf } from '../lib/error-code.ts';
import { MigrateError } from '../lib/errors.ts';
import { isHeld } from './held-files.ts';

/** What a path holds, found out without a database engine: opening one would create the file. */
export type FileState =
  | { readonly kind: 'missing' }
  /** No bytes: a database without tables. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'database' };

/**
 * Looks at a file that should be a SQLite database. Throws `MigrateError` `unreachable` when it is something else.
 *
 * A file that an engine of this process has open is not opened here: closing any handle on a file gives up
 * all locks that the process has on it (POSIX), and another writer would come in.
 */
export async function lookAtFile(path: string): Promise<FileState> {
  const found = await stat(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw notReadable(path, error);
  });
  if (found === undefined) return { kind: 'missing' };
  if (found.isDirectory()) throw notADatabase(path, 'is a folder');
  if (!found.isFile()) throw notADatabase(path, 'is not a plain file');
  if (found.size === 0) return { kind: 'empty' };
  if (isHeld(path)) return { kind: 'database' };
  const header = await headerOf(path);
  if (header.toString('latin1') !== 'SQLite format 3\0') {
    throw notADatabase(path, 'is not an SQLite database (or it is encrypted)');
  }
  return { kind: 'database' };
}

/** Throws `MigrateError` `storage` unless the file and its folder (where the journal goes) can be written. */
export async function checkWritable(path: string, state: FileState): Promise<void> {
  const folder = dirname(path);
  await check(folder, `The folder ${folder}`, 'Create the folder, or correct the path.');
  if (state.kind !== 'missing') await check(path, path, 'Give the user who runs this the right to write it.');
}

/** The folder of a database that is about to be made, and those above it. Throws `MigrateError` `storage`. */
export async function makeFolderOf(path: string): Promise<void> {
  const folder = dirname(path);
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw new MigrateError('storage', `The folder ${folder} cannot be created: ${why(error)}`, {
      cause: error,
      next: 'Correct the path of the database, or the permissions of the folders above it.',
    });
  }
}

async function check(path: string, shown: string, next: string): Promise<void> {
  try {
    await access(path, constants.W_OK);
  } catch (error) {
    throw new MigrateError('storage', `${shown} cannot be written: ${why(error)}`, { cause: error, next });
  }
}

async function headerOf(path: string): Promise<Buffer> {
  try {
    await using file = await open(path, 'r');
    const { buffer } = await file.read(Buffer.alloc(16), 0, 16, 0);
    return buffer;
  } catch (error) {
    throw notReadable(path, error);
  }
}

function notADatabase(path: string, what: string): MigrateError {
  return new MigrateError('unreachable', `${path} ${what}`, {
    next: 'Correct the path of this target in the configuration.',
  });
}

function notReadable(path: string, error: unknown): MigrateError {
  return new MigrateError('unreachable', `${path} cannot be read: ${why(error)}`, {
    cause: error,
    next: 'Check the path and the permissions of the file and of the folders above it.',
  });
}

function why(error: unknown): string {
  const code = codeOf(error) ?? String(error);
  return reasons[code] ?? code;
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'its disk is read-only',
  ENOENT: 'it does not exist',
  ENOTDIR: 'a part of its path is a file',
};
