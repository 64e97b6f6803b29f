import type { BoundAccount } from './consent/account.ts';
import type { CopiedTable } from './copied-rows/copied-tables.ts';
import type { Loss } from './evidence/evidence.ts';
import type { Finding, VerifyCheck } from './reports.ts';

/**
 * What happens in a run, one JSON object a line. Consumers ignore kinds and fields they do not know.
 * No event carries row values, parameters or secrets.
 */
export type RunEvent = RunEventBody & {
  readonly schemaVersion: 1;
  readonly run: number;
  /** ISO 8601, UTC. */
  readonly at: string;
};

export type RunEventBody =
  | {
      readonly kind: 'started';
      readonly operation: Operation;
      readonly environment: string;
      readonly protected: boolean;
      readonly databases: readonly string[];
      /** Of a recover: the way out that is carried out. */
      readonly choice?: string;
      /** The steps to come, in order. */
      readonly steps: readonly PlannedStep[];
      readonly by: string;
      readonly host: string;
      readonly version: string;
      readonly git: string | undefined;
    }
  | {
      readonly kind: 'step-started';
      readonly step: StepName;
      readonly database: string;
      readonly tag?: string;
      readonly statements?: number;
      readonly expected?: number;
      readonly stopping: string;
    }
  | {
      readonly kind: 'statement';
      readonly step: StepName;
      readonly database: string;
      readonly tag: string;
      readonly number: number;
      readonly of: number;
      readonly phase: 'begun' | 'done';
      readonly took?: number;
      readonly expected?: number;
    }
  | {
      readonly kind: 'progress';
      readonly step: StepName;
      readonly database: string;
      readonly done: number;
      readonly total?: number;
      readonly unit: 'bytes' | 'rows' | 'tables' | 'migrations';
      readonly what: string;
      /** Of a copy: the table that it is in, and its rows so far. */
      readonly table?: { readonly name: string; readonly done: number; readonly total: number };
      /** Of a copy: milliseconds until its end, going by how fast it went so far. */
      readonly left?: number;
    }
  /** `took` in milliseconds; `says` is one line for people: "b41, 412 MiB, 13 tables, 1,204,118 rows, checksum read back". */
  | {
      readonly kind: 'step-finished';
      readonly step: StepName;
      readonly database: string;
      readonly tag?: string;
      readonly took: number;
      readonly says: string;
      readonly backup?: string;
      /** The backup is a place in the history that the server keeps: nothing was copied, and no dry-run restores it. */
      readonly keptBy?: 'server';
      readonly evidence?: EvidenceReport;
      /** Of a push step: what the schema of the database has now and had not, or other than before. */
      readonly changed?: readonly ChangedObject[];
      /** Of a verify step: each claim that was checked. */
      readonly checks?: readonly VerifyCheck[];
      /** Of a copy: how each table came over, with its rows at the source and here. */
      readonly tables?: readonly (CopiedTable & { readonly rows?: number; readonly here?: number })[];
      /** Of a verify step: rows of each table that changed, as counted in the target before and after the apply. */
      readonly rows?: readonly {
        readonly table: string;
        readonly before: number | undefined;
        readonly after: number | undefined;
      }[];
    }
  | {
      readonly kind: 'step-failed';
      readonly step: StepName;
      readonly database: string;
      readonly tag?: string;
      readonly statement?: number;
      readonly code: string;
      readonly message: string;
      readonly took: number;
    }
  | {
      readonly kind: 'confirmed';
      readonly by: string;
      readonly how: 'flag' | 'typed' | 'not-needed';
      readonly hash: string;
    }
  | {
      readonly kind: 'backup-renewed';
      readonly database: string;
      readonly backup: string;
      readonly because: string;
      readonly keptBy?: 'server';
    }
  | { readonly kind: 'notice'; readonly level: 'info' | 'warning'; readonly message: string }
  /** The rehearsal's end: the hash that `--confirm ENV@HASH` names. */
  | {
      readonly kind: 'rehearsed';
      /** The file that `deploy --plan`, or the command of a way out with `--plan`, carries out. */
      readonly plan?: string;
      readonly hash: string;
      readonly losses: readonly Loss[];
      /** Of a way out; those of a deploy are in its plan. */
      readonly findings?: readonly Finding[];
    }
  /** What would be done, where nobody agreed to it yet: the refusal follows. */
  | ({ readonly kind: 'review' } & BoundAccount)
  | {
      readonly kind: 'done';
      readonly exitCode: 0;
      readonly message: string;
      /** How to go on from here, as of a dry-run to what it rehearsed; absent where nothing follows. */
      readonly next?: string;
      readonly applied: readonly TagOf[];
      /** Migrations that were taken back, newest first; absent where there are none. */
      readonly undone?: readonly TagOf[];
      readonly backup?: string;
      readonly took: number;
    }
  | {
      readonly kind: 'failed';
      readonly exitCode: 1 | 2 | 3 | 4 | 5 | 130;
      /** An `ErrorCode`. */
      readonly code: string;
      readonly message: string;
      readonly next: string | undefined;
      readonly applied: readonly TagOf[];
      /** Migrations that were taken back, newest first; absent where there are none. */
      readonly undone?: readonly TagOf[];
      readonly failed: TagOf | undefined;
      readonly notBegun: readonly TagOf[];
      /** The hash to confirm, when that is what is missing. */
      readonly hash?: string;
    };

export const operations = [
  'deploy',
  'dry-run',
  'apply',
  'rollback',
  'backup',
  'restore',
  'recover',
  'mark',
  'baseline',
  'tidy',
  'reset',
  'push',
  'resync',
  'demo',
  'init',
] as const;

export type Operation = (typeof operations)[number];

export const stepNames = [
  'lock',
  'backup',
  'dry-run',
  'confirm',
  'migrate',
  'verify',
  'restore',
  'recover',
  'mark',
  'baseline',
  'tidy',
  'empty',
  'push',
  'copy',
  'hook',
  'unlock',
] as const;

export type StepName = (typeof stepNames)[number];

export interface PlannedStep {
  readonly step: StepName;
  readonly database: string;
  readonly tag?: string;
  readonly statements?: number;
  /** There where a migration is not one transaction: how many steps are committed, one after the other. */
  readonly parts?: number;
  readonly label: string;
}

export interface ChangedObject {
  readonly type: string;
  readonly name: string;
  readonly change: 'added' | 'removed' | 'changed';
}

export interface TagOf {
  readonly database: string;
  readonly tag: string;
}

/** Evidence as the screen and CI read it. */
export type EvidenceReport = import('./evidence/evidence.ts').Evidence;
