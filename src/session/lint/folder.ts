import type { MigrationFolder } from '../../migrations/migration.ts';
import type { Database } from '../../project/project.ts';

/** A database with its folder, read. */
export interface LintedFolder {
  readonly database: Database;
  readonly folder: MigrationFolder;
}

/** The tags of each database whose files are looked at. */
export type Chosen = ReadonlyMap<string, ReadonlySet<string>>;
