import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { rename, rm } from '../lib/patient-fs.ts';
import { MigrateError } from '../lib/errors.ts';
import type { NewFile, NewMigration } from './new-migration.ts';

/**
 * Writes a new migration in an order in which it counts only when all of it is there. What was written is taken away
 * again when it cannot be finished.
 *
 * @throws MigrateError `storage` with everything as it was
 */
export async function writeNewMigration({ tag, writes }: NewMigration): Promise<void> {
  const written: string[] = [];
  try {
    for (const file of writes) {
      await write(file);
      if (file.how === 'made') written.push(file.path);
    }
  } catch (cause) {
    for (const path of written) await rm(path, { force: true });
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new MigrateError('storage', `${tag} cannot be written: ${why}. Nothing of it is left.`, {
      next: 'Correct the permissions of the folder, or choose another name, then run it again.',
      cause,
    });
  }
}

async function write({ path, text, how }: NewFile): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  if (how === 'made') return writeFile(path, text, { flag: 'wx' });
  const beside = `${path}.new`;
  await writeFile(beside, text);
  await rename(beside, path);
}
