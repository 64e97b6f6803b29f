import type { Bookkeeping, Entry } from '../bookkeeping/bookkeeping.ts';
import type { Engine, Unit } from '../engines/engine.ts';
import { othersTurn } from '../engines/waiting.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { MigrateError, runAgain } from '../lib/errors.ts';
import type { Migration } from '../migrations/migration.ts';
import type { RunEventBody, TagOf } from '../operations/events.ts';
import type { Evidence, RehearsedMigration } from '../operations/evidence/evidence.ts';
import type { LossInside } from '../operations/evidence/losses-inside.ts';
import type { Measurement, ViolationCount } from '../operations/evidence/measurement.ts';
import type { LeavesOfAll } from '../operations/plan/step.ts';
import type { RowExpectation } from '../operations/evidence/row-expectations.ts';
import type { BackupKey } from '../project/backup-keys.ts';
import type { Database, Environment, Target } from '../project/project.ts';
import type { ForeignKey, Schema } from '../schema/schema.ts';
import type { Query } from '../sql/statement.ts';
import type { BackedUpDatabase } from './backups/manifest.ts';
import type { KitRun, KitSaid } from './kit/run-kit.ts';
import type { EventLog } from './event-log.ts';
import type { HeldLock } from './lock/lock.ts';
import type { Places } from './places.ts';

/** What a run knows and holds while it is carried out. */
export interface RunContext {
  readonly run: number;
  /** Names the run on any machine. */
  readonly key: string;
  readonly who: Who;
  readonly environment: Environment;
  readonly places: Places;
  readonly keepDays: number;
  /** What backups are encrypted with, and were; none: they are kept in the clear. */
  readonly backupKeys: readonly BackupKey[];
  readonly projectRoot: string;
  /** The command line that would begin this again, without flags of consent. */
  readonly again: string;
  readonly signal: AbortSignal;
  readonly events: EventLog;
  readonly ledger: Ledger;
  readonly showValues: 'show' | 'hide';
  /** What values are hashed with that are masked in a copy: it ends with the process, and is written nowhere. */
  readonly maskKey: string;
  readonly databases: ReadonlyMap<string, RunDatabase>;
  readonly progress: Progress;
}

export interface Who {
  readonly by: string;
  readonly host: string;
  readonly version: string;
  readonly git: string | undefined;
}

/** One database of the environment during a run; members are filled in as the steps go. */
export interface RunDatabase {
  readonly database: Database;
  readonly target: Target;
  /** Those of its folder, as its records call for them. */
  migrations: readonly Migration[];
  /** Those that are run: chosen before the run begins, or with the way out that it takes. */
  selected: readonly Migration[];
  /** `begun`: the target has a part of what is run, and another text of its file would lead on from it no more. */
  file: 'may-change' | 'begun';
  /** Of every selected one. */
  leaves: LeavesOfAll;
  /** Opens the target for changes, once. */
  readonly open: (options: { readonly ifMissing: 'create' }) => Promise<Engine>;
  /** A second connection for changes; absent where a database has only one. Its caller closes it. */
  readonly openBeside?: () => Promise<Engine>;
  /** Undefined while the file does not exist. */
  engine: Engine | undefined;
  bookkeeping: Bookkeeping;
  entries: readonly Entry[];
  /** The project's own drizzle-kit, where the run is a push. */
  kit: TargetKit | undefined;
  /** Where its content comes from, where the run is a resync. */
  source: RowSource | undefined;
  /** Its newest copy of this run. */
  backup: { readonly id: string; readonly copy: BackedUpDatabase } | undefined;
  lock: HeldLock | undefined;
  scratch: Scratch | undefined;
  evidence: Evidence | undefined;
  /** The schema in which the rehearsal of this run ended. */
  rehearsedSchema: Schema | undefined;
  /** Answers of the invariants before anything was changed. */
  invariantsBefore: ReadonlyMap<string, string>;
  /** The target's stamp (see `stamp.ts`) just before this run took the lock. */
  stampAtLock: string | undefined;
  /** Rows of the tables that the evidence names, before the first unit. */
  rowsBefore: ReadonlyMap<string, number>;
}

/** A database of another environment that is copied. */
export interface RowSource {
  readonly target: Target;
  /** Its schema (see `engines/shape-of.ts`) and its records when the rules were made for it. */
  readonly shape: string;
  readonly history: string;
  readonly bookkeeping: Bookkeeping;
  /** Rows by table. */
  readonly rows: ReadonlyMap<string, number>;
  /** Rows that broke a foreign key there, and do here. */
  violations: readonly ViolationCount[];
}

/** The project's own drizzle-kit, told to work on one target. */
export interface TargetKit {
  /** `drizzle-kit 0.31.11` */
  readonly tool: string;
  /** Has it load the schema code and write nothing; a version that cannot says so, and of the code nothing. */
  load(signal: AbortSignal): Promise<KitSaid>;
  push(how: Required<Pick<KitRun, 'terminal' | 'signal'>>): Promise<KitSaid>;
  /** What is in the target now; it is read also after the run was asked to stop. */
  look(): Promise<{
    readonly schema: Schema;
    /** Tables that hold records of migrations and of the lock. */
    readonly records: readonly string[];
    /** Of every other table. */
    readonly rows: ReadonlyMap<string, number>;
  }>;
}

