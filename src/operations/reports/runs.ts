import type { Operation, RunEvent } from '../events.ts';

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
  /** Of a rollback: what it took back. */
  readonly undone?: RunSummary['applied'];
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
