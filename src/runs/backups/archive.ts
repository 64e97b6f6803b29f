import { dirname } from 'node:path';
import { statfs } from 'node:fs/promises';
import { MigrateError } from '../../lib/errors.ts';
import { bytes } from '../../lib/numbers.ts';
import type { Archive } from './manifest.ts';
import type { BackupDraft } from './backups.ts';
import type { RunContext, RunDatabase } from '../context.ts';
import { fileToKeep } from './keep-file.ts';

/**
 * Has D1 write a database out as SQL into the draft's folder, and proves it by loading it. Everybody else is kept out
 * of the database meanwhile, which is said beforehand.
 *
 * @returns undefined for a database that no server exports: its backup is a copy anyway
 * @throws MigrateError `storage`, `backup-failed`, `busy`, `unreachable`, `interrupted`
 */
export async function archiveDatabase(
  { target, database }: RunDatabase,
  draft: BackupDraft,
  context: RunContext,
): Promise<Archive | undefined> {
  const { address } = target;
  const { signal, events, environment } = context;
  if (address.kind !== 'd1-remote') return undefined;
  const { exportArchive, exportNotice } = await import('../../engines/d1/export/archive.ts');
  const places = draft.archivePathsOf(database.name);
  await using sql = await fileToKeep(places.sql, context);
  await using loaded = await fileToKeep(places.loaded, context);
  const made = await exportArchive({
    address,
    to: sql.path,
    loadedTo: loaded.path,
    connectTimeout: environment.timeouts.connect,
    signal,
    beforehand: async ({ size }) => {
      await refuseWithoutSpace(dirname(sql.path), size, database.name);
      events.emit({
        kind: 'notice',
        level: 'warning',
        message: `${database.name}: ${exportNotice({ size })}`,
      });
    },
  });
  if (!made.loaded) throw new Error(`The archive of ${database.name} was not loaded.`);
  return {
    loadsInto: made.loadsInto,
    moment: made.consistent ? 'one' : 'several',
    sql: await sql.keep(made),
    loaded: await loaded.keep(made.loaded),
  };
}

/** The text as it comes, the text in order, and the database that it is loaded into. */
async function refuseWithoutSpace(folder: string, size: number | undefined, database: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (size === undefined || free >= 4 * size) return;
  throw new MigrateError(
    'storage',
    `The archive of ${database} needs about ${bytes(4 * size)} while it is made; ${dirname(folder)} has ${bytes(free)} free. Nothing was exported.`,
    { next: 'Make room there, or name another disk with backups.to in the config.' },
  );
}
