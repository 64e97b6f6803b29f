import type { Finding } from './plan.ts';

/** What the rules find in the files of migrations, without asking any database. */
export interface LintReport {
  readonly schemaVersion: 1;
  readonly kind: 'lint';
  /** In the order of running, database by database. */
  readonly findings: readonly LintFinding[];
  /** Those that found something: why it matters, and the safe way. */
  readonly rules: readonly LintRule[];
  readonly databases: readonly {
    readonly database: string;
    /** Migrations that were looked at, of so many in its folder. */
    readonly looked: number;
    readonly of: number;
    /** Why there is more that could not be told, a whole sentence. */
    readonly notes: readonly string[];
  }[];
  /** The project's folder as its repository has it, where it is not the root of one: `apps/web`. */
  readonly within?: string;
}

/** `statement` is 0 where it is about the file as a whole. */
export interface LintFinding extends Finding {
  /** Relative to the project, with slashes. */
  readonly file: string;
  /** Where the statement begins in its line, in UTF-16 units, from 1; a byte-order mark does not count. */
  readonly column?: number;
  readonly endLine?: number;
  /** The unit after its last. */
  readonly endColumn?: number;
  /** There where it is not so in every environment of the database. */
  readonly environments?: readonly string[];
}

export interface LintRule {
  readonly id: string;
  /** One sentence. */
  readonly title: string;
  readonly why: string;
  readonly fix: string;
}
