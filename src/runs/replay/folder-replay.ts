import type { Address } from '../../engines/address.ts';
import type { Migration } from '../../migrations/migration.ts';
import type { FolderReplay } from '../../operations/history/folder-fit.ts';
import type { Schema } from '../../schema/schema.ts';
import { openScratchHistory } from '../diagnosis/scratch-history.ts';

export interface FolderReplayInput {
  /** In the order of running. */
  readonly migrations: readonly Migration[];
  readonly target: Schema;
  /** The scratch database obeys the same engine's rules. */
  readonly like: Address['kind'];
  /** Name of the tracking table, which is no part of the schema. */
  readonly bookkeeping: string;
  readonly signal?: AbortSignal;
}

/** Runs the files of a folder one after the other in a scratch database without rows, and keeps what each changes. */
export async function replayFolder({
  migrations,
  target,
  ...options
}: FolderReplayInput): Promise<FolderReplay> {
  await using scratch = await openScratchHistory(options);
  const files: FolderReplay['files'][number][] = [];
  for (const { tag, statements } of migrations) {
    options.signal?.throwIfAborted();
    const { steps, failure } = await scratch.keepLooking(statements);
    if (failure) {
      return { files, stopped: { tag, why: `statement ${failure.statement}: ${failure.why}` }, target };
    }
    files.push(steps);
  }
  return { files, target };
}
