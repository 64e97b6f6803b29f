import type { Evidence } from './evidence.ts';
import type { SchemaDifference } from '../schema/schema.ts';
import type { Operation, RunEvent } from './events.ts';
import type { SquashReport } from './squash-report.ts';

/** Answers to questions: one JSON document each, `schemaVersion` 1. Consumers ignore unknown fields. */
export type Report =
  | StatusReport
  | StatusOpening
  | PlanReport
  | MigrationReport
  | BackupsReport
  | VerifyReport
  | RunsReport
  | RunReport
  | QueryReport
  | DoctorReport
  | RecoveryReport
  | IncidentReport
  | DriftReport
  | DriftTableReport
  | SchemaReport
  | CheckReport
  | SquashReport;

export type ItemState =
  'applied' | 'pending' | 'skipped' | 'changed' | 'orphan' | 'half' | 'unrecorded' | 'squashed';

/** Worst first. */
export type TargetState = 'half-finished' | 'unreachable' | 'drifted' | 'behind' | 'current';

export interface StatusReport {
  readonly schemaVersion: 1;
  readonly kind: 'status';
  readonly databases: readonly StatusDatabase[];
  readonly environments: readonly StatusEnvironment[];
}

/**
 * With `status --stream`, the first line: everything known before a database is asked.
 * One `StatusReport` a line follows, holding one environment, in the order in which they answer.
 */
export interface StatusOpening {
  readonly schemaVersion: 1;
  readonly kind: 'status-opening';
  readonly project: string;
  readonly root: string;
  readonly branch: string | undefined;
  /** Absent: none of our own. */
  readonly configFile: string | undefined;
  readonly sources: readonly { readonly file: string; readonly says: string }[];
  readonly notes: readonly string[];
  readonly databases: readonly StatusDatabase[];
  readonly environments: readonly {
    readonly name: string;
    readonly protected: boolean;
    readonly readOnly: boolean;
    readonly targets: readonly { readonly database: string; readonly location: string }[];
  }[];
  /** Runs that are still going or were cut off, newest first. */
  readonly unfinished: readonly RunSummary[];
}

export interface StatusDatabase {
  readonly name: string;
  readonly format: string;
  readonly bookkeeping: string;
  /** Path of the folder, relative to the project where it can be. */
  readonly directory: string;
  /** Oldest first. */
  readonly migrations: readonly {
    readonly tag: string;
    readonly hash: string;
    readonly statements: number;
  }[];
  readonly notes: readonly string[];
}

export interface StatusEnvironment {
  readonly name: string;
  readonly protected: boolean;
  readonly readOnly: boolean;
  readonly targets: readonly StatusTarget[];
}

export interface StatusTarget {
  readonly database: string;
  readonly engine: string;
  /** Without credentials. */
  readonly location: string;
  readonly state: readonly TargetState[];
  /** Why it is unreachable, or why its history cannot be read. */
  readonly error?: { readonly code: string; readonly message: string; readonly next: string | undefined };
  /** ISO time of the last drift question or verify that found a difference. */
  readonly driftAskedAt?: string;
  readonly applied: number;
  readonly pending: number;
  /** In file order, orphans where their time puts them. */
  readonly items: readonly StatusItem[];
  /** Who holds or left the lock. */
  readonly lock?: LockReport;
  /** One sentence per state that needs one, with the next command. */
  readonly says: readonly string[];
}

export interface StatusItem {
  readonly tag: string;
  readonly state: ItemState;
  /** ISO; only where a record or our ledger knows when it ran. */
  readonly appliedAt?: string;
  /** For `half`: after which statement of how many it stopped, when known. */
  readonly after?: number;
  readonly of?: number;
  readonly hash?: string;
}

export interface LockReport {
  readonly held: 'live' | 'expired';
  readonly run: string;
  readonly by: string;
  readonly host: string;
  readonly since: string;
  readonly tag: string | undefined;
}

