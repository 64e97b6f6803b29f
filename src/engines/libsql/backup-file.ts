import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { rename, rm } from '../../lib/patient-fs.ts';
import type { TableRows } from './content.ts';
import { runCopyJob } from './copy-process.ts';

export interface BackupFileOptions {
  /** Absolute path of the live database. */
  readonly from: string;
  /** Absolute path of the copy; its folder exists. */
  readonly to: string;
  /** How long to wait for another program's lock, in milliseconds; 5000 unless said. */
  readonly busyTimeout?: number;
  readonly signal?: AbortSignal;
}

/** A copy that was read back. */
export interface FileCopy {
  readonly bytes: number;
  /** Of the file, hex. */
  readonly sha256: string;
  /** Without the lease table. */
  readonly tables: readonly TableRows[];
  /** Hash over the copy's `sqlite_schema`. */
  readonly schema: string;
}

/**
 * Copies a database of one moment while others may write to it. The file appears under its name only when it is on
 * the disk, read back and equal to the source: schema, size, rows per table, no damage. It holds no live lease.
 *
 * Throws `MigrateError`: `busy`, `storage`, `unreachable`, `backup-failed`, `interrupted`.
 */
export async function backupFile({
  from,
  to,
  busyTimeout = 5000,
  signal,
}: BackupFileOptions): Promise<FileCopy> {
  const part = `${to}.${process.pid}.part`;
  let hashing: Promise<string> | undefined;
  try {
    // The checksum is computed here while the worker verifies: two passes over the file at once.
    const onCopied = () => {
      hashing = hashFile(part);
      hashing.catch(() => undefined);
    };
    const content = await runCopyJob({ kind: 'backup', from, to: part, busyTimeout }, { signal, onCopied });
    const sha256 = await (hashing ?? hashFile(part));
    const { size } = await stat(part);
    await rename(part, to);
    await flushFolder(dirname(to));
    return { bytes: size, sha256, tables: content.tables, schema: content.schema };
  } finally {
    await removeAll(part);
  }
}

/** SHA-256 of a file, hex. One buffer is used for all of it: a stream would leave a gigabyte to collect. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(1 << 20);
  await using file = await open(path, 'r');
  for (;;) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length);
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(chunk.subarray(0, bytesRead));
  }
}

/** Removes a database and what SQLite keeps beside one; nothing happens when it is not there. */
export async function removeAll(path: string): Promise<void> {
  for (const suffix of ['', '-journal', '-wal', '-shm']) await rm(`${path}${suffix}`, { force: true });
}

/** The new name is on the disk too, not only the content. Windows keeps names by itself, and lets no folder be flushed. */
export async function flushFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  await using handle = await open(folder, 'r');
  await handle.sync();
}
