import type { MigrationStatement } from '../migrations/migration.ts';
import type { Sketch } from '../schema/sketch.ts';
import type { StatementKind } from '../sql/classify.ts';
import type { Rebuild } from '../sql/rebuilds.ts';

export type Severity = 'error' | 'warning' | 'info';

/** A safety rule: what it looks for, why that matters, and the safe way. */
export interface Rule {
  /** As written in `--accept RULE:TAG`. */
  readonly id: string;
  /** What it says in the list of rules, one sentence. */
  readonly title: string;
  readonly why: string;
  readonly fix: string;
  /** `off`: the rule has nothing to say about that engine. */
  readonly severity: { readonly file: Severity | 'off'; readonly remote: Severity | 'off' };
  /** Looks at one statement; a message, a whole sentence, when the rule has something to say. */
  check(at: RuleInput): string | undefined;
  readonly accepts: readonly RuleExample[];
  /** Each is found at exactly one statement. */
  readonly rejects: readonly RuleExample[];
}

/** One statement with everything around it. */
export interface RuleInput {
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
}

export interface RuleExample {
  /** Statements that made the schema before. */
  readonly given?: readonly string[];
  readonly sql: readonly string[];
  /** The chunk of the file that each statement stands in; one each when absent. */
  readonly chunks?: readonly number[];
}

/** What the migrations would run on. */
export type RuleEngine =
  'libsql-file' | 'libsql-memory' | 'libsql-remote' | 'd1-local' | 'd1-remote' | 'sqlite-reader';

/** Which of a rule's severities counts for an engine. */
export function severityFor({ severity }: Pick<Rule, 'severity'>, engine: RuleEngine): Severity | 'off' {
  return engine === 'libsql-remote' ? severity.remote : severity.file;
}
