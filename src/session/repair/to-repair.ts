import type { Database } from '../../project/project.ts';
import type { ReplayBaseOptions } from '../../runs/replay/replay-points.ts';
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
  const like = likeOf(database, target?.address.kind ?? 'unavailable');
  return { like, bookkeeping: database.table, signal };
}

/** A target whose variable is not set says nothing about what its migrations are written in. */
function likeOf({ dialect }: Database, kind: ReplayBaseOptions['like']): ReplayBaseOptions['like'] {
  if (kind !== 'unavailable') return kind;
  return dialect === 'postgres' ? 'pglite' : 'libsql-file';
}
