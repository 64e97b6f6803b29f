import type { Migration } from '../../migrations/migration.ts';
import type { SchemaDifference } from '../../schema/schema.ts';
import type { BackupSummary, RecoveryCase, RunReport, StatusTarget } from '../reports.ts';

/** What an incident report is made from. */
export interface Incident {
  readonly environment: string;
  /** ISO 8601: when it was put together. */
  readonly at: string;
  readonly version: string;
  /** Of the project: paths below it are shown from there. */
  readonly root: string;
  /** The run that it is about. Undefined: nothing of what is found was begun by a run that is known here. */
  readonly run: RunReport | undefined;
  /** Runs that changed, or tried to change, the same databases after it, oldest first; … */
  readonly later: readonly RunReport[];
  /** … and how many there are besides. */
  readonly laterStill: number;
  readonly databases: readonly IncidentDatabase[];
  /** Those that the runs made or put back and that are still kept here. */
  readonly backups: readonly BackupSummary[];
}

export interface IncidentDatabase {
  readonly name: string;
  /** The files as they are now. */
  readonly migrations: readonly Migration[];
  /** What the ledger has of migrations in this database, of the run and the later ones, in order. */
  readonly units: readonly IncidentUnit[];
  readonly now: DatabaseNow;
}

export interface IncidentUnit {
  readonly run: number;
  readonly tag: string;
  /** Of the file as it was then. */
  readonly hash: string;
  readonly statementHashes?: readonly string[];
  readonly outcome: 'committed' | 'undone' | 'half' | 'unknown' | 'none-recorded';
  /** Milliseconds. */
  readonly took: number | undefined;
}

/** What was found in a database when the report was put together. */
export type DatabaseNow =
  | {
      readonly kind: 'read';
      readonly status: StatusTarget;
      readonly cases: readonly RecoveryCase[];
      readonly schema: SchemaNow;
    }
  | { readonly kind: 'not-read'; readonly why: string };

/** How the schema differs from the one it is held against, which is the left side. */
export type SchemaNow =
  | {
      readonly kind: 'compared';
      readonly with:
        | { readonly kind: 'before'; readonly tag: string }
        /** What the migrations give that are recorded. */
        | { readonly kind: 'records' };
      readonly differences: readonly SchemaDifference[];
    }
  | { readonly kind: 'not-compared'; readonly why: string };