export interface Finding {
  readonly rule: string;
  readonly severity: 'error' | 'warning' | 'info';
  readonly database: string;
  readonly tag: string;
  /** Number of the statement in its migration, from 1. */
  readonly statement: number;
  /** Line in the file, from 1. */
  readonly line: number;
  readonly message: string;
  /** The safe way. */
  readonly fix?: string;
}

export interface PlanReport {
  readonly schemaVersion: 1;
  readonly kind: 'plan';
  readonly environment: string;
  readonly protected: boolean;
  /** How much a dry-run of it can prove: the environment's setting. */
  readonly rehearse: 'full' | 'in-target' | 'structure';
  readonly databases: readonly {
    readonly database: string;
    readonly engine: string;
    readonly location: string;
    readonly exists: boolean;
    /** Bytes, where known. */
    readonly size: number | undefined;
    readonly migrations: readonly PlannedMigration[];
    /** Pending, but not in this plan. */
    readonly waiting: readonly { readonly tag: string; readonly why: string }[];
  }[];
  readonly findings: readonly Finding[];
  /** What would refuse it as things stand, in whole sentences. */
  readonly refusals: readonly {
    readonly code: string;
    readonly message: string;
    readonly next: string | undefined;
  }[];
  readonly warnings: readonly string[];
  /** Absent: a rehearsal brings no rows here that are not here already. */
  readonly copiesRows?: CopiedRows;
  /** With evidence (`plan --plan FILE` or after a dry-run). */
  readonly evidence?: readonly Evidence[];
  readonly hash?: string;
  readonly rehearsedAt?: string;
}

/** What a rehearsal of a protected environment brings to this machine from elsewhere. */
export interface CopiedRows {
  /** No backup of it was taken on this machine yet: a screen and a terminal ask. */
  readonly first: boolean;
  readonly tables: number;
  /** Absent: the server does not say. */
  readonly bytes?: number;
  /** All of it as one text, with how long what is kept. */
  readonly says: string;
}

export interface PlannedMigration {
  readonly tag: string;
  readonly hash: string;
  readonly statements: number;
  readonly foreignKeys: 'on' | 'off';
  /** Where else it is applied, with the time where known and how long it took there. */
  readonly elsewhere: readonly {
    readonly environment: string;
    readonly at?: string;
    readonly took?: number;
  }[];
}

export interface MigrationReport {
  readonly schemaVersion: 1;
  readonly kind: 'migration';
  readonly database: string;
  readonly tag: string;
  readonly hash: string;
  readonly file: string;
  readonly statements: readonly { readonly number: number; readonly line: number; readonly sql: string }[];
  readonly companions: { readonly rollback?: string; readonly verify?: string };
  readonly findings: readonly Finding[];
  readonly environments: readonly {
    readonly environment: string;
    readonly state: ItemState | 'unreachable';
    readonly appliedAt?: string;
    readonly took?: number;
  }[];
  /** With `--keep-children ENV`: it as it keeps the rows of tables that refer to a rebuilt one, … */
  readonly rewritten?: RewrittenMigration;
  /** … or why it is not rewritten. */
  readonly notRewritten?: NotRewritten;
}

export interface RewrittenMigration {
  /** Whose schema it was written for, as it is there now. */
  readonly environment: string;
  /** The whole file. */
  readonly text: string;
  /** What is copied aside and put back, or done in another order, each with a reason. */
  readonly keeps: readonly { readonly table: string; readonly why: string }[];
  /** With `--write`: it is in the file's place, and the text of before is kept in another file. */
  readonly written?: { readonly before: string };
}

export interface NotRewritten {
  readonly environment: string;
  /** `not-needed`: it can stay as it is. */
  readonly reason: 'not-needed' | 'not-possible';
  readonly why: string;
}

export interface BackupsReport {
  readonly schemaVersion: 1;
  readonly kind: 'backups';
  readonly backups: readonly BackupSummary[];
}

