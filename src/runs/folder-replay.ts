import type { Address } from '../engines/address.ts';
import type { Migration } from '../migrations/migration.ts';
import type { FolderReplay } from '../operations/folder-fit.ts';
import type { Schema } from '../schema/schema.ts';
import { openReplayBase } from './replay-points.ts';

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

/** Runs the files of a folder one after the other in a scratch database without rows, and keeps the schema after each. */
export async function replayFolder({
  migrations,
  target,
  ...options
}: FolderReplayInput): Promise<FolderReplay> {
  await using base = await openReplayBase(options);
  const points = [await base.schema()];
  for (const { tag, statements } of migrations) {
    options.signal?.throwIfAborted();
    const refusal = await base.keep(statements);
    if (refusal)
      return { points, stopped: { tag, why: `statement ${refusal.statement}: ${refusal.why}` }, target };
    points.push(await base.schema());
  }
  return { points, target };
}
