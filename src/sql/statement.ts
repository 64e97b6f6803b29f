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
}

/** The family of SQL that a database speaks. */
export type Dialect = 'sqlite' | 'postgres';

/** For people. */
export const dialectNames: Readonly<Record<Dialect, string>> = { sqlite: 'SQLite', postgres: 'PostgreSQL' };

/** Makes a query of what asks. */
export function asking(dialect: Dialect, ask: (statement: Statement) => Promise<readonly Row[]>): Query {
  return Object.assign((statement: Statement) => ask(statement), { dialect });
}
