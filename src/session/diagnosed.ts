import type { Engine } from '../engines/engine.ts';
import type { Lease } from '../bookkeeping/lease.ts';
import type { Migration } from '../migrations/migration.ts';
import { withAttempt, type Attempt } from '../operations/attempt.ts';
import { sayDiagnosis } from '../operations/diagnosis-words.ts';
import type { Diagnosed, Diagnosis } from '../operations/diagnosis.ts';
import { doubtedRecords } from '../operations/doubted-records.ts';
import { toDiagnose } from '../operations/recovery.ts';
import type { Environment } from '../project/project.ts';
import { namesIn } from '../operations/traces-of.ts';
import { diagnose, type DiagnoseInput } from '../runs/diagnose.ts';
import { describeLease, isDead } from '../runs/lock.ts';
import type { Snapshot } from '../runs/snapshot.ts';
import { partsOf } from '../schema/parts.ts';
import { readSchema } from '../schema/read.ts';
import { readKnowledge } from './knowledge.ts';
import { attemptsIn, type LastAttempt } from './last-attempt.ts';
import { beginningIn, type BackupBeginning } from './replay-beginning.ts';
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
 * replayed in a scratch database for it, as names alone do not show a table that was rebuilt. The target is only read.
 */
export async function diagnosedIn(
  workspace: Workspace,
  environment: Environment,
  { database, target }: TargetDatabase,
  { engine, snapshot, signal, own }: DiagnosedOptions,
): Promise<ReadonlyMap<string, Diagnosed>> {
  const { doubtful, recorded } = toDiagnose(snapshot);
  const { migrations } = await workspace.folderOf(database);
  const bookkeeping = snapshot.bookkeeping.table;
  const schema = await readSchema(engine.query, { bookkeeping: [bookkeeping] });
  const doubted = doubtedRecords(snapshot.history, namesIn(partsOf(schema)));
  const hasOpen = migrations.some(({ tag }) => !recorded.has(tag));
  if (!hasOpen && doubted.size === 0) return new Map();
  const attemptOf = attemptsIn(workspace, await readKnowledge(workspace), {
    environment: environment.name,
    database: database.name,
  });
  const input = {
    migrations,
    recorded,
    doubted,
    target: schema,
    like: target.address.kind,
    bookkeeping,
    signal,
  };
  const found = await replayed(input, doubtful, async () =>
    beginningIn(workspace, {
      environment: environment.name,
      database: database.name,
      migrations,
      recorded,
      bookkeeping: snapshot.bookkeeping,
      attempt: await firstAttempt(migrations, doubtful, attemptOf),
    }),
  );
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

/**
 * From an empty database, and where that leaves something open from a backup. What is told from the backup counts only
 * where it is a verdict.
 */
async function replayed(
  input: DiagnoseInput,
  doubtful: ReadonlySet<string>,
  beginning: () => Promise<BackupBeginning | undefined>,
): Promise<ReadonlyMap<string, Diagnosed>> {
  const found = await diagnose(input);
  if (![...found].some(([tag, diagnosed]) => doubtful.has(tag) && isOpen(diagnosed))) return found;
  const from = await beginning();
  if (!from) return found;
  const again = await diagnose({ ...input, from: from.beginning });
  return new Map(
    [...found].map(([tag, diagnosed]) => {
      const other = again.get(tag);
      if (!isOpen(diagnosed) || !other || isOpen(other)) return [tag, diagnosed];
      return [tag, { ...other, evidence: [from.says, ...other.evidence] }];
    }),
  );
}

function isOpen({ diagnosis: { kind } }: Diagnosed): boolean {
  return kind === 'cannot-replay' || kind === 'undecided';
}

/** The first of what is unfinished that a run of ours began. */
async function firstAttempt(
  migrations: readonly Migration[],
  doubtful: ReadonlySet<string>,
  attemptOf: LastAttempt,
): Promise<Attempt | undefined> {
  for (const migration of migrations.filter(({ tag }) => doubtful.has(tag))) {
    const attempt = await attemptOf(migration);
    if (attempt) return attempt;
  }
  return undefined;
}

/** One whose names leave no trace is a case only when the replay shows for certain that it was begun. */
function isCase({ diagnosis }: Diagnosed, isDoubtful: boolean): boolean {
  if (isDoubtful) return true;
  return diagnosis.kind === 'one-of' ? !diagnosis.points.includes(0) : certain.has(diagnosis.kind);
}

const certain = new Set<Diagnosis['kind']>([
  'stopped',
  'schema-complete',
  'unrecorded',
  'recorded-not-there',
]);

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
