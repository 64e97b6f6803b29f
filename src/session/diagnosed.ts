import type { Engine } from '../engines/engine.ts';
import type { Lease } from '../bookkeeping/lease.ts';
import { withAttempt } from '../operations/attempt.ts';
import { sayDiagnosis } from '../operations/diagnosis-words.ts';
import type { Diagnosed, Diagnosis } from '../operations/diagnosis.ts';
import { toDiagnose } from '../operations/recovery.ts';
import type { Environment } from '../project/project.ts';
import { diagnose } from '../runs/diagnose.ts';
import { describeLease, isDead } from '../runs/lock.ts';
import type { Snapshot } from '../runs/snapshot.ts';
import { readSchema } from '../schema/read.ts';
import { readKnowledge } from './knowledge.ts';
import { attemptsIn } from './last-attempt.ts';
import type { TargetDatabase, Workspace } from './workspace.ts';

/** What one target is diagnosed with. */
export interface DiagnosedOptions {
  readonly engine: Engine;
  readonly snapshot: Snapshot;
  readonly signal: AbortSignal;
  /** The key of the run that asks: its own lock is nobody else's. */
  readonly own?: string;
}

/**
 * How far each migration came that left something in a target and has no record there: by tag. The history is
 * replayed in a scratch database for it, and only when there is such a migration. The target is only read.
 */
export async function diagnosedIn(
  workspace: Workspace,
  environment: Environment,
  { database, target }: TargetDatabase,
  { engine, snapshot, signal, own }: DiagnosedOptions,
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
  const attemptOf = attemptsIn(workspace, await readKnowledge(workspace), {
    environment: environment.name,
    database: database.name,
  });
  const cases: [string, Diagnosed][] = [];
  for (const migration of migrations) {
    const { tag, statements } = migration;
    const diagnosed = found.get(tag);
    if (!diagnosed || !isCase(diagnosed, doubtful.has(tag))) continue;
    const attempt = await attemptOf(migration);
    const told = attempt ? withAttempt(diagnosed, attempt, statements) : diagnosed;
    cases.push([tag, whileRunning(told, snapshot.lease, { tag, own })]);
  }
  return new Map(cases);
}

/** One whose names leave no trace is a case only when the replay shows for certain that it was begun. */
function isCase({ diagnosis: { kind } }: Diagnosed, isDoubtful: boolean): boolean {
  return isDoubtful || kind === 'stopped' || kind === 'schema-complete' || kind === 'unrecorded';
}

/** Somebody at work may be in the middle of it: what is there now says nothing of what will be there. */
function whileRunning(
  diagnosed: Diagnosed,
  lease: Lease | undefined,
  { tag, own }: { readonly tag: string; readonly own: string | undefined },
): Diagnosed {
  if (lease?.run === undefined || lease.run === own || lease.state !== 'live' || isDead(lease)) {
    return diagnosed;
  }
  const { diagnosis, evidence } = diagnosed;
  const holder = `${describeLease(lease, Date.now())}.`;
  if (lease.tag !== tag && !mayBeHalf(diagnosis)) return { ...diagnosed, evidence: [holder, ...evidence] };
  const { by, host } = lease;
  return {
    ...diagnosed,
    diagnosis: { kind: 'running-elsewhere', by, host, since: new Date(lease.since).toISOString() },
    evidence: [
      holder,
      `At this moment the schema says: ${sayDiagnosis(diagnosis)}.`,
      'When that run has ended, ask again: until then nothing is chosen.',
      ...evidence,
    ],
  };
}

function mayBeHalf({ kind }: Diagnosis): boolean {
  return kind !== 'unrecorded' && kind !== 'recorded-not-there' && kind !== 'not-started';
}
