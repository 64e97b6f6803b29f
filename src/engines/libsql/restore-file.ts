import type { Statement } from '../../sql/statement.ts';
import { removeAll } from './backup-file.ts';
import type { TableRows } from './content.ts';
import { runCopyJob } from './copy-process.ts';

export interface RestoreFileOptions {
  /** Absolute path of the backup. */
  readonly from: string;
  /** `kept`, unless said: it is not changed. `used-up`: it was made for this alone. */
  readonly backup?: 'kept' | 'used-up';
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
  backup = 'kept',
  to,
  ifMissing,
  prepare = [],
  busyTimeout = 5000,
  signal,
}: RestoreFileOptions): Promise<{ readonly tables: readonly TableRows[] }> {
  const prepared = backup === 'kept' ? `${from}.${process.pid}.prepared` : undefined;
  const part = `${to}.${process.pid}.part`;
  try {
    const job = { kind: 'restore', from, to, prepared, part, prepare, ifMissing, busyTimeout } as const;
    const { tables } = await runCopyJob(job, { signal });
    return { tables };
  } finally {
    if (prepared !== undefined) await removeAll(prepared);
    await removeAll(part);
  }
}
