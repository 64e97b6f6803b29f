import { existsSync } from 'node:fs';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '../../engines/engine.ts';
import { findMiniflare } from '../../engines/d1/workerd.ts';
import { restoreFile } from '../../engines/libsql/restore-file.ts';
import { MigrateError } from '../../lib/errors.ts';
import { copyTo } from '../backups/back-up-database.ts';
import { databaseOf, type RunContext, type RunDatabase, type Scratch } from '../context.ts';
import { formOf } from '../backups/copies.ts';
import { openBackup } from '../backups/open-backup.ts';
import { isAsWritten } from '../backups/refuse-damaged.ts';
import { rehearsalOf } from '../rehearsal-of.ts';
import { makeScratchFolder, openScratchFile, scratchFolder } from '../replay/scratch.ts';
import { copyStructure } from './structure.ts';

/** Makes the scratch database of a rehearsal from the run's backup: every dry-run is also a restore test. */
export async function restoreIntoScratch(name: string, context: RunContext): Promise<void> {
  const of = databaseOf(context, name);
  if (rehearsalOf(context.environment, of.target.address) === 'full') await refuseDamagedCopy(of, context);
  const folder = scratchFolder(context.places.scratch, context.run);
  await makeScratchFolder(folder);
  if (formOf(of.target.address) === 'pgdump') {
    const { restoreIntoPostgres } = await import('../postgres/scratch.ts');
    of.scratch = await restoreIntoPostgres(of, folder, context);
  } else {
    of.scratch = await restoreIntoFile(join(folder, `${encodeURIComponent(name)}.db`), of, context);
  }
}

/** What a dry-run restores is called proven, and a damaged copy can be a database all the same. */
async function refuseDamagedCopy({ backup, database }: RunDatabase, context: RunContext): Promise<void> {
  const { places, again } = context;
  if (!backup || (await isAsWritten(places.backups, backup))) return;
  throw new MigrateError(
    'backup-failed',
    `The copy of ${database.name} in ${backup.id} is not what was written when it was taken: its checksum differs. Nothing was changed.`,
    { next: `Look after the disk of ${places.backups}, then: ${again}` },
  );
}

async function restoreIntoFile(file: string, of: RunDatabase, context: RunContext): Promise<Scratch> {
  if (of.engine) await fill(file, { engine: of.engine, of }, context);
  const isMade = existsSync(file);
  return openScratchFile(file, {
    ifMissing: isMade ? 'refuse' : 'create',
    bookkeeping: of.database.table,
    like: of.target.address,
    start: await startForWorkerd({ file, isMade }, of, context),
  });
}

/** Where no copy was taken there is none to restore: the rehearsal gets one of its own. */
async function fill(
  file: string,
  { engine, of }: { readonly engine: Engine; readonly of: RunDatabase },
  context: RunContext,
): Promise<void> {
  const { backup } = of;
  if (rehearsalOf(context.environment, of.target.address) !== 'full') {
    await makeStructure(file, { engine, of });
  } else if (backup?.copy.kind === 'copy') {
    await using copy = await openBackup(context, { id: backup.id, file: backup.copy }, context);
    await restoreFile({
      from: copy.path,
      backup: copy.backup,
      to: file,
      ifMissing: 'create',
      signal: context.signal,
    });
  } else {
    await copyTo(file, of, context, 'dry-run');
  }
}

async function makeStructure(
  file: string,
  { engine, of }: { readonly engine: Engine; readonly of: RunDatabase },
): Promise<void> {
  const bookkeeping = of.database.table;
  const scratch = await openScratchFile(file, { ifMissing: 'create', bookkeeping, like: of.target.address });
  await using made = scratch.engine;
  await copyStructure(engine, made, { bookkeeping });
}

/** The project's own workerd has the last word on D1; a project without one is rehearsed by its rules alone. */
async function startForWorkerd(
  { file, isMade }: { readonly file: string; readonly isMade: boolean },
  { target }: RunDatabase,
  { projectRoot }: RunContext,
): Promise<string | undefined> {
  const isD1 = target.address.kind === 'd1-local' || target.address.kind === 'd1-remote';
  if (!isD1 || findMiniflare(projectRoot) === undefined) return undefined;
  const start = `${file}.start`;
  // A database that does not exist yet begins as an empty file does.
  await (isMade ? copyFile(file, start) : writeFile(start, ''));
  return start;
}
