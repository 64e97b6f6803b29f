/** What a database takes as a parameter. */
export type SqlValue = string | number | bigint | null | Uint8Array;

/** One statement with its parameters, ready for an engine. */
export interface Statement {
  readonly sql: string;
  readonly args?: readonly SqlValue[];
}

/** One row by column name. Integers beyond 2^53 come as `bigint`, blobs as bytes. */
export type Row = Readonly<Record<string, SqlValue>>;

/** Asks a database one read-only question. */
export interface Query {
  (statement: Statement): Promise<readonly Row[]>;
  /** What the statement must be written in. */
  readonly dialect: Dialect;
  /**
   * There where bytes come as they are, and a text that is no UTF-8, which SQLite takes and keeps, must be asked for as
   * bytes: libSQL in this process ends it at once over such a text.
   */
  readonly bytes?: 'as-they-are';
}

/** The family of SQL that a database speaks. */
export type Dialect = 'sqlite' | 'postgres';

/** For people. */
export const dialectNames: Readonly<Record<Dialect, string>> = { sqlite: 'SQLite', postgres: 'PostgreSQL' };

/**
 * Makes a query of what asks.
 *
 * @param like the query that it goes through, or its dialect
 */
export function asking(
  like: Dialect | Pick<Query, 'dialect' | 'bytes'>,
  ask: (statement: Statement) => Promise<readonly Row[]>,
): Query {
  const { dialect, bytes } = typeof like === 'string' ? { dialect: like } : like;
  return Object.assign((statement: Statement) => ask(statement), { dialect, ...(bytes && { bytes }) });
}
