import type { Finding } from './plan.ts';
import type { ItemState } from './status.ts';

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
