import { existsSync } from 'node:fs';
import { link } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { rm } from '../../lib/patient-fs.ts';
import { isHeld } from '../held-files.ts';
import { isBusy } from './local-errors.ts';

/**
 * Whether another program, such as `wrangler dev`, has miniflare's file open at this moment; `unknown` where its file
 * system does not let it be found out, and while this process has it open itself. Nothing about the database is
 * changed, also when nobody has it open.
 */
export async function isServed(path: string): Promise<'yes' | 'no' | 'unknown'> {
  // Closing any handle on a file gives up all locks that another library of this process has on it.
  if (isHeld(path)) return 'unknown';
  // In WAL mode, which miniflare sets, there is one from the first statement to the last close, and after a kill.
  if (!existsSync(`${path}-wal`)) return 'no';
  const other = `${path}.${process.pid}.probe`;
  try {
    await link(path, other);
    return isLocked(other) ? 'yes' : 'no';
  } catch {
    return 'unknown';
  } finally {
    // Its own `-wal` is gone with the connection; the database's is not touched.
    await rm(other, { force: true });
  }
}

/**
 * Locks belong to the file, whatever name it was opened by, and every connection in WAL mode shares one as long as it
 * is open. Under its own name the last one to leave would also write the WAL back and delete it.
 */
function isLocked(path: string): boolean {
  using db = new DatabaseSync(path, { timeout: 0 });
  try {
    db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; ROLLBACK');
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw error;
  }
}
