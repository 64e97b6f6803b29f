import { ownSchema } from '../sql/postgres/own-schema.ts';
import { quoteText } from '../sql/quote.ts';
import type { Row, Statement } from '../sql/statement.ts';

/**
 * How far a migration came that is not one transaction: written in the transactions of its own parts, so that it is
 * true wherever the run dies, and any machine can read it. There until the migration has its record.
 */
export interface Unfinished {
  readonly tag: string;
  /** Of the file that was begun. */
  readonly hash: string;
  /** `undo`: its numbers are those of statements that take the migration back, and say nothing of the file. */
  readonly what: 'run' | 'undo';
  /** The last statement that is sure to have run, by its number in the file; 0: none. */
  readonly done: number;
  /** How many the file had. */
  readonly of: number;
  /** The key of the run (see `runs/run-key.ts`), and who ran it where. */
  readonly run: string;
  readonly by: string;
  readonly host: string;
  /** Milliseconds since 1970, by the database's clock: when it came there. */
  readonly at: number;
}

/** Which migration of which history: `records` is the tracking table as SQL. */
export interface UnfinishedKey {
  readonly records: string;
  readonly tag: string;
}

const table = `${ownSchema}.unfinished`;

/** One row a migration. Functions that return SQL for PostgreSQL, and run none. */
export const unfinishedTexts = {
  table,
  /** Makes the table in the schema of the lock, which is there. Everybody may read it, as the lock. */
  create: {
    sql: `DO $unfinished$
BEGIN
  IF to_regclass('${table}') IS NOT NULL THEN RETURN; END IF;
  CREATE TABLE ${table} (
    records text NOT NULL,
    tag text NOT NULL,
    hash text NOT NULL,
    what text NOT NULL,
    done integer NOT NULL,
    of integer NOT NULL,
    run text NOT NULL,
    held_by text NOT NULL,
    host text NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (records, tag)
  );
  GRANT SELECT ON ${table} TO PUBLIC;
END
$unfinished$`,
  } satisfies Statement,
  /** No row: no table. */
  exists: { sql: `SELECT 1 AS there WHERE to_regclass('${table}') IS NOT NULL` } satisfies Statement,
  write: (
    { records }: Pick<UnfinishedKey, 'records'>,
    { tag, hash, what, done, of, run, by, host }: Omit<Unfinished, 'at'>,
  ): Statement => ({
    sql: `INSERT INTO ${table} (records, tag, hash, what, done, of, run, held_by, host, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)
ON CONFLICT (records, tag) DO UPDATE SET hash = excluded.hash, what = excluded.what, done = excluded.done,
  of = excluded.of, run = excluded.run, held_by = excluded.held_by, host = excluded.host, at = excluded.at`,
    args: [records, tag, hash, what, done, of, run, by, host],
  }),
  /** A row when this run came at least so far. */
  reached: ({ records, tag }: UnfinishedKey, { run, done }: Pick<Unfinished, 'run' | 'done'>): Statement => ({
    sql: `SELECT 1 FROM ${table} WHERE records = ${quoteText(records)} AND tag = ${quoteText(tag)} AND run = ${quoteText(run)} AND done >= ${done}`,
  }),
  forget: ({ records, tag }: UnfinishedKey): Statement => ({
    sql: `DELETE FROM ${table} WHERE records = $1 AND tag = $2`,
    args: [records, tag],
  }),
  /** The same where the table may not be there. */
  forgetIfThere: ({ records, tag }: UnfinishedKey): Statement =>
    forgetIfAny(`${table} WHERE records = ${quoteText(records)} AND tag = ${quoteText(tag)}`),
  /** For a database whose content is replaced or dropped. */
  forgetAll: forgetIfAny(table),
  /** 1 when the row is still as it was read. */
  isAsRead: ({ records, tag }: UnfinishedKey, { hash, what, run, done }: Unfinished): string =>
    `(SELECT count(*) FROM ${table} WHERE records = ${quoteText(records)} AND tag = ${quoteText(tag)} AND hash = ${quoteText(hash)} AND what = '${what}' AND run = ${quoteText(run)} AND done = ${done})`,
  /** The file has another name now. */
  rename: ({ records, tag }: UnfinishedKey, to: string): Statement => ({
    sql: `UPDATE ${table} SET tag = $3 WHERE records = $1 AND tag = $2`,
    args: [records, tag, to],
  }),
  read: (records: string): Statement => ({
    sql: `SELECT tag, hash, what, done, of, run, held_by, host, at FROM ${table} WHERE records = $1 ORDER BY tag`,
    args: [records],
  }),
  parse: (rows: readonly Row[]): readonly Unfinished[] =>
    rows.map((row) => ({
      tag: String(row['tag']),
      hash: String(row['hash']),
      what: row['what'] === 'undo' ? 'undo' : 'run',
      done: Number(row['done']),
      of: Number(row['of']),
      run: String(row['run']),
      by: String(row['held_by']),
      host: String(row['host']),
      at: Number(row['at']),
    })),
};

/**
 * The body of the block is looked at when it runs, so that it may name a table that is not there. Where nothing is to
 * be forgotten, no right to do so is needed: the table may be that of another role.
 */
function forgetIfAny(rows: string): Statement {
  return {
    sql: `DO $unfinished$ BEGIN
  IF to_regclass('${table}') IS NULL THEN RETURN; END IF;
  IF EXISTS (SELECT FROM ${rows}) THEN DELETE FROM ${rows}; END IF;
END $unfinished$`,
  };
}
