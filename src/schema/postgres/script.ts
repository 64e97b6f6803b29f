import type { SchemaScript } from './statements.ts';

/** All that makes a database again but for its rows, with bookkeeping and our lease. */
export interface DatabaseScript extends SchemaScript {
  /** What holds rows of its own, partitions and not their parents, in the order of their names. */
  readonly tables: readonly ScriptTable[];
  /** Values are not made by the statements: `SELECT last_value, is_called FROM sql`, then `setval`. */
  readonly sequences: readonly ScriptSequence[];
  /** Owners and grants, which name roles of the server: for the same server, after everything else. */
  readonly access: readonly string[];
  /** What is there and is not made again, for people: `publication orders`, `operator ===`; empty for most databases. */
  readonly leftOut: readonly string[];
}

export interface ScriptTable {
  /** For people. */
  readonly name: string;
  /** As SQL, under the script's settings. */
  readonly sql: string;
  /** Those that hold a value of their own, as SQL; generated ones are left out. */
  readonly columns: readonly string[];
}

export interface ScriptSequence {
  readonly name: string;
  readonly sql: string;
}
