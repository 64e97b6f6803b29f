import type { Migration } from '../migrations/migration.ts';
import type { Dialect, Row, SqlValue, Statement } from '../sql/statement.ts';

/** One row of a tracking table. */
export interface Entry {
  /**
   * Addresses exactly this row: `rowid` in SQLite, where Drizzle 0.x leaves NULL in every `id`; the `id` in PostgreSQL.
   * Digits where it is larger than a `number` can hold, as a time down to the millisecond that numbers a file.
   */
  readonly rowid: number | string;
  /** The `id` as stored, where there is one. */
  readonly id?: SqlValue;
  /** Empty where the table keeps none. */
  readonly hash: string;
  /** `created_at` as stored, milliseconds since 1970; not the time of applying. 0 where the table keeps none. */
  readonly createdAt: number;
  /** The migration's number, as digits without zeros before them; in tables of numbered files. */
  readonly version?: string;
  /** What the table calls the migration. Not in tables of Drizzle 0.x; NULL where older code wrote the row. */
  readonly name?: string;
  /** Milliseconds since 1970, where the table keeps it. */
  readonly appliedAt?: number;
}

/** What may be put right in a record, as the columns are called. */
export type RecordChange = Readonly<
  Partial<Record<'hash' | 'name', string> & Record<'created_at', number> & Record<'applied_at', null>>
>;

/**
 * A tracking table: pure functions that return SQL, so that any engine of the dialect can run them
 * and a record can join the migration's own unit. The rows are what the original tool would write.
 */
export interface Bookkeeping {
  readonly kind: 'drizzle-0' | 'drizzle-1' | 'd1' | 'numbered';
  /** What the statements are written in. */
  readonly dialect: Dialect;
  /** For people, and what the table is called where a schema is read: with its schema when that is not `public`. */
  readonly table: string;
  /** The table as SQL. */
  readonly quoted: string;
  /** What `Entry.rowid` is the value of, as SQL. */
  readonly row: string;
  /** The number of a row's migration as SQL, where rows are told by it: a later row may have a lower one. */
  readonly number?: string;
  /** One row per column of the table; no row when there is no table. Pass the rows to `withShape`. */
  readonly shape: Statement;
  /** The same bookkeeping, told which columns the target's table has. No rows: the table is not there yet. */
  withShape(rows: readonly Row[]): Bookkeeping;
  /** Whether the table is there (known after `withShape`). */
  readonly exists: boolean;
  /** Which shape the target's table has; undefined when it is not there (known after `withShape`). */
  readonly tableShape: 'drizzle-0' | 'drizzle-1' | 'd1' | 'numbered' | undefined;
  /** What the table calls a migration; undefined where it keeps no names. */
  readonly nameOf: (migration: Migration) => string | undefined;
  /** Makes the table when it is missing, in the words of the original tool; upgrades nothing. */
  create(): readonly Statement[];
  /** Statements that bring a table of the 0.x shape to the 1.0 shape as drizzle-orm 1.0 does it; empty when not needed. */
  upgrade(entries: readonly Entry[], migrations: readonly Migration[]): readonly Statement[];
  /** All rows, oldest first. Only when `exists`. */
  readonly read: Statement;
  parse(rows: readonly Row[]): readonly Entry[];
  /** `now` in milliseconds. */
  record(migration: Migration, now: number): Statement;
  erase(entry: Entry): Statement;
  /** Puts columns of exactly this row right. */
  readonly change: (entry: Entry, values: RecordChange) => Statement;
  /** A scalar query, 1 when this migration has a record, else 0: for guards inside a unit. */
  isRecorded(migration: Migration): string;
  /**
   * Keeps other writers of the table away until the unit is over, where readers and writers go on beside each other;
   * none where a unit has the database for itself.
   */
  readonly hold: readonly Statement[];
  /** Deterministic text that changes when any record changes: the history's own fingerprint. */
  digest(entries: readonly Entry[]): string;
}