/** The rehearsal's database and what was seen in it. */
export interface Scratch {
  readonly engine: Engine;
  /** The schema as this query sees it: inside a transaction only the transaction's own does. */
  readonly schemaThrough: (query: Query) => Promise<Schema>;
  /** For D1: a copy of the same database as it was at first, so that workerd can run the units too. */
  readonly startForWorkerd: string | undefined;
  /** Every unit that ran here, in order. */
  readonly units: Unit[];
  schemaBefore: Schema;
  fingerprintBefore: string;
  historyBefore: string;
  before: Measurement;
  foreignKeysBefore: readonly ForeignKey[];
  invariantsBefore: ReadonlyMap<string, string>;
  /** What each migration must leave alone, by tag. */
  expected: ReadonlyMap<string, readonly RowExpectation[]>;
  readonly lossesInside: LossInside[];
  readonly rehearsed: RehearsedMigration[];
}

/** What has happened so far, for the last event whatever it will be. */
export interface Progress {
  /** The newest set's id. */
  backup: string | undefined;
  readonly applied: TagOf[];
  /** Migrations that were taken back: their statements were undone, and their records are gone. */
  readonly undone: TagOf[];
  /** The backup that was put back: from then on no target is as it was before the run. */
  restored: string | undefined;
  /** Databases that were emptied. */
  readonly emptied: string[];
  /** Databases that took another environment's content. */
  readonly copied: string[];
  /** Databases whose schema another program changed for this run. */
  readonly pushed: string[];
  failed: TagOf | undefined;
  /** The step that is being carried out, for a failure's event. */
  current: { step: StepIdentity; startedAt: number; stoppedAt?: StoppedAt } | undefined;
}

export type StepIdentity = Pick<Extract<RunEventBody, { kind: 'step-started' }>, 'step' | 'database' | 'tag'>;

/** Where in a step that is about several migrations it stopped. */
export interface StoppedAt {
  readonly tag: string;
  /** As it is counted in its file; absent where the migration as a whole is what does not fit. */
  readonly statement?: number;
}

/** Has the failure of the step that is being carried out name the migration, too. */
export function noteStop({ progress: { current } }: Pick<RunContext, 'progress'>, at: StoppedAt): void {
  if (current) current.stoppedAt = at;
}

/**
 * A boundary: where a run may end. Throws when it was asked to, or when its events can no longer be written.
 *
 * @throws MigrateError `interrupted` or `storage`
 */
export function boundary({ signal, events }: Pick<RunContext, 'signal' | 'events'>): void {
  events.assertWritten();
  if (signal.aborted) throw interrupted('between two steps');
}

/** @param where it ended: `between two steps` */
export function interrupted(where: string): MigrateError {
  return new MigrateError('interrupted', `The run was asked to stop and ended ${where}.`, {
    next: runAgain,
  });
}

/** The database of that name; a plan never names another. */
export function databaseOf(context: RunContext, name: string): RunDatabase {
  const found = context.databases.get(name);
  if (!found) throw new Error(`The plan names a database ${name} that the run does not have.`);
  return found;
}

/**
 * Carries out one step between its two events.
 *
 * @param work gives the line that says what was done; it throws when the step failed
 */
export async function asStep(
  context: RunContext,
  step: BegunStep,
  work: () => Promise<StepResult>,
): Promise<void> {
  await beginStep(context, step);
  finishStep(context, await work());
}

export type BegunStep = StepIdentity & {
  readonly statements?: number;
  readonly expected?: number;
  /** What stopping would do from now on. */
  readonly stopping: string;
};

export type StepResult = Pick<
  Extract<RunEventBody, { kind: 'step-finished' }>,
  'says' | 'backup' | 'keptBy' | 'evidence' | 'checks' | 'rows' | 'tables' | 'changed'
>;

/** Returns when whoever follows the run has been told: what comes may hold up the process. */
export async function beginStep(context: RunContext, step: BegunStep): Promise<void> {
  boundary(context);
  const { step: name, database, tag } = step;
  const identity = { step: name, database, ...(tag === undefined ? {} : { tag }) };
  context.progress.current = { step: identity, startedAt: performance.now() };
  context.events.emit({ kind: 'step-started', ...step });
  await othersTurn();
}

/** Tells that the step that was begun last is over. */
export function finishStep(context: RunContext, result: StepResult): void {
  const { current } = context.progress;
  if (!current) throw new Error('No step was begun.');
  context.progress.current = undefined;
  context.events.emit({
    kind: 'step-finished',
    ...current.step,
    took: performance.now() - current.startedAt,
    ...result,
  });
}
