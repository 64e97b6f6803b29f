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
export type Query = (statement: Statement) => Promise<readonly Row[]>;
