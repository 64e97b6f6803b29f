import type { Row, SqlValue, Statement } from '../sql/statement.ts';

/** How long a lease is good for without a sign of life, in milliseconds; expiry only lets another take over. */
export const leaseDuration = 60_000;

/** Stands in the place of a tag while another program changes the target: what that did is recorded nowhere. */
export const pushTag = 'drizzle-kit push';

/** Who takes the lease; all of it is shown to whoever meets the lock, on any machine. */
export interface LeaseTaker {
  /** Unique over all machines. */
  readonly run: string;
  readonly by: string;
  readonly host: string;
  readonly backup: string | undefined;
}

/** What a run holds: its own key, and how often the lease had been taken. */
export interface LeaseHeld {
  readonly run: string;
  readonly epoch: number;
}

export interface Lease {
  /** Undefined: free. */
  readonly run: string | undefined;
  readonly epoch: number;
  readonly by: string;
  readonly host: string;
  /** The migration that the run was in or about to begin. */
  readonly tag: string | undefined;
  readonly backup: string | undefined;
  /** Milliseconds since 1970, by the database's clock. */
  readonly since: number;
  readonly state: 'free' | 'live' | 'expired';
}

/** The table of our own in a target: one row, which says who may change it now. Functions that return SQL, and run none. */
export interface LeaseTexts {
  /** The table, for people and as SQL. */
  readonly table: string;
  /** What a role needs that the database lets neither make nor write the table (code 42501); none: there are no roles. */
  readonly forbidden?: string;
  /** Makes the table when it is missing. */
  readonly create: readonly Statement[];
  /**
   * Takes a free or expired lease in one statement, by the database's own clock; a live one stays as it is,
   * unless it is that of `dead`: a run whose process is known to be gone.
   */
  readonly take: (taker: LeaseTaker, dead?: string) => Statement;
  /** Raises unless the lease is this run's after `take`. */
  readonly guardTaken: (taker: LeaseTaker) => Statement;
  /**
   * The first statements of every unit: raise unless exactly this run holds the lease under this epoch,
   * and give it more time and say which migration is being run. An expired lease that nobody took is still ours,
   * and nobody can take it until the unit is over.
   */
  readonly fence: (held: LeaseHeld, tag: string | null) => readonly Statement[];
  /** The row stays, without a holder, so that the epoch never goes back. */
  readonly release: (held: LeaseHeld) => Statement;
  /** For a copy that is to be restored: the restorer holds it, under an epoch above both the copy's and the target's. */
  readonly plant: (taker: LeaseTaker, epoch: number) => readonly Statement[];
  /** A row when the lease is this run's under that epoch or a later one: what planted it was committed. */
  readonly planted: (taker: LeaseTaker, epoch: number) => Statement;
  /** A row when a unit of this run that kept counts was committed since it took the lease. */
  readonly countsAreKept: (held: LeaseHeld) => Statement;
  /** No row: no lease table. */
  readonly exists: Statement;
  readonly read: Statement;
  /** Keeps counts inside the transaction, where one request can compare them after its last statement. */
  readonly keepCounts: (countsJson: string) => Statement;
  /** The text that `keepCounts` kept, as an SQL expression. */
  readonly keptCounts: string;
}

/** @param rows the answer to `read` */
export function parseLease(rows: readonly Row[]): Lease | undefined {
  const row = rows[0];
  if (!row) return undefined;
  return {
    run: textOf(row['run']),
    epoch: Number(row['epoch']),
    by: textOf(row['held_by']) ?? 'unknown',
    host: textOf(row['host']) ?? 'unknown',
    tag: textOf(row['tag']),
    backup: textOf(row['backup']),
    since: Number(row['taken_at']),
    state: row['state'] === 'live' ? 'live' : row['state'] === 'expired' ? 'expired' : 'free',
  };
}

function textOf(value: SqlValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
