import type { OnCopyProgress } from '../copy-progress.ts';
import { removeAll } from './backup-file.ts';
import type { TableRows } from './content.ts';
import type { CopyAcrossJob } from './copy-across.ts';
import { runCopyJob } from './copy-process.ts';
import type { CopyRowsJob } from './copy-rows.ts';

interface Watched {
  readonly signal: AbortSignal;
  readonly onProgress: OnCopyProgress;
}

/**
 * Writes a new file with the rows of another as rules have them. It is nobody else's: neither flushed nor hashed.
 *
 * Throws `MigrateError`: `busy`, `storage`, `unreachable`, `refused` where a mask does not fit, `target-changed`,
 * `interrupted`; the file is then gone.
 */
export async function copyFileRows(
  job: Omit<CopyRowsJob, 'kind' | 'busyTimeout'>,
  { signal, onProgress }: Watched,
): Promise<readonly TableRows[]> {
  try {
    const watched = { signal, onProgress };
    return (await runCopyJob({ kind: 'copy-rows', busyTimeout: 5000, ...job }, watched)).tables;
  } catch (error) {
    await removeAll(job.to);
    throw error;
  }
}

/**
 * Puts what a file is at one moment into another, live one, which is made when it is not there.
 *
 * Throws `MigrateError`: `busy` when somebody writes to either, `storage`, `unreachable`, `target-changed`, `verify-differs`,
 * `interrupted`.
 */
export async function copyFileAcross(
  job: Omit<CopyAcrossJob, 'kind' | 'busyTimeout' | 'part'>,
  { signal, onProgress }: Watched,
): Promise<readonly TableRows[]> {
  const part = `${job.to}.${process.pid}.part`;
  try {
    const watched = { signal, onProgress };
    return (await runCopyJob({ kind: 'copy-across', busyTimeout: 5000, part, ...job }, watched)).tables;
  } finally {
    await removeAll(part);
  }
}
