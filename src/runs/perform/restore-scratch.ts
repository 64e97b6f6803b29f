import { join } from 'node:path';
import { restoreFile } from '../../engines/libsql/restore-file.ts';
import { copyTo } from '../back-up-database.ts';
import { backupFileOf } from '../backups.ts';
import { databaseOf, type RunContext, type RunDatabase } from '../context.ts';
import { makeScratchFolder, openScratch, scratchFolder } from '../scratch.ts';
import { copyStructure } from './structure.ts';

/** Makes the scratch database of a rehearsal from the run's backup: every dry-run is also a restore test. */
export async function restoreIntoScratch(name: string, context: RunContext): Promise<void> {
  const of = databaseOf(context, name);
  const folder = scratchFolder(context.places.scratch, context.run);
  await makeScratchFolder(folder);
  const file = join(folder, `${encodeURIComponent(name)}.db`);
  const isFilled = context.environment.rehearse === 'full' && of.engine !== undefined;
  if (isFilled) await fill(file, of, context);
  of.scratch = await openScratch(file, {
    ifMissing: isFilled ? 'refuse' : 'create',
    bookkeeping: of.database.table,
    like: of.target.address,
  });
  if (of.engine && !isFilled) {
    await copyStructure(of.engine, of.scratch.engine, { bookkeeping: of.database.table });
  }
}

/** Where no copy was taken there is none to restore: the rehearsal gets one of its own. */
async function fill(file: string, of: RunDatabase, context: RunContext): Promise<void> {
  const { backup, database } = of;
  if (backup?.copy.kind !== 'copy') {
    await copyTo(file, of, context, 'dry-run');
    return;
  }
  const from = backupFileOf(context.places.backups, backup.id, database.name);
  await restoreFile({ from, to: file, ifMissing: 'create', signal: context.signal });
}
