import type { MigrationFolder } from '../../migrations/migration.ts';
import type { GroundedFinding, RuleGround } from '../../operations/lint.ts';
import type { LintFinding } from '../../operations/reports.ts';
import type { Database } from '../../project/project.ts';
import type { Severities } from '../../rules/run-rules.ts';

/** A database with its folder, read. */
export interface LintedFolder {
  readonly database: Database;
  readonly folder: MigrationFolder;
}

/** The tags of each database whose files are looked at. */
export type Chosen = ReadonlyMap<string, ReadonlySet<string>>;

export interface FileFindings {
  readonly findings: readonly LintFinding[];
  /** Whole sentences. */
  readonly notes: readonly string[];
}

/** What is known when files are tried out. */
export interface Around {
  /** What the rules said of the statements. */
  readonly byRules: readonly GroundedFinding[];
  readonly grounds: readonly RuleGround[];
  readonly severities: Severities;
  readonly wanted: (tag: string) => boolean;
  /** The project's folder. */
  readonly root: string;
  readonly signal: AbortSignal;
}
