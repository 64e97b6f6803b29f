import type { Engine } from '../engines/engine.ts';
import { withAttempt, type Attempt } from '../operations/attempt.ts';
import type { Diagnosed } from '../operations/diagnosis.ts';
import { toDiagnose } from '../operations/recovery.ts';
import type { Environment } from '../project/project.ts';
import { diagnose } from '../runs/diagnose.ts';
import { describeLease, isDead } from '../runs/lock.ts';
import type { Snapshot } from '../runs/snapshot.ts';
import { readSchema } from '../schema/read.ts';
import { namesIn, readKnowledge, type Knowledge } from './knowledge.ts';
import type { TargetDatabase, Workspace } from './workspace.ts';

/**
 * How far each migration came that left something in a target and has no record there: by tag. The history is
 * replayed in a scratch database for it, and only when there is such a migration. The target is only read.
 */
export async function diagnosedIn(
  workspace: Workspace,
  environment: Environment,
  { database, target }: TargetDatabase,
  {
    engine,
    snapshot,
    signal,
  }: { readonly engine: Engine; readonly snapshot: Snapshot; readonly signal: AbortSignal },
): Promise<ReadonlyMap<string, Diagnosed>> {
  const { doubtful, recorded } = toDiagnose(snapshot);
  if (doubtful.size === 0) return new Map();
  const { migrations } = await workspace.folderOf(database);
  const found = await diagnose({
    migrations,
    recorded,
    target: await readSchema(engine.query, { bookkeeping: [snapshot.bookkeeping.table] }),
    like: target.address.kind,
    bookkeeping: snapshot.bookkeeping.table,
    signal,
  });
  const knowledge = await readKnowledge(workspace);
  const place = { environment: environment.name, database: database.name };
  return new Map(
    migrations.flatMap(({ tag, statements }) => {
      const diagnosed = found.get(tag);
      if (!diagnosed || !isCase(diagnosed, doubtful.has(tag))) return [];
      const attempt = lastAttempt(knowledge, { ...place, tag });
      const told = attempt ? withAttempt(diagnosed, attempt, statements) : diagnosed;
      return [[tag, { ...told, evidence: [...heldNow(snapshot), ...told.evidence] }] as const];
    }),
  );
}

/** One whose names leave no trace is a case only when the replay shows for certain that it was begun. */
function isCase({ diagnosis: { kind } }: Diagnosed, isDoubtful: boolean): boolean {
  return isDoubtful || kind === 'stopped' || kind === 'schema-complete' || kind === 'unrecorded';
}

/** Somebody at work may be in the middle of it. */
function heldNow({ lease }: Snapshot): readonly string[] {
  if (lease?.run === undefined || lease.state !== 'live' || isDead(lease)) return [];
  return [`${describeLease(lease, Date.now())}: it may be running now.`];
}

function lastAttempt(
  { runs, units }: Knowledge,
  place: { readonly environment: string; readonly database: string; readonly tag: string },
): Attempt | undefined {
  const here = new Map(
    runs
      .filter(({ environment, operation }) => environment === place.environment && migrates.has(operation))
      .map((run) => [run.id, run]),
  );
  const unit = units.findLast(
    ({ run, database, tag }) => here.has(run) && database === place.database && tag === place.tag,
  );
  const run = unit && here.get(unit.run);
  return (
    run && {
      run: run.id,
      operation: run.operation,
      by: run.by,
      host: run.host,
      at: new Date(unit.beganAt).toISOString(),
      outcome: outcomeOf(unit.outcome),
      statementHashes: namesIn(unit.statementHashes),
    }
  );
}

const migrates = new Set(['deploy', 'apply']);

function outcomeOf(outcome: string | null): Attempt['outcome'] {
  if (outcome === null) return 'cut-off';
  return outcome === 'committed' || outcome === 'undone' ? outcome : 'unknown';
}
