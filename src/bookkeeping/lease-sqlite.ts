import { guard } from '../sql/guard.ts';
import { quoteText } from '../sql/quote.ts';
import type { SqlValue, Statement } from '../sql/statement.ts';
import { leaseDuration, type LeaseTexts } from './lease.ts';

/** Called that in every database of the SQLite family. */
export const leaseTable = '__migrate_tui_lease';

// The database's clock in milliseconds, for every SQLite that servers still run: `unixepoch('subsec')` needs 3.42.
const now = `CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)`;

const create: Statement = {
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

export const sqliteLease: LeaseTexts = {
  table: leaseTable,
  create: [create],
  take: ({ run, by, host, backup }, dead) => ({
    sql: `INSERT INTO ${leaseTable} (id, run, epoch, held_by, host, backup, taken_at, expires_at)
VALUES (1, ?, 1, ?, ?, ?, ${now}, ${now} + ${leaseDuration})
ON CONFLICT (id) DO UPDATE SET run = excluded.run, epoch = epoch + 1, held_by = excluded.held_by,
  host = excluded.host, tag = NULL, backup = excluded.backup, taken_at = excluded.taken_at,
  expires_at = excluded.expires_at, counts = NULL
WHERE run IS NULL OR expires_at <= ${now} OR run = ?`,
    args: [run, by, host, backup ?? null, dead ?? ''],
  }),
  guardTaken: ({ run }) => ({
    sql: guard('lease', `SELECT count(*) FROM ${leaseTable} WHERE id = 1 AND run = ${quoteText(run)}`),
  }),
  fence: ({ run, epoch }, tag) => {
    const held = `SELECT count(*) FROM ${leaseTable} WHERE id = 1 AND run = ${quoteText(run)} AND epoch = ${epoch}`;
    return [
      { sql: guard('lease', held) },
      {
        sql: `UPDATE ${leaseTable} SET expires_at = ${now} + ${leaseDuration}, tag = ? WHERE id = 1`,
        args: [tag],
      },
    ];
  },
  release: ({ run, epoch }) => ({
    sql: `UPDATE ${leaseTable} SET run = NULL, expires_at = 0, tag = NULL, counts = NULL WHERE id = 1 AND run = ? AND epoch = ?`,
    args: [run, epoch],
  }),
  plant: (taker, epoch) => {
    const args: readonly SqlValue[] = [taker.run, epoch, taker.by, taker.host, taker.backup ?? null];
    return [
      create,
      {
        sql: `INSERT OR REPLACE INTO ${leaseTable} (id, run, epoch, held_by, host, backup, taken_at, expires_at)
VALUES (1, ?, max(?, coalesce((SELECT epoch FROM ${leaseTable} WHERE id = 1), 0) + 1), ?, ?, ?, ${now}, ${now} + ${leaseDuration})`,
        args,
      },
    ];
  },
  planted: ({ run }, epoch) => ({
    sql: `SELECT 1 FROM ${leaseTable} WHERE id = 1 AND run = ? AND epoch >= ?`,
    args: [run, epoch],
  }),
  countsAreKept: ({ run, epoch }) => ({
    sql: `SELECT 1 FROM ${leaseTable} WHERE id = 1 AND run = ? AND epoch = ? AND counts IS NOT NULL`,
    args: [run, epoch],
  }),
  exists: { sql: `SELECT name FROM sqlite_schema WHERE type = 'table' AND name = '${leaseTable}'` },
  read: {
    sql: `SELECT run, epoch, held_by, host, tag, backup, taken_at,
  CASE WHEN run IS NULL THEN 'free' WHEN expires_at > ${now} THEN 'live' ELSE 'expired' END AS state
FROM ${leaseTable} WHERE id = 1`,
  },
  keepCounts: (countsJson) => ({ sql: `UPDATE ${leaseTable} SET counts = ${countsJson} WHERE id = 1` }),
  keptCounts: `(SELECT counts FROM ${leaseTable} WHERE id = 1)`,
};
