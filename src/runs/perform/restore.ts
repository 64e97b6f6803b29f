import { join } from 'node:path';
import { plantLease } from '../../bookkeeping/lease.ts';
import { restoreFile } from '../../engines/libsql/restore-file.ts';
import { restoreRemote } from '../../engines/libsql/restore-remote.ts';
import type { Step } from '../../operations/plan.ts';
import { quantity } from '../../lib/numbers.ts';
import { backupFileOf, findBackup } from '../backups.ts';
import { asStep, databaseOf, type RunContext, type RunDatabase } from '../context.ts';
import { renewedLock } from '../lock.ts';
import { copyTo } from '../back-up-database.ts';
import { copyStructure } from './structure.ts';
import { makeScratchFolder, openScratch, scratchFolder } from '../scratch.ts';

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
  });
  if (of.engine && !isFilled) {
    await copyStructure(of.engine, of.scratch.engine, { bookkeeping: of.database.table });
  }
}

/** Where backups are taken elsewhere there is none to restore: the rehearsal gets a copy of its own. */
async function fill(file: string, of: RunDatabase, context: RunContext): Promise<void> {
  const from = backupOf(of, context);
  if (from === undefined) await copyTo(file, of, context, 'dry-run');
  else await restoreFile({ from, to: file, ifMissing: 'create', signal: context.signal });
}

/** Puts a backup's rows into the live target; the lock stays this run's, under a higher epoch. */
export async function restoreIntoTarget(
  { database: name, backup }: Extract<Step, { kind: 'restore'; into: 'target' }>,
  context: RunContext,
): Promise<void> {
  const of = databaseOf(context, name);
  const stopping = 'ctrl-c before the last page leaves the target as it is';
  await asStep(context, { step: 'restore', database: name, stopping }, async () => {
    const manifest = await findBackup(context.places.backups, backup, context.environment.name);
    const copy = manifest.databases.find(({ database }) => database === name);
    if (!copy) return { says: `${backup} has no copy of ${name}; it stays as it is` };
    await overwrite(of, backupFileOf(context.places.backups, backup, name), context);
    const rows = copy.tables.reduce((sum, table) => sum + table.rows, 0);
    return {
      says: `${backup} is back: ${quantity(copy.tables.length, 'table')}, ${quantity(rows, 'row')}, read back`,
    };
  });
}

async function overwrite(of: RunDatabase, from: string, context: RunContext): Promise<void> {
  const engine = await of.open({ ifMissing: 'create' });
  if (!of.lock) throw new Error(`${of.database.name} is not locked.`);
  const { epoch } = await renewedLock(engine, of.lock);
  const taker = {
    run: context.key,
    by: context.who.by,
    host: context.who.host,
    backup: context.progress.backup,
  };
  const prepare = plantLease(taker, epoch + 1);
  const { address } = of.target;
  if (address.kind === 'libsql-remote') {
    await restoreRemote({ from, engine, prepare, signal: context.signal });
  } else if (address.kind === 'libsql-file') {
    await restoreFile({ from, to: address.path, ifMissing: 'create', prepare, signal: context.signal });
  }
  of.lock = await renewedLock(engine, of.lock);
}

function backupOf({ backup, database }: RunDatabase, context: RunContext): string | undefined {
  return backup && backupFileOf(context.places.backups, backup.id, database.name);
}
