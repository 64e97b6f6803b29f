import { randomBytes } from 'node:crypto';
import { chmod, constants, copyFile, mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { rm } from '../lib/patient-fs.ts';
import { codeOf } from '../lib/error-code.ts';
import { MigrateError } from '../lib/errors.ts';
import { fileStamp } from './file-stamp.ts';

/** A copy of a database file for questions, in which the write that somebody left unfinished is undone. */
export interface CopyAside extends AsyncDisposable {
  readonly path: string;
  /** Whether the file itself is still what was copied. */
  isCurrent(): boolean;
}

/**
 * Copies a file with what its dead writer left beside it, and lets SQLite undo the write there: the file itself and
 * its journal stay as they are, for whoever opens it next to write.
 *
 * @param scratch where rows may lie: the folder is made for its user alone, and its name carries the process
 * @returns undefined when somebody wrote to the file meanwhile
 * @throws MigrateError `storage` when the copy cannot be made
 */
export async function copyAside(path: string, scratch: string): Promise<CopyAside | undefined> {
  const folder = join(scratch, `read-${randomBytes(4).toString('hex')}-${process.pid}`);
  // A place that is no folder holds no copy either.
  const remove = () => rm(folder, { recursive: true, force: true }).catch(ignore('ENOTDIR'));
  const stamp = fileStamp(path);
  const isCurrent = () => fileStamp(path) === stamp;
  const copy = join(folder, basename(path));
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // Only an unlocked file is left behind, so there are no locks of this process that closing it would give up.
    await copyOne(path, copy);
    for (const beside of ['-journal', '-wal']) await copyIfThere(`${path}${beside}`, `${copy}${beside}`);
    if (isCurrent()) {
      undo(copy);
      return { path: copy, isCurrent, [Symbol.asyncDispose]: remove };
    }
  } catch (error) {
    await remove();
    throw notCopied(path, scratch, error);
  }
  await remove();
  return undefined;
}

async function copyOne(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  await chmod(to, 0o600);
}

async function copyIfThere(from: string, to: string): Promise<void> {
  await copyOne(from, to).catch(ignore('ENOENT'));
}

/** The first look at its header plays the journal back; closing it takes the WAL in. No schema is read for it. */
function undo(copy: string): void {
  using db = new DatabaseSync(copy);
  db.prepare('PRAGMA schema_version').get();
}

function notCopied(path: string, scratch: string, error: unknown): MigrateError {
  const why = codeOf(error) ?? String(error);
  return new MigrateError(
    'storage',
    `${path} was left in the middle of a write, and ${scratch} takes no copy of it to read (${why})`,
    {
      cause: error,
      next: 'Make room there, or open the file once with a program that may write to it: that undoes the write.',
    },
  );
}

/** Only failures of that code. */
const ignore = (code: string) => (error: unknown) => {
  if (codeOf(error) !== code) throw error;
};
