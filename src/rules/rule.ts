import { unreachable } from '../lib/unreachable.ts';
import type { MigrationStatement } from '../migrations/migration.ts';
import type { Sketch } from '../schema/sketch.ts';
import type { StatementKind } from '../sql/statement-kind.ts';
import type { Rebuild } from '../sql/rebuilds.ts';

export type Severity = 'error' | 'warning' | 'info';

/** What an environment allows its migrations to do. */
export type Policy = 'additive';

/** A safety rule: what it looks for, why that matters, and the safe way. */
export interface Rule {
  /** As written in `--accept RULE:TAG`. */
  readonly id: string;
  /** What it says in the list of rules, one sentence. */
  readonly title: string;
  readonly why: string;
  readonly fix: string;
  /** The same where the statement stands in a rollback file, which is run only to take a migration back. */
  readonly fixOfRollback?: string;
  /** `off`: the rule has nothing to say about that engine. */
  readonly severity: {
    /** libSQL and SQLite in a file. */
    readonly file: Severity | 'off';
    /** A libSQL server. */
    readonly remote: Severity | 'off';
    readonly d1Local: Severity | 'off';
    readonly d1Remote: Severity | 'off';
    /** A PostgreSQL server, and PGlite. */
    readonly postgres: Severity | 'off';
  };
  /** It is asked only where an environment has this policy. */
  readonly policy?: Policy;
  /** Looks at one statement; a message, a whole sentence, when the rule has something to say. */
  check(at: RuleInput): string | Remark | undefined;
  readonly accepts: readonly RuleExample[];
  /** Each is found at exactly one statement. */
  readonly rejects: readonly RuleExample[];
}

/** What a rule says where it depends on the case how grave it is, or what to do. */
export interface Remark {
  readonly message: string;
  /** The rule's own for the engine when absent. */
  readonly severity?: Severity;
  /** The rule's own when absent. */
  readonly fix?: string;
}

/** One statement with everything around it. */
export interface RuleInput {
  readonly engine: RuleEngine;
  /** Where the migration would run, for commands in messages. */
  readonly environment: string | undefined;
  readonly tag: string;
  readonly kind: StatementKind;
  readonly statement: MigrationStatement;
  /** Its number in the migration, from 1. */
  readonly number: number;
  /** All of the migration's statements, and what they do. */
  readonly statements: readonly MigrationStatement[];
  readonly kinds: readonly StatementKind[];
  readonly rebuilds: readonly Rebuild[];
  /** The schema that the migration begins with, and the one that this statement meets. */
  readonly begin: Sketch;
  readonly now: Sketch;
  /** Rows by table, in lower case, where they were counted; a table that is not in it may hold any number. */
  readonly rows: ReadonlyMap<string, number>;
}

export interface RuleExample {
  /** Statements that made the schema before. */
  readonly given?: readonly string[];
  readonly sql: readonly string[];
  /** The chunk of the file that each statement stands in; one each when absent. */
  readonly chunks?: readonly number[];
  /** What stands behind each statement; a semicolon when absent. */
  readonly terminators?: readonly 'none'[];
  /** Rows of tables, where they were counted. */
  readonly rows?: Readonly<Record<string, number>>;
}

/** What the migrations would run on. */
export type RuleEngine =
  | 'libsql-file'
  | 'libsql-memory'
  | 'libsql-remote'
  | 'sqlite-reader'
  | 'd1-local'
  | 'd1-remote'
  | 'postgres'
  | 'pglite';

/** Which of a rule's severities counts for an engine. */
export function severityFor({ severity }: Pick<Rule, 'severity'>, engine: RuleEngine): Severity | 'off' {
  switch (engine) {
    case 'libsql-file':
    case 'libsql-memory':
    case 'sqlite-reader':
      return severity.file;
    case 'libsql-remote':
      return severity.remote;
    case 'd1-local':
      return severity.d1Local;
    case 'd1-remote':
      return severity.d1Remote;
    case 'postgres':
    case 'pglite':
      return severity.postgres;
    default:
      return unreachable(engine);
  }
}

export function isPostgres(engine: RuleEngine): boolean {
  return engine === 'postgres' || engine === 'pglite';
}

/** Whether D1's rules hold: foreign keys that stay on, its limits, its refusals. */
export function isD1(engine: RuleEngine): boolean {
  return engine === 'd1-local' || engine === 'd1-remote';
}
