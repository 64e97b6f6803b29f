import type { ThemeChoice } from '../../lib/theme-choice.ts';
import type { RunSummary } from './runs.ts';

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
  /** How the project wants the screen to look; absent: as the terminal does. */
  readonly theme?: ThemeChoice;
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
    /** Statements of its rollback file; absent: it has none. */
    readonly rollback?: number;
  }[];
  readonly notes: readonly string[];
}

export interface StatusEnvironment {
  readonly name: string;
  readonly protected: boolean;
  readonly readOnly: boolean;
  /** There where it is changed from a build machine alone, and this is none. */
  readonly changesFrom?: 'ci';
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
  /** ISO time at which the schema was last compared with its migrations: now, or by a drift question or a verify. */
  readonly driftAskedAt?: string;
  /** What comparing it now gave; only where that was asked for, and the target answered. */
  readonly drift?: StatusDrift;
  readonly applied: number;
  readonly pending: number;
  /** In file order, orphans where their time puts them. */
  readonly items: readonly StatusItem[];
  /** Who holds or left the lock. */
  readonly lock?: LockReport;
  /** One sentence per state that needs one, with the next command. */
  readonly says: readonly string[];
}

export interface StatusDrift {
  /** `not-replayed`: its migrations give nothing to compare with, `why` says so. */
  readonly state: 'equal' | 'differs' | 'not-replayed';
  /** How many objects differ, and how many more the configuration lets differ. */
  readonly objects?: number;
  readonly ignored?: number;
  readonly why?: string;
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
