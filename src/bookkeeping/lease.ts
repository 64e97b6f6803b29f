import { guard } from '../sql/guard.ts';
import { quoteText } from '../sql/quote.ts';
import type { Row, SqlValue, Statement } from '../sql/statement.ts';

/** The table of our own in a target: one row, which says who may change it now. */
export const leaseTable = '__migrate_tui_lease';

/** How long a lease is good for without a sign of life, in milliseconds; expiry only lets another take over. */
export const leaseDuration = 60_000;

// The database's clock in milliseconds, for every SQLite that servers still run: `unixepoch('subsec')` needs 3.42.
const now = `CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)`;

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

export const createLeaseTable: Statement = {
  sql: `CREATE TABLE IF NOT EXISTS ${leaseTable} (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  run TEXT,
  epoch INTEGER NOT NULL,
  held_by TEXT,
  host TEXT,
  tag TEXT,
  backup TEXT,
  taken_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  counts TEXT
)`,
};

/**
 * Takes a free or expired lease in one statement, by the database's own clock; a live one stays as it is,
 * unless it is that of `dead`: a run whose process is known to be gone.
 */
export function takeLease({ run, by, host, backup }: LeaseTaker, dead?: string): Statement {
  return {
    sql: `INSERT INTO ${leaseTable} (id, run, epoch, held_by, host, backup, taken_at, expires_at)
VALUES (1, ?, 1, ?, ?, ?, ${now}, ${now} + ${leaseDuration})
ON CONFLICT (id) DO UPDATE SET run = excluded.run, epoch = epoch + 1, held_by = excluded.held_by,
  host = excluded.host, tag = NULL, backup = excluded.backup, taken_at = excluded.taken_at,
  expires_at = excluded.expires_at, counts = NULL
WHERE run IS NULL OR expires_at <= ${now} OR run = ?`,
    args: [run, by, host, backup ?? null, dead ?? ''],
  };
}

/** Raises unless the lease is this run's after `takeLease`. */
export function guardLeaseTaken({ run }: LeaseTaker): Statement {
  return {
    sql: guard('lease', `SELECT count(*) FROM ${leaseTable} WHERE id = 1 AND run = ${quoteText(run)}`),
  };
}

/**
 * The first statements of every unit: raise unless exactly this run holds the lease under this epoch,
 * then give it more time and say which migration is being run. An expired lease that nobody took is still ours.
 */
export function fence(
  { run, epoch }: { readonly run: string; readonly epoch: number },
  tag: string | null,
): readonly Statement[] {
  const held = `SELECT count(*) FROM ${leaseTable} WHERE id = 1 AND run = ${quoteText(run)} AND epoch = ${epoch}`;
  return [
    { sql: guard('lease', held) },
    {
      sql: `UPDATE ${leaseTable} SET expires_at = ${now} + ${leaseDuration}, tag = ? WHERE id = 1`,
      args: [tag],
    },
  ];
}

/** The row stays, without a holder, so that the epoch never goes back. */
export function releaseLease({ run, epoch }: { readonly run: string; readonly epoch: number }): Statement {
  return {
    sql: `UPDATE ${leaseTable} SET run = NULL, expires_at = 0, tag = NULL, counts = NULL WHERE id = 1 AND run = ? AND epoch = ?`,
    args: [run, epoch],
  };
}

/** For a copy that is to be restored: the restorer holds it, under an epoch above both the copy's and the target's. */
export function plantLease(taker: LeaseTaker, epoch: number): readonly Statement[] {
  const args: readonly SqlValue[] = [taker.run, epoch, taker.by, taker.host, taker.backup ?? null];
  return [
    createLeaseTable,
    {
      sql: `INSERT OR REPLACE INTO ${leaseTable} (id, run, epoch, held_by, host, backup, taken_at, expires_at)
VALUES (1, ?, max(?, coalesce((SELECT epoch FROM ${leaseTable} WHERE id = 1), 0) + 1), ?, ?, ?, ${now}, ${now} + ${leaseDuration})`,
      args,
    },
  ];
}

/** A row when the lease is this run's under that epoch or a later one: what planted it was committed. */
export function leasePlanted({ run }: LeaseTaker, epoch: number): Statement {
  return { sql: `SELECT 1 FROM ${leaseTable} WHERE id = 1 AND run = ? AND epoch >= ?`, args: [run, epoch] };
}

/** A row when a unit of this run that kept counts was committed since it took the lease. */
export function countsAreKept({ run, epoch }: { readonly run: string; readonly epoch: number }): Statement {
  return {
    sql: `SELECT 1 FROM ${leaseTable} WHERE id = 1 AND run = ? AND epoch = ? AND counts IS NOT NULL`,
    args: [run, epoch],
  };
}

/** No row: no lease table. */
export const leaseExists: Statement = {
  sql: `SELECT name FROM sqlite_schema WHERE type = 'table' AND name = '${leaseTable}'`,
};

export const readLease: Statement = {
  sql: `SELECT run, epoch, held_by, host, tag, backup, taken_at,
  CASE WHEN run IS NULL THEN 'free' WHEN expires_at > ${now} THEN 'live' ELSE 'expired' END AS state
FROM ${leaseTable} WHERE id = 1`,
};

/** @param rows the answer to `readLease` */
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

/** Keeps counts inside the transaction, where one request can compare them after its last statement. */
export function keepCounts(countsJson: string): Statement {
  return { sql: `UPDATE ${leaseTable} SET counts = ${countsJson} WHERE id = 1` };
}

/** The counts that `keepCounts` kept, as an SQL expression. */
export const keptCounts = `(SELECT counts FROM ${leaseTable} WHERE id = 1)`;

function textOf(value: SqlValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
