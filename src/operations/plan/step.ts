import type { Bookkeeping, Entry } from '../../bookkeeping/bookkeeping.ts';
import type { Migration } from '../../migrations/migration.ts';
import type { CopiedTable } from '../copied-rows/copied-tables.ts';
import type { Correction } from '../history/correction.ts';
import type { Operation, StepName } from '../events.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { RowExpectations } from '../evidence/row-expectations.ts';

/** What will be done, in order, as data: dry-run, review, ledger and runner read the same plan. */
export interface Plan {
  readonly operation: Operation;
  readonly environment: string;
  readonly databases: readonly string[];
  readonly steps: readonly Step[];
}

export type Step =
  | { readonly kind: 'lock'; readonly database: string; readonly do: 'take' | 'release' }
  /** One set over all databases, under one id. */
  | {
      readonly kind: 'backup';
      readonly databases: readonly string[];
      /** Only these: the set is partial. */
      readonly tables?: readonly string[];
      /** The server also writes its databases out as SQL, where it can. */
      readonly archive?: 'wanted';
    }
  /** `evidence`: the newest backup of this run (or none: an empty database) becomes a scratch database. */
  | {
      readonly kind: 'restore';
      readonly database: string;
      readonly into: 'scratch';
      readonly rehearsal: Evidence['rehearsal'];
    }
  | { readonly kind: 'restore'; readonly database: string; readonly into: 'target'; readonly backup: string }
  /** The rows of some tables from a backup, among the rest as it is now. */
  | {
      readonly kind: 'restore-tables';
      readonly database: string;
      readonly backup: string;
      readonly tables: readonly string[];
    }
  | ExecuteStep
  /** The tracking table is put right: no migration is run. */
  | {
      readonly kind: 'correct';
      /** What the step is called. */
      readonly step: Extract<StepName, 'recover' | 'mark' | 'baseline' | 'tidy'>;
      readonly database: string;
      /** What is done, for people. */
      readonly what: string;
      readonly statements: Correction;
    }
  /** Everything in the database is dropped; the file stays where it is. */
  | { readonly kind: 'empty'; readonly database: string }
  /** The project's own drizzle-kit brings it to the schema code, on the terminal where it has to ask. */
  | {
      readonly kind: 'push';
      readonly database: string;
      readonly tool: string;
      readonly terminal: 'ours' | 'none';
    }
  /** What is in it is replaced by what another environment has. */
  | {
      readonly kind: 'copy';
      readonly database: string;
      readonly from: string;
      /** `pages`: the file as it is. `rows`: table by table, through a database of its own. */
      readonly by: 'pages' | 'rows';
      readonly tables: readonly CopiedTable[];
    }
  | { readonly kind: 'check'; readonly database: string; readonly check: Check }
  | { readonly kind: 'hook'; readonly hook: string; readonly command: string };

/** One migration and its record: one unit. */
export interface ExecuteStep {
  readonly kind: 'execute';
  readonly database: string;
  readonly on: 'scratch' | 'target';
  readonly migration: Migration;
  readonly bookkeeping: Bookkeeping;
  /** Run inside the unit, before its guards: makes or upgrades the tracking table. */
  readonly prepare: readonly { readonly sql: string }[];
  /** How many records the tracking table must hold when the unit begins: anything else means somebody else was here. */
  readonly recordsBefore: number;
  readonly leaves: Leaves;
  /** What the rows must be like at the unit's end, counted inside its transaction. */
  readonly expectations: RowExpectations | undefined;
  /** From the rehearsal, in milliseconds per statement. */
  readonly expected: readonly number[];
}

/** Whether a migration is recorded when its unit ends. */
export type Leaves =
  | { readonly kind: 'its-record' }
  /** What is run undoes it; the record is there only when it was recorded before. */
  | { readonly kind: 'no-record'; readonly erases?: Entry };

/** The same of all migrations that a database runs: they go one way. */
export type LeavesOfAll =
  | { readonly kind: 'its-record' }
  /** By tag, the records of those that had one. */
  | { readonly kind: 'no-record'; readonly erases: ReadonlyMap<string, Entry> };

export type Check =
  /** Rows and values of the scratch database, before and after the migrations. */
  | 'rows-before'
  | 'rows-after'
  /** History and schema of the target still equal the evidence's; fresh backup when only rows moved. */
  | 'unchanged'
  /** The target is what the evidence predicted. */
  | 'verify';

export type CopyStep = Extract<Step, { kind: 'copy' }>;
