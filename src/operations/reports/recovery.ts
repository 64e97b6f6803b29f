/** What is unfinished or contradicts itself in an environment, and the ways out. */
export interface RecoveryReport {
  readonly schemaVersion: 1;
  readonly kind: 'recovery';
  readonly environment: string;
  /** Where one migration was asked about. */
  readonly only?: RecoveryOnly;
  readonly targets: readonly RecoveryTarget[];
  readonly cases: readonly RecoveryCase[];
}

/** A database that was looked at. */
export interface RecoveryTarget {
  readonly database: string;
  /** Where it is, for people. */
  readonly location: string;
  /** Where it is a file: when anybody last wrote to it. */
  readonly changedAt?: string;
  /** What the answers came from, where that was not the database alone: whole sentences. */
  readonly remark?: string;
  /** Where no migration is recorded and some are there: what settles all cases of it at once, a whole sentence. */
  readonly lead?: string;
}

/** What was left away. */
export interface RecoveryOnly {
  /** As it was asked for: a tag, the beginning of one, or a number. */
  readonly tag: string;
  /** Cases that are about something else. */
  readonly others: number;
}

export interface RecoveryCase {
  /** What kind of case it is, for programs; `verdict` says it to people. */
  readonly situation: RecoverySituation;
  readonly database: string;
  /** The first migration or record that it is about; for a lock the name of its run. */
  readonly tag: string;
  /** In words that stand behind `<tag>: `. */
  readonly verdict: string;
  /** Where a migration stopped: after statement `after` of `of`. */
  readonly after?: number;
  readonly of?: number;
  /** What the verdict rests on, each a plain sentence or part of one. */
  readonly evidence: readonly string[];
  /** What that means for those who use the database, in plain sentences: where the rows are, what fails until then. */
  readonly meaning?: readonly string[];
  /** Each statement of the file, as far as it is known whether it ran. */
  readonly statements?: readonly RecoveryStatement[];
  /** What our ledger, or the target's lock, knows of the run that began it; absent: something else ran it. */
  readonly attempt?: RecoveryAttempt;
  /** The recommended one first, then the other possible ones, then those that are not. */
  readonly options: readonly RecoveryOption[];
}

export type RecoverySituation =
  /** Where a migration without a record stands, told by replaying it. */
  | 'not-started'
  | 'stopped'
  | 'one-of'
  | 'schema-complete'
  | 'unrecorded'
  | 'recorded-not-there'
  | 'undecided'
  | 'cannot-replay'
  | 'running-elsewhere'
  | 'session-left'
  /** What is odd about records and files. */
  | 'renamed-records'
  | 'recorded-by-drizzle-only'
  | 'recorded-by-number-only'
  | 'recorded-by-wrangler-only'
  | 'skipped'
  | 'changed'
  | 'orphans'
  | 'regenerated-folder'
  | 'duplicate-records'
  | 'nameless-records'
  /** What a run left. */
  | 'half-without-file'
  | 'half-taken-back'
  | 'left-lock'
  | 'left-tables';

export interface RecoveryStatement {
  /** From 1. */
  readonly number: number;
  /** In the file, from 1. */
  readonly line: number;
  readonly sql: string;
  readonly state: 'ran' | 'did-not-run' | 'not-known';
}

export interface RecoveryAttempt {
  readonly run: number;
  readonly operation: string;
  readonly by: string;
  readonly host: string;
  /** ISO 8601. */
  readonly at: string;
  /** `half`: it is not one transaction, and what was committed of it stayed. */
  readonly outcome: 'committed' | 'undone' | 'half' | 'unknown' | 'cut-off';
  /** The statement at which it failed or was cut off, from 1, and the error without row values; where the run's events say so. */
  readonly statement?: number;
  readonly error?: string;
}

export interface RecoveryOption {
  /** For `recover ENV --choose`. */
  readonly id: string;
  readonly recommended: boolean;
  readonly allowed: boolean;
  /** What it does and why it is or is not the one to take; or why it is not possible. */
  readonly why: string;
  /** What it runs, in order, for a review; absent where it runs no statement of a migration. */
  readonly statements?: readonly string[];
}