export interface BackupSummary {
  /** `b41`. */
  readonly id: string;
  readonly environment: string;
  readonly takenAt: string;
  /** Bytes of all its databases. */
  readonly size: number;
  readonly path: string;
  readonly databases: readonly {
    readonly database: string;
    readonly location: string;
    readonly tags: readonly string[];
    readonly tables: number;
    readonly rows: number;
    readonly fingerprint: string;
    /** Of a copy. */
    readonly sha256?: string;
    /** Of what the server keeps in a history of its own: where in it. */
    readonly position?: string;
    /** How far back that history reaches, for people. */
    readonly retention?: string;
    /** What the server wrote out as SQL, on request. */
    readonly archive?: {
      /** Path of the text. */
      readonly sql: string;
      /** Path of the SQLite file that it was loaded into, which proved it. */
      readonly loaded: string;
      /** Of both. */
      readonly bytes: number;
      /** `d1`: an import at D1 takes the text. `sqlite`: only SQLite's own shell does. */
      readonly loadsInto: 'd1' | 'sqlite';
      /** `several`: others wrote while it was taken. */
      readonly moment: 'one' | 'several';
    };
  }[];
  /** Only these tables were backed up: it can be put back table by table alone. */
  readonly partial?: readonly string[];
  /** `proven`: a dry-run restored it. `read-back`: its checksum and content were read back. `damaged`: it no longer matches its manifest. `kept-by-server`: a place in the server's own history; nothing lies here. */
  readonly proof: 'proven' | 'read-back' | 'damaged' | 'kept-by-server';
  readonly keptUntil: string | undefined;
}

/** What is unfinished or contradicts itself in an environment, and the ways out. */
export interface RecoveryReport {
  readonly schemaVersion: 1;
  readonly kind: 'recovery';
  readonly environment: string;
  /** Where one migration was asked about. */
  readonly only?: RecoveryOnly;
  readonly targets: readonly RecoveryTarget[];
  readonly cases: readonly RecoveryCase[];
}

/** A database that was looked at. */
export interface RecoveryTarget {
  readonly database: string;
  /** Where it is, for people. */
  readonly location: string;
  /** Where it is a file: when anybody last wrote to it. */
  readonly changedAt?: string;
  /** What the answers came from, where that was not the database alone: whole sentences. */
  readonly remark?: string;
}

/** What was left away. */
export interface RecoveryOnly {
  /** As it was asked for: a tag, the beginning of one, or a number. */
  readonly tag: string;
  /** Cases that are about something else. */
  readonly others: number;
}

export interface RecoveryCase {
  /** What kind of case it is, for programs; `verdict` says it to people. */
  readonly situation: RecoverySituation;
  readonly database: string;
  /** The first migration or record that it is about; for a lock the name of its run. */
  readonly tag: string;
  /** In words that stand behind `<tag>: `. */
  readonly verdict: string;
  /** Where a migration stopped: after statement `after` of `of`. */
  readonly after?: number;
  readonly of?: number;
  /** What the verdict rests on, each a plain sentence or part of one. */
  readonly evidence: readonly string[];
  /** What that means for those who use the database, in plain sentences: where the rows are, what fails until then. */
  readonly meaning?: readonly string[];
  /** Each statement of the file, as far as it is known whether it ran. */
  readonly statements?: readonly RecoveryStatement[];
  /** What our ledger, or the target's lock, knows of the run that began it; absent: something else ran it. */
  readonly attempt?: RecoveryAttempt;
  /** The recommended one first, then the other possible ones, then those that are not. */
  readonly options: readonly RecoveryOption[];
}

export type RecoverySituation =
  /** Where a migration without a record stands, told by replaying it. */
  | 'not-started'
  | 'stopped'
  | 'one-of'
  | 'schema-complete'
  | 'unrecorded'
  | 'recorded-not-there'
  | 'undecided'
  | 'cannot-replay'
  | 'running-elsewhere'
  /** What is odd about records and files. */
  | 'renamed-records'
  | 'recorded-by-drizzle-only'
  | 'skipped'
  | 'changed'
  | 'orphans'
  | 'regenerated-folder'
  | 'duplicate-records'
  | 'nameless-records'
  /** What a run left. */
  | 'left-lock'
  | 'left-tables';

export interface RecoveryStatement {
  /** From 1. */
  readonly number: number;
  /** In the file, from 1. */
  readonly line: number;
  readonly sql: string;
  readonly state: 'ran' | 'did-not-run' | 'not-known';
}

