import type { ViolationCount } from './measurement.ts';

/** What a rehearsal showed for one target, as data. Stored with the plan and hashed into the confirmation. */
export interface Evidence {
  readonly database: string;
  /** The backup of the run; undefined when there was nothing to back up. */
  readonly backup: string | undefined;
  /** What was rehearsed on: the backup, restored, or a copy of its own where a server keeps the backup. Absent: no rows. */
  readonly rows?: 'backup' | 'copy';
  /** `full`: on the target's real rows. `structure`: on its schema alone, which proves nothing about rows. */
  readonly rehearsal: 'full' | 'in-target' | 'structure';
  /** For D1: `workerd` when its own engine ran the same batches with the same result, else only its rules were applied. */
  readonly ranIn?: 'workerd' | 'simulation';
  readonly before: { readonly fingerprint: string; readonly history: string };
  readonly after: { readonly fingerprint: string; readonly history: string };
  readonly migrations: readonly RehearsedMigration[];
  /** Tables whose rows, columns or values differ before and after, and all with a loss. */
  readonly tables: readonly TableEvidence[];
  readonly unchangedTables: { readonly count: number; readonly rows: number };
  readonly losses: readonly Loss[];
  /** Foreign-key violations that were there before, and those the migrations add. */
  readonly violations: {
    readonly before: readonly ViolationCount[];
    readonly added: readonly ViolationCount[];
  };
}

export interface RehearsedMigration {
  readonly tag: string;
  readonly hash: string;
  readonly foreignKeys: 'on' | 'off';
  /** Milliseconds where the rehearsal ran. */
  readonly took: number;
  readonly statements: readonly RehearsedStatement[];
}

export interface RehearsedStatement {
  readonly number: number;
  readonly took: number;
  /** The schema after this statement. */
  readonly fingerprint: string;
}

export interface TableEvidence {
  readonly table: string;
  /** Absent: the table did not exist then. */
  readonly rowsBefore?: number;
  readonly rowsAfter?: number;
  /** The statements that name this table and may change its rows. */
  readonly causes: readonly Cause[];
  readonly columns: readonly ColumnEvidence[];
}

export interface Cause {
  readonly tag: string;
  /** Number of the statement in its migration, from 1. */
  readonly statement: number;
  readonly verb: 'insert' | 'update' | 'delete' | 'drop' | 'create' | 'rebuild' | 'replace' | 'alter';
  /** The statement on one line, for showing. */
  readonly sql: string;
}

export interface ColumnEvidence {
  readonly column: string;
  readonly nonNullBefore?: number;
  readonly nonNullAfter?: number;
  readonly values: 'kept' | 'changed' | 'not-comparable' | 'added' | 'removed';
}

/** Rows or values that went and that no explicit DELETE, DROP or UPDATE on the same table asks for. */
export type Loss =
  | { readonly kind: 'rows'; readonly table: string; readonly rows: number; readonly likely: string }
  | {
      readonly kind: 'nulled';
      readonly table: string;
      readonly column: string;
      readonly rows: number;
      readonly likely: string;
    }
  /** `rows` is an upper bound: all rows of the table. */
  | {
      readonly kind: 'values';
      readonly table: string;
      readonly column: string;
      readonly rows: number;
      readonly likely: string;
    };
