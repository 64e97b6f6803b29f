import type { Engine } from '../../engines/engine.ts';
import type { Migration } from '../../migrations/migration.ts';
import { withAttempt, type Attempt } from '../../operations/diagnosis/attempt.ts';
import type { Diagnosed, Diagnosis, LeftSession } from '../../operations/diagnosis/diagnosis.ts';
import { doubtedRecords } from '../../operations/history/doubted-records.ts';
import type { HistoryItem } from '../../operations/history/history.ts';
import { leftInvalid } from '../../operations/diagnosis/left-invalid.ts';
import { withUnfinished } from '../../operations/diagnosis/with-unfinished.ts';
import { whileServerWorks } from '../../operations/diagnosis/while-server-works.ts';
import { toDiagnose } from '../../operations/recovery.ts';
import type { Environment } from '../../project/project.ts';
import { liveNamesIn } from '../../operations/diagnosis/traces-of.ts';
import { leftSessions, type CutRun } from '../../runs/postgres/left-sessions.ts';
import type { Snapshot } from '../../runs/snapshot.ts';
import { partsOf } from '../../schema/parts.ts';
import { withoutInvalid } from '../../schema/invalid-index.ts';
import { readSchema } from '../../schema/read.ts';
import type { Schema } from '../../schema/schema.ts';
import { knowledgeAtHand } from '../knowledge.ts';
import { attemptsIn, type LastAttempt } from './last-attempt.ts';
import { beginningIn } from './replay-beginning.ts';
import { replayed } from './replayed.ts';
import { whileRunning } from './while-running.ts';
import type { TargetDatabase, Workspace } from '../workspace.ts';

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
  const { migrations } = snapshot;
  const { doubtful, recorded } = toDiagnose(snapshot);
  const bookkeeping = snapshot.bookkeeping.table;
  const whole = await readSchema(engine.query, { bookkeeping: [bookkeeping] });
  const schema = withoutInvalid(whole);
  const doubted = doubtedIn(snapshot, schema);
  const hasOpen = migrations.some(({ tag }) => !recorded.has(tag));
  if (!hasOpen && doubted.size === 0) return new Map();
  const at = { environment: environment.name, database: database.name };
  const attemptOf = attemptsIn(workspace, await knowledgeAtHand(workspace), at);
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
      ...at,
      migrations,
      recorded,
      bookkeeping: snapshot.bookkeeping,
      attempt: await firstAttempt(migrations, doubtful, attemptOf),
    }),
  );
  const sessions = await leftSessions(engine.query, cutRuns(snapshot, own));
  const cases = new Map<string, Diagnosed>();
  for (const [migration, diagnosed] of casesOf(migrations, found, doubtful)) {
    const attempt = await attemptOf(migration);
    const told = withWhatIsKnown(diagnosed, migration, { snapshot, whole, sessions, attempt });
    cases.set(migration.tag, whileRunning(told, snapshot.lease, { tag: migration.tag, own }));
  }
  return cases;
}

/** Those of which something is left; the others are merely pending. */
function casesOf(
  migrations: readonly Migration[],
  found: ReadonlyMap<string, Diagnosed>,
  doubtful: ReadonlySet<string>,
): readonly (readonly [Migration, Diagnosed])[] {
  return migrations.flatMap((migration) => {
    const diagnosed = found.get(migration.tag);
    const isCase = diagnosed && (doubtful.has(migration.tag) || wasBegun(diagnosed));
    return isCase ? [[migration, diagnosed]] : [];
  });
}

/** What a rollback took of a migration that it stopped in is no reason to doubt its record. */
function doubtedIn({ history }: Snapshot, schema: Schema): ReadonlySet<string> {
  const doubted = doubtedRecords(history, liveNamesIn(partsOf(schema)));
  const takenBack = new Set(history.takenBack?.map(({ noted }) => noted.tag));
  return new Set([...doubted].filter((tag) => !takenBack.has(tag)));
}

/** What a replay found of a migration, and what names, the target's own note, our record and the server say beside it. */
function withWhatIsKnown(
  diagnosed: Diagnosed,
  migration: Migration,
  { snapshot, whole, sessions, attempt }: Known,
): Diagnosed {
  const { tag, statements } = migration;
  const item = snapshot.history.items.find((one) => isOf(one, tag));
  const noted = snapshot.unfinished?.find((each) => each.tag === tag);
  const invalid = leftInvalid(migration, whole);
  const traced = withUnfinished(withNames(diagnosed, item), { ...(noted && { noted }), invalid }, migration);
  const told = attempt ? withAttempt(traced, attempt, statements) : traced;
  const isCut = noted !== undefined || snapshot.lease?.tag === tag;
  return isCut ? whileServerWorks(told, sessions, statements) : told;
}

interface Known {
  readonly snapshot: Snapshot;
  /** The schema with its indexes that are not valid. */
  readonly whole: Schema;
  readonly sessions: readonly LeftSession[];
  /** What our record says of it. */
  readonly attempt: Attempt | undefined;
}

/** Runs that stand in the target and are not the one that asks. */
function cutRuns({ lease, unfinished = [] }: Snapshot, own: string | undefined): readonly CutRun[] {
  const noted = unfinished.map(({ run, host }) => ({ run, host }));
  const holder = lease?.run === undefined ? [] : [{ run: lease.run, host: lease.host }];
  return [...noted, ...holder].filter(({ run }) => run !== own);
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
function wasBegun({ diagnosis }: Diagnosed): boolean {
  return diagnosis.kind === 'one-of' ? !diagnosis.points.includes(0) : certain.has(diagnosis.kind);
}

const certain = new Set<Diagnosis['kind']>([
  'stopped',
  'schema-complete',
  'unrecorded',
  'recorded-not-there',
]);

function isOf(item: HistoryItem, tag: string): boolean {
  return 'migration' in item && item.migration.tag === tag;
}

/** Where nothing can be replayed, names are all that is left to go by: they are a hint, and no verdict. */
function withNames(diagnosed: Diagnosed, item: HistoryItem | undefined): Diagnosed {
  if (diagnosed.diagnosis.kind !== 'cannot-replay') return diagnosed;
  const hint = saidByNames(item);
  return hint === undefined ? diagnosed : { ...diagnosed, evidence: [...diagnosed.evidence, hint] };
}

function saidByNames(item: HistoryItem | undefined): string | undefined {
  const ends = 'which is no proof: a name does not tell what it stands for';
  switch (item?.kind) {
    case 'half':
      return `By the names in the schema alone it would be stopped after statement ${item.after} of ${item.of}, ${ends}.`;
    case 'unrecorded':
      return `By the names in the schema alone all of it would be there, ${ends}.`;
    default:
      return undefined;
  }
}