export interface RecoveryAttempt {
  readonly run: number;
  readonly operation: string;
  readonly by: string;
  readonly host: string;
  /** ISO 8601. */
  readonly at: string;
  readonly outcome: 'committed' | 'undone' | 'unknown' | 'cut-off';
  /** The statement at which it failed or was cut off, from 1, and the error without row values; where the run's events say so. */
  readonly statement?: number;
  readonly error?: string;
}

export interface RecoveryOption {
  /** For `recover ENV --choose`. */
  readonly id: string;
  readonly recommended: boolean;
  readonly allowed: boolean;
  /** What it does and why it is or is not the one to take; or why it is not possible. */
  readonly why: string;
  /** What it runs, in order, for a review; absent where it runs no statement of a migration. */
  readonly statements?: readonly string[];
}

/** What differs in meaning between two schemas; the left one is what is compared with. */
export interface DriftReport {
  readonly schemaVersion: 1;
  readonly kind: 'drift';
  readonly equal: boolean;
  /** For people: `the migrations of local`. */
  readonly left: string;
  readonly right: string;
  readonly environment: string;
  readonly databases: readonly {
    readonly database: string;
    /** Fingerprints. */
    readonly left: string;
    readonly right: string;
    /** Objects that mean the same in both. */
    readonly same: number;
  }[];
  /** `added` is only in the right one. */
  readonly objects: readonly DriftObject[];
  /** Differences that the configuration allows. */
  readonly ignored: readonly IgnoredDrift[];
  /** What would bring the right one to the left one, to be reviewed; with `--format sql`. */
  readonly draft?: readonly { readonly database: string; readonly statements: readonly string[] }[];
}

export interface DriftObject extends SchemaDifference {
  readonly database: string;
  /** A guess, as a clause. */
  readonly cause?: string;
  /** Both texts as one, each line after a space, `-` (left) or `+` (right); absent where they are too long to compare. */
  readonly lines?: readonly string[];
}

export interface IgnoredDrift extends Pick<SchemaDifference, 'type' | 'name' | 'change'> {
  readonly database: string;
  readonly reason: string;
}

/** Every environment at once, as fingerprints. */
export interface DriftTableReport {
  readonly schemaVersion: 1;
  readonly kind: 'drift-all';
  readonly environments: readonly {
    readonly environment: string;
    readonly targets: readonly DriftTableTarget[];
  }[];
}

export interface DriftTableTarget {
  readonly database: string;
  /** `missing`: the database does not exist yet. `not-replayed`: its migrations give nothing to compare with. */
  readonly state: 'equal' | 'differs' | 'missing' | 'not-replayed' | 'unreachable';
  /** Of the target. */
  readonly fingerprint?: string;
  /** How many objects differ, and how many of these the configuration allows. */
  readonly objects?: number;
  readonly ignored?: number;
  /** The newest applied migration. */
  readonly at?: string;
  readonly why?: string;
}

/** The canonical text of each database: loads into an empty one, equal for equal schemas. */
export interface SchemaReport {
  readonly schemaVersion: 1;
  readonly kind: 'schema';
  readonly environment: string;
  readonly databases: readonly {
    readonly database: string;
    readonly fingerprint: string;
    readonly objects: number;
    readonly text: string;
  }[];
}

/** What happened to an environment, for those who were not there. */
export interface IncidentReport {
  readonly schemaVersion: 1;
  readonly kind: 'incident-report';
  readonly environment: string;
  /** The run that it is about; absent: no run that is known here began what is found. */
  readonly run?: number;
  /** ISO 8601: when it was put together. */
  readonly at: string;
  /** How many cases `recover` finds now in the databases that it is about. */
  readonly cases: number;
  /** Those of them that could not be asked. */
  readonly notRead: readonly string[];
  /** The whole page. */
  readonly markdown: string;
}

export interface VerifyReport {
  readonly schemaVersion: 1;
  readonly kind: 'verify';
  readonly environment: string;
  readonly equal: boolean;
  readonly checks: readonly VerifyCheck[];
}

