import { backupFile } from '../../engines/libsql/backup-file.ts';
import { copyFileAcross, copyFileRows } from '../../engines/libsql/copy-file.ts';
import { restoreFile } from '../../engines/libsql/restore-file.ts';
import { restoreRemote } from '../../engines/libsql/restore-remote.ts';
import type { OnCopyProgress } from '../../engines/copy-progress.ts';
import type { Engine } from '../../engines/engine.ts';
import type { Masking } from '../../engines/masks.ts';
import { MigrateError } from '../../lib/errors.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { Address } from '../../project/project.ts';
import type { Statement } from '../../sql/statement.ts';
import type { CopyForm } from './backups.ts';

/** A copy of a database in a file of ours, read back. */
export interface Copy {
  readonly bytes: number;
  /** Of the file, hex. */
  readonly sha256: string;
  /** Without the lease table. */
  readonly tables: readonly { readonly table: string; readonly rows: number }[];
  /** Whether it is one moment of the database; some can only be read bit by bit, while others write. */
  readonly moment: 'one' | 'several';
}

export interface CopyOptions {
  readonly signal: AbortSignal;
  readonly onProgress: OnCopyProgress;
}

/** What a copy of a database is. */
export function formOf({ kind }: Address): CopyForm {
  return kind === 'postgres' || kind === 'pglite' ? 'pgdump' : 'sqlite';
}

/** The file that a database is, on this machine. */
export function fileOf(address: Address): string | undefined {
  return address.kind === 'libsql-file' || address.kind === 'd1-local' ? address.path : undefined;
}

/**
 * Copies a database into a file of SQLite, while others go on writing to it.
 *
 * @throws MigrateError `busy`, `storage`, `unreachable`, `backup-failed`, `interrupted`
 */
export async function copyOut(
  address: Address,
  to: string,
  { signal, onProgress }: CopyOptions,
): Promise<Copy> {
  // What talks to servers is loaded when there is one: a file needs none of it.
  switch (address.kind) {
    case 'libsql-file':
    case 'd1-local':
      return { ...(await backupFile({ from: address.path, to, signal })), moment: 'one' };
    case 'libsql-remote': {
      const { dumpRemote } = await import('../../engines/libsql/dump.ts');
      return { ...(await dumpRemote({ address, to, signal, onProgress })), moment: 'one' };
    }
    case 'd1-remote': {
      const { dumpD1 } = await import('../../engines/d1/dump/dump.ts');
      const dump = await dumpD1({ address, to, what: 'rows', signal, onProgress });
      return { ...dump, moment: dump.consistent ? 'one' : 'several' };
    }
    case 'postgres':
    case 'pglite':
    case 'libsql-memory':
    case 'unavailable':
      throw new Error(`A ${address.kind} database is not copied into a file of SQLite.`);
    default:
      return unreachable(address);
  }
}

/** How a database is copied that is not copied as it is. */
export interface CopyUnderOptions extends CopyOptions {
  readonly masking: Masking;
  /** What the rules were made for (see `engines/shape-of.ts`). */
  readonly shape: string;
  /** What people call the source. */
  readonly called: string;
  /** Of the file that is written, in bytes. */
  readonly pageSize: number;
}

/**
 * Copies a database row by row into a file under rules: what they keep back is written nowhere.
 *
 * @throws MigrateError `busy`, `storage`, `unreachable`, `backup-failed`, `refused`, `target-changed`, `interrupted`
 */
export async function copyOutUnder(
  address: Address,
  to: string,
  { masking, shape, called, pageSize, signal, onProgress }: CopyUnderOptions,
): Promise<Pick<Copy, 'tables' | 'moment'>> {
  switch (address.kind) {
    case 'libsql-file':
    case 'd1-local': {
      const job = { from: address.path, to, masking, shape, source: called, pageSize };
      return { tables: await copyFileRows(job, { signal, onProgress }), moment: 'one' };
    }
    case 'libsql-remote': {
      const { dumpRemote } = await import('../../engines/libsql/dump.ts');
      const { tables } = await dumpRemote({ address, to, masking, shape, signal, onProgress });
      return { tables, moment: 'one' };
    }
    case 'd1-remote': {
      const { dumpD1 } = await import('../../engines/d1/dump/dump.ts');
      const dump = await dumpD1({ address, to, what: 'rows', masking, shape, signal, onProgress });
      return { tables: dump.tables, moment: dump.consistent ? 'one' : 'several' };
    }
    case 'postgres':
    case 'pglite':
    case 'libsql-memory':
    case 'unavailable':
      throw new Error(`A ${address.kind} database is not copied.`);
    default:
      return unreachable(address);
  }
}

/**
 * Puts what a file is at one moment into another one, page by page, in one transaction of the other.
 *
 * @throws MigrateError `busy`, `storage`, `unreachable`, `target-changed`, `verify-differs`, `interrupted`
 */
export async function copyAcross(
  { from, to }: { readonly from: Address; readonly to: Address },
  {
    shape,
    called,
    rows,
    signal,
    onProgress,
  }: Pick<CopyUnderOptions, 'shape' | 'called' | keyof CopyOptions> & {
    /** By table, as they were counted just before. */
    readonly rows: ReadonlyMap<string, number>;
  },
): Promise<Copy['tables']> {
  const [source, target] = [fileOf(from), fileOf(to)];
  if (source === undefined || target === undefined) throw new Error('Pages are copied between files.');
  return copyFileAcross({ from: source, to: target, shape, source: called, rows }, { signal, onProgress });
}

/**
 * Puts the content of a copy into the database, in one step for everybody who has it open.
 *
 * @param prepare run on the copy first, so that they are there in the same instant as the rest: the lease
 * @param landed a query with a row only when all of it is there, for when a server's answer is lost
 * @throws MigrateError `busy`, `storage`, `refused`, `verify-differs`, `interrupted`; `stopped-part-way` when the content
 *   is there but could not be read back, or when nobody can say whether it is
 */
export async function copyIn(
  { address, engine }: { readonly address: Address; readonly engine: Engine },
  from: string,
  {
    backup = 'kept',
    called,
    prepare,
    fence = [],
    landed,
    onRemark = () => undefined,
    signal,
  }: {
    /** `used-up`: the copy was made for this alone. */
    readonly backup?: 'kept' | 'used-up';
    /** Where a person finds it; `from` unless said. */
    readonly called?: string | undefined;
    readonly prepare: readonly Statement[];
    /** Raises unless the lock is held: for an engine that keeps it for as long as the restore takes. */
    readonly fence?: readonly Statement[];
    readonly landed: Statement;
    /** Told what is not as the copy has it, and stops nothing. */
    readonly onRemark?: (says: string) => void;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  switch (address.kind) {
    case 'libsql-file':
    case 'd1-local':
      await restoreFile({ from, backup, to: address.path, ifMissing: 'create', prepare, signal });
      return;
    case 'libsql-remote':
      await restoreRemote({ from, called, engine, prepare, landed, signal });
      return;
    case 'postgres':
    case 'pglite': {
      const { putBackPostgres } = await import('../postgres/copy.ts');
      const how = { rights: 'as-dumped', fence, prepare, landed, onRemark, signal } as const;
      await putBackPostgres({ address, engine }, from, how);
      return;
    }
    case 'd1-remote':
    case 'libsql-memory':
    case 'unavailable':
      throw new MigrateError('refused', `${engine.location} takes no copy back. Nothing was changed.`, {
        next: 'Restore one of the backups that the server keeps.',
      });
    default:
      return unreachable(address);
  }
}
