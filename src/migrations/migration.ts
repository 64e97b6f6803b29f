import type { MigrationStatement } from '../sql/split.ts';
import type { Dialect } from '../sql/statement.ts';

export type { MigrationStatement };

/** A file beside a migration: how to undo it, or queries that must return no row after it. */
export interface Companion {
  readonly file: string;
  readonly statements: readonly MigrationStatement[];
}

/** One migration as its folder holds it. */
export interface Migration {
  /** Its name: the file name without `.sql`, or the folder name in Drizzle 1.0. Unique in its folder. */
  readonly tag: string;
  /** SHA-256 (hex) of the file as UTF-8 text, byte for byte: what Drizzle records. */
  readonly hash: string;
  /** What the hash is on a machine whose git gives the file the other line ends (LF or CRLF). */
  readonly hashWithOtherLineEnds?: string;
  /** What Drizzle stores as `created_at`: milliseconds since 1970, from the journal or the folder name. Not the time of applying. */
  readonly when: number;
  /** Absolute path of the SQL file. */
  readonly file: string;
  /** Without empty and comment-only pieces: what is to be run, in order. */
  readonly statements: readonly MigrationStatement[];
  readonly rollback?: Companion;
  readonly verify?: Companion;
  /** There when a squash wrote it: what it stands for. */
  readonly squashed?: SquashedRange;
  /** What wrangler's table calls it, where its file does not lie in the folder: it is kept in an archive. */
  readonly recordedAs?: string;
}

/** The migrations that one squashed file stands for. */
export interface SquashedRange {
  /** Those of earlier squashes among them, too, in the order of running; the last gave the file its name and time. */
  readonly migrations: readonly SquashedMigration[];
  /** Reads the files from the archive. Throws `MigrateError` `migrations`. */
  readonly originals: () => Promise<readonly Migration[]>;
}

/** How a target that ran it may have recorded a squashed migration. */
export interface SquashedMigration {
  readonly tag: string;
  readonly hash: string;
  readonly hashWithOtherLineEnds: string;
  readonly when: number;
  /** What the table calls it, where it keeps names. */
  readonly name?: string;
}

/** How a folder stores its migrations. */
export type FormatName = DrizzleLine | 'wrangler' | 'numbered';

/** Whose records say what ran: Drizzle's, wrangler's, or those of a runner of numbered files. */
export type RecordedBy = 'drizzle' | 'd1' | 'numbered';

/** The two lines of Drizzle, which store folders and records each in its own way. */
export type DrizzleLine = 'drizzle-0' | 'drizzle-1';

/** Something about a folder that a person should know; never a reason to refuse by itself. */
export interface FolderNote {
  readonly file: string;
  readonly message: string;
  /** There where it is about a text that PostgreSQL's own parser does not take. */
  readonly syntax?: { readonly line: number; readonly says: string };
}

/** A folder, read whole. */
export interface MigrationFolder {
  readonly format: FormatName;
  /** What its files are written in. */
  readonly dialect: Dialect;
  /** Absolute path. */
  readonly directory: string;
  /** In the order in which the original tool runs them. */
  readonly migrations: readonly Migration[];
  /** Files that fit no pattern of the format, gaps in the journal, missing snapshots, BOMs. */
  readonly notes: readonly FolderNote[];
}
