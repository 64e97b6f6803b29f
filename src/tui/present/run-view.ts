import type { Evidence, Loss } from '../../operations/evidence/evidence.ts';
import type { Operation, StepName, TagOf } from '../../operations/events.ts';
import type { Finding, VerifyCheck } from '../../operations/reports.ts';
import type { TableToCopy } from './copied-tables.ts';
import type { MigrationView } from './run-migration.ts';

/** Everything the screens say about a run, made from its events alone. */
export interface RunView {
  readonly run: number | undefined;
  readonly operation: Operation | undefined;
  readonly environment: string;
  readonly protected: boolean;
  readonly databases: readonly string[];
  readonly by: string;
  readonly host: string;
  readonly version: string;
  readonly git: string | undefined;
  /** ISO times. */
  readonly startedAt: string | undefined;
  readonly lastHeard: string | undefined;
  /** In the order in which they are carried out; the migrations of one database are one step. */
  readonly steps: readonly StepView[];
  readonly migrations: readonly MigrationView[];
  /** What stopping would do at this very moment, in the run's own words. */
  readonly stopping: string | undefined;
  readonly wayBack: WayBack | undefined;
  readonly confirmed: Confirmed | undefined;
  readonly evidence: readonly Evidence[];
  readonly checks: readonly VerifyCheck[];
  readonly rows: readonly RowCount[];
  /** Of a copy from another environment. */
  readonly tables: readonly TableToCopy[];
  readonly rehearsed: Rehearsed | undefined;
  readonly notices: readonly NoticeView[];
  readonly outcome: Outcome;
}

export interface NoticeView {
  readonly level: 'info' | 'warning';
  readonly message: string;
  /** What came before the consent was on the page where it was given. */
  readonly heard: 'before-consent' | 'after-consent';
}

export interface StepView {
  readonly step: StepName;
  /** One name, several joined by commas, or empty for what belongs to none. */
  readonly database: string;
  readonly label: string;
  readonly state: 'to-come' | 'running' | 'done' | 'failed' | 'not-started';
  readonly startedAt?: string;
  /** Milliseconds. */
  readonly took?: number;
  readonly says?: string;
  readonly progress?: Progress;
}

export interface Progress {
  readonly done: number;
  readonly total: number | undefined;
  readonly unit: 'bytes' | 'rows' | 'tables' | 'migrations' | 'statements';
  readonly what: string;
  /** Milliseconds until its end, as it went so far. */
  readonly left?: number;
}

export interface WayBack {
  readonly backup: string;
  /** Those that it holds. */
  readonly databases: readonly string[];
  readonly at: string;
  /** `proven`: a dry-run restored it. `kept-by-server`: a place in the server's own history. */
  readonly proof: 'proven' | 'read-back' | 'kept-by-server';
  /** Why it replaced an earlier one. */
  readonly because: string | undefined;
}

export interface Confirmed {
  readonly by: string;
  readonly how: 'flag' | 'typed' | 'not-needed';
  readonly hash: string;
  readonly at: string;
}

export interface RowCount {
  readonly table: string;
  readonly before: number | undefined;
  readonly after: number | undefined;
}

export interface Rehearsed {
  /** The plan's file; none of a way out. */
  readonly plan: string | undefined;
  readonly hash: string;
  readonly losses: readonly Loss[];
  /** Of a way out; those of a deploy are read with its plan. */
  readonly findings: readonly Finding[];
  readonly at: string;
}

export type Outcome =
  | { readonly kind: 'running' }
  | {
      readonly kind: 'done';
      readonly at: string;
      readonly message: string;
      readonly next?: string;
      readonly applied: readonly TagOf[];
      readonly took: number;
    }
  | {
      readonly kind: 'failed';
      readonly at: string;
      readonly exitCode: number;
      readonly code: string;
      readonly message: string;
      readonly next: string | undefined;
      readonly applied: readonly TagOf[];
      /** By a rollback, newest first. */
      readonly undone: readonly TagOf[];
      readonly failed: TagOf | undefined;
      readonly notBegun: readonly TagOf[];
      readonly hash: string | undefined;
    };

/** A run of which nothing was heard yet. */
export const unheard: RunView = {
  run: undefined,
  operation: undefined,
  environment: '',
  protected: false,
  databases: [],
  by: '',
  host: '',
  version: '',
  git: undefined,
  startedAt: undefined,
  lastHeard: undefined,
  steps: [],
  migrations: [],
  stopping: undefined,
  wayBack: undefined,
  confirmed: undefined,
  evidence: [],
  checks: [],
  rows: [],
  tables: [],
  rehearsed: undefined,
  notices: [],
  outcome: { kind: 'running' },
};
