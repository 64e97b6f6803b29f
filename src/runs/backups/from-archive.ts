import { join } from 'node:path';
import { MigrateError } from '../../lib/errors.ts';
import type { BackedUpDatabase } from './manifest.ts';
import { clearNameOf } from './open-backup.ts';

/**
 * A refused restore, which then also says how the rows come back from the archive, where the backup has one.
 *
 * @param backups the folder that backups are in
 */
export function orFromArchive(
  error: unknown,
  { archive, database }: BackedUpDatabase,
  {
    backups,
    id,
    environment,
  }: { readonly backups: string; readonly id: string; readonly environment: string },
): unknown {
  if (!archive || !(error instanceof MigrateError) || error.code !== 'refused') return error;
  const folder = archive.sql.encrypted ? 'FOLDER' : join(backups, id);
  const first = archive.sql.encrypted ? `migrate-tui decrypt ${environment} ${id} FOLDER, then ` : '';
  const path = `"${join(folder, clearNameOf(archive.sql))}"`;
  const how =
    archive.loadsInto === 'd1'
      ? `npx wrangler d1 create NAME, then npx wrangler d1 execute NAME --remote --file ${path}`
      : `sqlite3 NAME.db < ${path}`;
  return new MigrateError(
    error.code,
    `${error.message} The archive of ${database} is whole, but no server takes it back in place.`,
    { next: `A new database can be made of it: ${first}${how}`, cause: error },
  );
}
