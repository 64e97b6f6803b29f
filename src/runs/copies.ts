import { backupFile } from '../engines/libsql/backup-file.ts';
import { dumpRemote } from '../engines/libsql/dump.ts';
import { unreachable } from '../lib/unreachable.ts';
import type { Address } from '../project/project.ts';

/** A copy of a database in a file of ours, read back. */
export interface Copy {
  readonly bytes: number;
  /** Of the file, hex. */
  readonly sha256: string;
  /** Without the lease table. */
  readonly tables: readonly { readonly table: string; readonly rows: number }[];
}

export interface CopyOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number | undefined, unit: 'rows' | 'bytes') => void;
}

/** The file that a database is, on this machine. */
export function fileOf(address: Address): string | undefined {
  return address.kind === 'libsql-file' || address.kind === 'd1-local' ? address.path : undefined;
}

/**
 * Copies a database consistently into a file, while others go on writing to it.
 *
 * @throws MigrateError `busy`, `storage`, `unreachable`, `backup-failed`, `interrupted`
 */
export async function copyOut(
  address: Address,
  to: string,
  { signal, onProgress }: CopyOptions,
): Promise<Copy> {
  switch (address.kind) {
    case 'libsql-file':
    case 'd1-local':
      return backupFile({ from: address.path, to, signal });
    case 'libsql-remote':
      return dumpRemote({ address, to, signal, onProgress });
    case 'd1-remote':
    case 'libsql-memory':
    case 'unavailable':
      throw new Error(`A ${address.kind} database is not copied.`);
    default:
      return unreachable(address);
  }
}
