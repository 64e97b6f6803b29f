import type { Dialect } from '../../sql/statement.ts';
import type { FolderNote, FormatName, Migration } from '../migration.ts';
import type { Listing } from '../listing.ts';

/** How a folder stores its migrations. Reading never writes and asks no database. */
export interface Format {
  readonly name: FormatName;
  /** Whether the folder is stored this way. */
  detect(listing: Listing): Promise<boolean>;
  /**
   * The whole folder, in the order in which the original tool runs it. Throws `MigrateError` `migrations`.
   *
   * @param dialect what its files are written in
   */
  read(listing: Listing, dialect: Dialect): Promise<FormatContent>;
}

export interface FormatContent {
  readonly migrations: readonly Migration[];
  readonly notes: readonly FolderNote[];
}
