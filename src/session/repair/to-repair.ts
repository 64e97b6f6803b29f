import type { Database } from '../../project/project.ts';
import type { ReplayBaseOptions } from '../../runs/replay-points.ts';
import type { Workspace } from '../workspace.ts';
import type { WhyStays } from './where-run.ts';

export interface ToRepair {
  readonly workspace: Workspace;
  readonly database: Database;
  /** Of the database's folder; what is written is written here. */
  readonly copy: string;
  /** Asks all environments. */
  readonly why: () => Promise<WhyStays>;
  readonly signal: AbortSignal;
}

/** A scratch database under the rules of one that the folder is for. */
export function replayedLike({ workspace, database, signal }: ToRepair): ReplayBaseOptions {
  const target = workspace.project.environments
    .flatMap(({ targets }) => targets)
    .find((one) => one.database === database.name);
  return { like: target?.address.kind ?? 'libsql-file', bookkeeping: database.table, signal };
}
