import type { CompanionContent } from './companions.ts';
import type { FolderNote, Migration } from './migration.ts';
import { readSqlFile } from './sql-file.ts';
import type { ReadSqlOptions } from './sql-file.ts';

/** Reads the file of one migration; its statements are split when first asked for. */
export async function readMigration({
  tag,
  when,
  file,
  companions,
  ...options
}: ReadInput): Promise<ReadMigration> {
  const sql = await readSqlFile(file, options);
  return {
    migration: {
      tag,
      hash: sql.hash,
      get hashWithOtherLineEnds() {
        return sql.hashWithOtherLineEnds();
      },
      when,
      file,
      get statements() {
        return sql.statements();
      },
      ...companions.fields,
    },
    notes: [...sql.notes, ...companions.notes],
  };
}

export interface ReadInput extends ReadSqlOptions {
  readonly tag: string;
  readonly when: number;
  /** Absolute path. */
  readonly file: string;
  readonly companions: CompanionContent;
}

export interface ReadMigration {
  readonly migration: Migration;
  readonly notes: readonly FolderNote[];
}
