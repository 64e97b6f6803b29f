import { join } from 'node:path';
import { MigrateError } from '../lib/errors.ts';
import type { BackedUpDatabase } from './backup-manifest.ts';

/**
 * A refused restore, which then also says how the rows come back from the archive, where the backup has one.
 *
 * @param set the folder of the backup
 */
export function orFromArchive(error: unknown, { archive, database }: BackedUpDatabase, set: string): unknown {
  if (!archive || !(error instanceof MigrateError) || error.code !== 'refused') return error;
  const path = `"${join(set, archive.sql.file)}"`;
  const how =
    archive.loadsInto === 'd1'
      ? `npx wrangler d1 create NAME, then npx wrangler d1 execute NAME --remote --file ${path}`
      : `sqlite3 NAME.db < ${path}`;
  return new MigrateError(
    error.code,
    `${error.message} The archive of ${database} is whole, but no server takes it back in place.`,
    { next: `A new database can be made of it: ${how}`, cause: error },
  );
}
