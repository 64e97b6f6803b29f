import { leaseTexts } from '../../bookkeeping/lease-texts.ts';
import { quantity } from '../../lib/numbers.ts';
import type { Step } from '../../operations/plan/step.ts';
import type { BackedUpDatabase } from '../backups/manifest.ts';
import { findBackup } from '../backups/backups.ts';
import { asStep, databaseOf, type RunContext, type RunDatabase } from '../context.ts';
import { copyIn } from '../backups/copies.ts';
import { orFromArchive } from '../backups/from-archive.ts';
import { renewedLock } from '../lock/lock.ts';
import { noted } from '../unit/noted.ts';
import { clearNameOf, openBackup } from '../backups/open-backup.ts';
import { rewindTo } from '../backups/rewind-to.ts';
import { renewBackup } from './renew-backup.ts';

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
    if (!copy) throw new Error(`${backup} has no copy of ${name}.`);
    await renewBackup(of, context);
    let undo: string | undefined;
    await noted(context, { database: name, what: `the restore of ${backup}` }, async () => {
      undo = await overwrite(of, copy, backup, context);
    });
    return { says: whatIsBack(backup, copy, undo) };
  });
}

/** Rows are counted where they were copied; a server's history is believed, and its schema and records read back. */
function whatIsBack(backup: string, copy: BackedUpDatabase, undo: string | undefined): string {
  if (copy.kind === 'position') {
    const before = undo === undefined ? '' : `; until then it was at ${undo}`;
    return `${backup} is back: taken back to ${copy.position}, schema and records read back${before}`;
  }
  const rows = copy.tables.reduce((sum, table) => sum + table.rows, 0);
  return `${backup} is back: ${quantity(copy.tables.length, 'table')}, ${quantity(rows, 'row')}, read back`;
}

/** @returns where the server's history was just before, if it keeps one */
async function overwrite(
  of: RunDatabase,
  copy: BackedUpDatabase,
  backup: string,
  context: RunContext,
): Promise<string | undefined> {
  const engine = await of.open({ ifMissing: 'create' });
  if (!of.lock) throw new Error(`${of.database.name} is not locked.`);
  const lock = await renewedLock(engine, of.lock);
  const taker = {
    run: context.key,
    by: context.who.by,
    host: context.who.host,
    backup: context.progress.backup,
  };
  const lease = leaseTexts(engine.query.dialect);
  const prepare = lease.plant(taker, lock.epoch + 1);
  const onBack = () => void (context.progress.restored = backup);
  let undo: string | undefined;
  if (copy.kind === 'position') {
    const at = { backups: context.places.backups, id: backup, environment: context.environment.name };
    undo = await rewindTo({ engine, of }, copy, { prepare, run: context.key, onBack }).catch(
      (error: unknown) => {
        throw orFromArchive(error, copy, at);
      },
    );
  } else {
    await using kept = await openBackup(context, { id: backup, file: copy }, context);
    const landed = lease.planted(taker, lock.epoch + 1);
    const onRemark = (message: string) => context.events.emit({ kind: 'notice', level: 'warning', message });
    const { signal } = context;
    const { backup: use } = kept;
    const called = use === 'used-up' ? decryptedName(copy, backup, context) : kept.path;
    const how = { backup: use, called, fence: lock.fence(null), prepare, landed, onRemark, signal };
    await copyIn({ address: of.target.address, engine }, kept.path, how);
    onBack();
  }
  of.lock = await renewedLock(engine, of.lock);
  return undo;
}

/** What is decrypted for this restore alone is gone when a person looks for it. */
function decryptedName(
  copy: Extract<BackedUpDatabase, { kind: 'copy' }>,
  backup: string,
  { environment }: RunContext,
): string {
  return `FOLDER/${clearNameOf(copy)}, which migrate-tui decrypt ${environment.name} ${backup} FOLDER writes`;
}