export interface VerifyCheck {
  readonly database: string;
  readonly check: 'history' | 'schema' | 'foreign-keys' | 'integrity' | 'verify-file' | 'invariant' | 'rows';
  readonly state: 'proven' | 'differs' | 'not-possible';
  /** One line: "equals the replay of its migrations, 4be1…c2". */
  readonly says: string;
}

export interface RunsReport {
  readonly schemaVersion: 1;
  readonly kind: 'runs';
  /** Newest first. */
  readonly runs: readonly RunSummary[];
}

export interface RunSummary {
  readonly run: number;
  readonly operation: Operation;
  readonly environment: string;
  readonly databases: readonly string[];
  readonly startedAt: string;
  readonly finishedAt: string | undefined;
  /**
   * `running`: its process lives. `cut-off`: it ended without closing the run. `refused`: something stood against it,
   * and every target is as before. `rehearsed`: it was tried, and nobody agreed to it yet.
   */
  readonly outcome: 'running' | 'done' | 'failed' | 'stopped' | 'refused' | 'rehearsed' | 'cut-off';
  readonly exitCode: number | undefined;
  readonly by: string;
  readonly host: string;
  readonly version: string;
  readonly git: string | undefined;
  readonly applied: readonly {
    readonly database: string;
    readonly tag: string;
    readonly statements: number;
    readonly took: number;
  }[];
  /** Cut off in the middle of this one. */
  readonly inside: { readonly database: string; readonly tag: string } | undefined;
  readonly backup: string | undefined;
  readonly confirmed: ConfirmedRun | undefined;
  readonly message: string | undefined;
}

export interface ConfirmedRun {
  readonly by: string;
  readonly how: string;
  /** Of what was agreed to. */
  readonly hash: string;
  readonly at: string;
  /** What was let through by name: `drop-column:0004_x`, `orders=12`, `without dry-run`. */
  readonly accepted?: readonly string[];
  /** Why, in that person's words. */
  readonly reason?: string;
}

export interface RunReport {
  readonly schemaVersion: 1;
  readonly kind: 'run';
  readonly summary: RunSummary;
  readonly events: readonly RunEvent[];
  /** Path of the command log. */
  readonly log: string | undefined;
}

export interface QueryReport {
  readonly schemaVersion: 1;
  readonly kind: 'query';
  readonly environment: string;
  readonly database: string;
  readonly columns: readonly string[];
  /** Values as JSON; integers beyond 2^53 as strings, blobs as `{ "base64": … }`. */
  readonly rows: readonly (readonly unknown[])[];
  readonly truncated: boolean;
}

export interface DoctorReport {
  readonly schemaVersion: 1;
  readonly kind: 'doctor';
  readonly checks: readonly {
    readonly check: string;
    readonly state: 'ok' | 'warning' | 'problem';
    readonly says: string;
    readonly next?: string;
  }[];
}

/** Whether the migration folders agree with themselves and with the schema code. */
export interface CheckReport {
  readonly schemaVersion: 1;
  readonly kind: 'check';
  readonly databases: readonly CheckedDatabase[];
}

export interface CheckedDatabase {
  readonly database: string;
  /** `drizzle-kit 0.31.11`; absent: none was asked. */
  readonly tool?: string;
  readonly schema: {
    /** `ahead`: a migration is missing; `broken`: its code cannot be loaded. */
    readonly state: 'current' | 'ahead' | 'broken' | 'not-known';
    readonly says: string;
    /** What drizzle-kit would write, where it is known. */
    readonly sql?: string;
    /** Of `broken`, relative to the project. */
    readonly file?: string;
    readonly line?: number;
  };
  readonly findings: readonly CheckFinding[];
}

export interface CheckFinding {
  readonly kind: 'same-index' | 'same-snapshot' | 'same-parent' | 'older-time' | 'folder' | 'drizzle-kit';
  readonly severity: 'error' | 'warning';
  readonly tag?: string;
  /** Relative to the project. */
  readonly file?: string;
  readonly line?: number;
  readonly message: string;
  readonly next?: string;
}
