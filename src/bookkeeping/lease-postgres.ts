import { guardIn } from '../sql/guard.ts';
import { ownSchema } from '../sql/postgres/own-schema.ts';
import { quoteText } from '../sql/quote.ts';
import type { Statement } from '../sql/statement.ts';
import { leaseDuration, type LeaseTexts } from './lease.ts';
import { unfinishedTexts } from './unfinished.ts';

/** Nothing but the lease is in it; docs/decisions/postgres-lock.md says why it has a schema of its own. */
export const leaseSchema = ownSchema;

/** As a schema that is read would name it, if it were not left out. */
export const leaseName = `${leaseSchema}.lease`;

// Not `now()`, which is when the transaction began.
const now = '(extract(epoch FROM clock_timestamp()) * 1000)::bigint';

const isThere = `SELECT c.relname::text AS name FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = '${leaseSchema}' AND c.relname = 'lease'`;

/**
 * One statement, which does nothing where the table is: IF NOT EXISTS needs the right to create all the same, and of two
 * that create at once one fails (https://www.postgresql.org/docs/current/sql-createtable.html). Everybody may read who
 * holds the lock; the rows say nothing secret.
 */
const create: Statement = {
  sql: `DO $lease$
BEGIN
  IF EXISTS (${isThere}) THEN RETURN; END IF;
  PERFORM pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('${leaseName}', 0));
  IF EXISTS (${isThere}) THEN RETURN; END IF;
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = '${leaseSchema}') THEN
    CREATE SCHEMA ${leaseSchema};
    GRANT USAGE ON SCHEMA ${leaseSchema} TO PUBLIC;
  END IF;
  CREATE TABLE ${leaseName} (
    id integer PRIMARY KEY CHECK (id = 1),
    run text,
    epoch bigint NOT NULL,
    held_by text,
    host text,
    tag text,
    backup text,
    taken_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    counts text
  );
  GRANT SELECT ON ${leaseName} TO PUBLIC;
END
$lease$`,
};

/**
 * A unit that takes longer than the lease has renewed it where nobody sees that yet, but the row says which transaction
 * writes it, and every transaction holds a lock on its own number as long as it is under way
 * (https://www.postgresql.org/docs/current/view-pg-locks.html).
 */
const isBeingWritten = `EXISTS (SELECT FROM pg_catalog.pg_locks AS l
    WHERE l.locktype = 'transactionid' AND l.transactionid = held.xmax AND l.granted)`;

const guard = guardIn('postgres');

export const postgresLease: LeaseTexts = {
  table: leaseName,
  forbidden: `A role that may, lets this one: CREATE SCHEMA ${leaseSchema} AUTHORIZATION "<role>"; where there is one already, GRANT USAGE ON SCHEMA ${leaseSchema} TO "<role>" and GRANT SELECT, INSERT, UPDATE ON ${leaseName} TO "<role>".`,
  create: [create],
  take: ({ run, by, host, backup }, dead) => ({
    sql: `INSERT INTO ${leaseName} AS held (id, run, epoch, held_by, host, backup, taken_at, expires_at)
VALUES (1, $1, 1, $2, $3, $4, ${now}, ${now} + ${leaseDuration})
ON CONFLICT (id) DO UPDATE SET run = excluded.run, epoch = held.epoch + 1, held_by = excluded.held_by,
  host = excluded.host, tag = NULL, backup = excluded.backup, taken_at = excluded.taken_at,
  expires_at = excluded.expires_at, counts = NULL
WHERE held.run IS NULL OR held.expires_at <= ${now} OR held.run = $5`,
    args: [run, by, host, backup ?? null, dead ?? ''],
  }),
  guardTaken: ({ run }) => ({
    sql: guard('lease', `SELECT count(*) FROM ${leaseName} WHERE id = 1 AND run = ${quoteText(run)}`),
  }),
  // One statement, whose write keeps the row locked until the unit is over: what it finds stays true.
  fence: ({ run, epoch }, tag) => [
    {
      sql: `WITH renewed AS (UPDATE ${leaseName} SET expires_at = ${now} + ${leaseDuration}, tag = $1
WHERE id = 1 AND run = $2 AND epoch = $3 RETURNING id)
${guard('lease', 'SELECT count(*) FROM renewed')}`,
      args: [tag, run, epoch],
    },
  ],
  release: ({ run, epoch }) => ({
    sql: `UPDATE ${leaseName} SET run = NULL, expires_at = 0, tag = NULL, counts = NULL WHERE id = 1 AND run = $1 AND epoch = $2`,
    args: [run, epoch],
  }),
  plant: ({ run, by, host, backup }, epoch) => [
    create,
    // What the database held is replaced, and with it what was half done.
    unfinishedTexts.forgetAll,
    {
      sql: `INSERT INTO ${leaseName} AS held (id, run, epoch, held_by, host, backup, taken_at, expires_at)
VALUES (1, $1, $2, $3, $4, $5, ${now}, ${now} + ${leaseDuration})
ON CONFLICT (id) DO UPDATE SET run = excluded.run, epoch = greatest(excluded.epoch, held.epoch + 1),
  held_by = excluded.held_by, host = excluded.host, tag = NULL, backup = excluded.backup,
  taken_at = excluded.taken_at, expires_at = excluded.expires_at, counts = NULL`,
      args: [run, epoch, by, host, backup ?? null],
    },
  ],
  planted: ({ run }, epoch) => ({
    sql: `SELECT 1 AS planted FROM ${leaseName} WHERE id = 1 AND run = $1 AND epoch >= $2`,
    args: [run, epoch],
  }),
  countsAreKept: ({ run, epoch }) => ({
    sql: `SELECT 1 AS kept FROM ${leaseName} WHERE id = 1 AND run = $1 AND epoch = $2 AND counts IS NOT NULL`,
    args: [run, epoch],
  }),
  exists: { sql: isThere },
  read: {
    sql: `SELECT run, epoch, held_by, host, tag, backup, taken_at,
  CASE WHEN run IS NULL THEN 'free' WHEN expires_at > ${now} OR ${isBeingWritten} THEN 'live' ELSE 'expired' END AS state
FROM ${leaseName} AS held WHERE id = 1`,
  },
  keepCounts: (countsJson) => ({ sql: `UPDATE ${leaseName} SET counts = ${countsJson} WHERE id = 1` }),
  keptCounts: `(SELECT counts FROM ${leaseName} WHERE id = 1)`,
};
