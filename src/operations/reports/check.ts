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
