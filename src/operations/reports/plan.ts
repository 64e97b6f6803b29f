import type { Evidence } from '../evidence/evidence.ts';

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
  /**
   * There where it is not one transaction: what is committed together, in order. A failure in the middle leaves what
   * came before, and the migration half-finished.
   */
  readonly steps?: readonly PlannedPart[];
  /** Where else it is applied, with the time where known and how long it took there. */
  readonly elsewhere: readonly {
    readonly environment: string;
    readonly at?: string;
    readonly took?: number;
  }[];
}

/** Statements of a migration that are committed together, by number, from 1. */
export interface PlannedPart {
  readonly first: number;
  readonly last: number;
  /** The statement that runs by itself, outside of a transaction: `CREATE INDEX CONCURRENTLY`. */
  readonly alone?: string;
}
