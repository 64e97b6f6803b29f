import { dirname, join } from 'node:path';
import type { Migration, MigrationFolder, RecordedBy } from './migration.ts';

/**
 * Where the rollback file of a migration goes: beside it; in Drizzle 1.0 into its own folder; where wrangler runs the
 * folder, into `<folder>.extra`, as it takes every SQL file for a migration.
 */
export function rollbackFileOf(
  { tag, file }: Pick<Migration, 'tag' | 'file'>,
  { directory, format }: Pick<MigrationFolder, 'directory' | 'format'>,
  recordedBy: RecordedBy,
): string {
  if (recordedBy === 'd1' || format === 'wrangler') return join(`${directory}.extra`, `${tag}.rollback.sql`);
  return format === 'drizzle-1'
    ? join(dirname(file), 'rollback.sql')
    : join(directory, `${tag}.rollback.sql`);
}
