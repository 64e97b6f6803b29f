import type { Change, Decision, Review } from '../operations/change.ts';
import type { RunEvent } from '../operations/events.ts';
import type { Question } from '../operations/questions.ts';
import type {
  CopiedRows,
  MigrationReport,
  Noticed,
  Report,
  RunSummary,
  StatusOpening,
  StatusReport,
} from '../operations/reports.ts';
import type { SquashProof, SquashReport, SquashRequest } from '../operations/squash/report.ts';
import type { TraceEntry } from '../operations/trace.ts';
import type { Project } from '../project/project.ts';
import type { DecryptedBackup, WantedDecryption } from './files/decrypt-backup.ts';
import type { DroppedMigration, WantedDrop } from './files/drop-migration.ts';
import type { Generation, WantedGeneration } from './kit/generate.ts';
import type { Pull, WantedPull } from './kit/pull.ts';
import type { Repair, WantedRepair } from './repair/repair.ts';
import type { StatusOptions } from './status.ts';
import type { WantedStudio } from './kit/studio.ts';
import type { MadeMigration, WantedMigration } from './files/make-migration.ts';
import type { MadeRollback, WantedRollback } from './files/make-rollback.ts';

/** The one door to the product: the command line opens one, asks or changes, and closes it. */
export interface Session extends AsyncDisposable {
  readonly project: Project;
  /** Answers one question. Writes nothing anywhere. Throws `MigrateError`. */
  ask(question: Question, options?: { readonly signal?: AbortSignal }): Promise<Report & Noticed>;
  /** What is known before any database is asked; then one status per environment, as each answers. */
  opening(): Promise<StatusOpening>;
  statuses(environments: readonly string[], options?: StatusOptions): AsyncIterable<StatusReport>;
  /**
   * Puts a rewritten migration in the place of its file, and keeps the text of before. Gives the report that says where.
   * Throws `MigrateError` where an environment has run the file as it is, or may have.
   */
  replaceFile(report: MigrationReport): Promise<MigrationReport>;
  /** Adds a migration of one's own to a folder; no target is asked or changed. Throws `MigrateError`. */
  makeMigration(wanted: WantedMigration): Promise<MadeMigration>;
  /** Writes a draft of a migration's rollback file; no target is asked or changed. Throws `MigrateError`. */
  makeRollback(wanted: WantedRollback): Promise<MadeRollback>;
  /** Takes the newest migration out of its folder; targets are only asked. Throws `MigrateError` where one has run it. */
  dropMigration(wanted: WantedDrop): Promise<DroppedMigration>;
  /** Writes the files of an encrypted backup into a folder in the clear; no target is asked. Throws `MigrateError`. */
  decryptBackup(wanted: WantedDecryption): Promise<DecryptedBackup>;
  /** Has the project's own drizzle-kit write a migration; no target is asked or changed. Throws `MigrateError`. */
  generate(wanted: WantedGeneration): Promise<Generation>;
  /** Has drizzle-kit write schema code for what a database has. Throws `MigrateError`. */
  pull(wanted: WantedPull): Promise<Pull>;
  /** Puts the later of two migrations that two branches made after the other. Throws `MigrateError`. */
  repair(wanted: WantedRepair): Promise<Repair | undefined>;
  /** Runs Drizzle Studio until the signal comes. Throws `MigrateError`. */
  studio(wanted: WantedStudio): Promise<void>;
  /**
   * Makes one migration of several and proves it; with consent it writes the files, never a target. Throws
   * `MigrateError` where the history cannot be replayed.
   */
  squash(
    request: SquashRequest,
    options?: {
      readonly signal?: AbortSignal;
      /** Called with each proof of the report as soon as it is known, in its order. */
      readonly onProof?: (proof: SquashProof) => void;
    },
  ): Promise<SquashReport>;
  /** Starts a change; it goes on by itself. Throws `MigrateError` when it is refused before it has a run. */
  start(change: Change, options: StartOptions): Promise<Run>;
  /** Runs that are going on or were cut off, newest first. */
  unfinished(): Promise<readonly RunSummary[]>;
  /** The events of a run from its file, from the first; with `follow`, until it ends. */
  events(
    run: number,
    options: { readonly until: 'now' | 'end'; readonly signal?: AbortSignal },
  ): AsyncIterable<RunEvent>;
}

export interface StartOptions {
  /** Aborting ends the run at the next boundary. */
  readonly signal: AbortSignal;
  /** Shown the review after the evidence, before anything is written. */
  readonly decide: (review: Review) => Promise<Decision>;
  /** Asked before rows of a protected environment are copied to this machine for the first time. Absent: nobody can be asked. */
  readonly agreeToCopy?: (rows: CopiedRows) => Promise<'agreed' | 'declined' | 'not-asked'>;
}

/** A change being carried out. Readers drain its events; none of them can hold it up. */
export interface Run {
  readonly id: number;
  events(): AsyncIterable<RunEvent>;
  /** The last event, `done` or `failed`; never rejects for an expected failure. */
  readonly finished: Promise<Extract<RunEvent, { kind: 'done' | 'failed' }>>;
}

export interface SessionOptions {
  readonly cwd: string;
  /** `--config F` */
  readonly config: string | undefined;
  /** `--project DIR` */
  readonly project: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly showValues: 'show' | 'hide';
  /** `stand-in`: the files are all that is asked about, so that no variable of the configuration is missed. */
  readonly unset?: 'missed' | 'stand-in';
  /** Told of everything that leaves the program, as it happens; must not throw and is never awaited. */
  readonly onTrace?: (entry: TraceEntry) => void;
}
