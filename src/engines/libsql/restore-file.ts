import type { Statement } from '../../sql/statement.ts';
import { removeAll } from './backup-file.ts';
import type { TableRows } from './content.ts';
import { runCopyJob } from './copy-process.ts';

export interface RestoreFileOptions {
  /** Absolute path of the backup; it is not changed. */
  readonly from: string;
  /** Absolute path of the live database. */
  readonly to: string;
  readonly ifMissing: 'refuse' | 'create';
  /** Run on a private copy first, so that they are in the live file in the same instant as the rest: the lease. */
  readonly prepare?: readonly Statement[];
  /** How long to wait for another program's lock, in milliseconds; 5000 unless said. */
  readonly busyTimeout?: number;
  readonly signal?: AbortSignal;
}

/**
 * Puts a backup's content into a live database, never by renaming: programs that have it open go on with the restored
 * rows, and a kill half-way leaves the old ones. Read back afterwards: damage, schema, rows per table.
 *
 * Throws `MigrateError`: `busy` when somebody writes, `not-found`, `storage`, `verify-differs`, `interrupted`.
 */
export async function restoreFile({
  from,
  to,
  ifMissing,
  prepare = [],
  busyTimeout = 5000,
  signal,
}: RestoreFileOptions): Promise<{ readonly tables: readonly TableRows[] }> {
  const prepared = `${from}.${process.pid}.prepared`;
  const part = `${to}.${process.pid}.part`;
  try {
    const job = { kind: 'restore', from, to, prepared, part, prepare, ifMissing, busyTimeout } as const;
    const { tables } = await runCopyJob(job, { signal });
    return { tables };
  } finally {
    await removeAll(prepared);
    await removeAll(part);
  }
}
