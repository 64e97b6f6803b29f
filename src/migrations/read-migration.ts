import type { MigrateError } from '../lib/errors.ts';
import type { CompanionContent } from './companions.ts';
import type { FolderNote, Migration } from './migration.ts';
import { readSqlFile } from './sql-file.ts';

/** Reads the file of one migration; its statements are split when first asked for. */
export async function readMigration({ tag, when, file, missing, companions }: ReadInput): Promise<ReadMigration> {
  const sql = await readSqlFile(file, missing);
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

export interface ReadInput {
  readonly tag: string;
  readonly when: number;
  /** Absolute path. */
  readonly file: string;
  readonly missing?: () => MigrateError;
  readonly companions: CompanionContent;
}

export interface ReadMigration {
  readonly migration: Migration;
  readonly notes: readonly FolderNote[];
}
