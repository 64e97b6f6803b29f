import { stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { MigrateError } from '../../lib/errors.ts';
import { bytes } from '../../lib/numbers.ts';
import type { CopyStep } from '../../operations/plan/step.ts';
import type { RunContext, RunDatabase } from '../context.ts';
import { fileOf } from '../backups/copies.ts';
import { makeScratchFolder } from '../replay/scratch.ts';

/**
 * Of a database on a server, and of a part of one, the size is not known beforehand: the disk itself says when it is full.
 *
 * @throws MigrateError `storage`
 */
export async function refuseWithoutSpace(
  { database, from, by, tables }: CopyStep,
  { source, target }: RunDatabase,
  { places }: RunContext,
): Promise<void> {
  const [there, here] = [source && fileOf(source.target.address), fileOf(target.address)];
  if (there === undefined || here === undefined || tables.some(({ how }) => how === 'excluded')) return;
  await makeScratchFolder(places.scratch);
  const size = (await stat(there)).size;
  const folders = [dirname(here), ...(by === 'rows' ? [places.scratch] : [])];
  for (const folder of folders) {
    const { bavail, bsize } = await statfs(folder);
    if (bavail * bsize >= size) continue;
    throw new MigrateError(
      'storage',
      `The copy of ${from} needs ${bytes(size)} for ${database}; ${folder} has ${bytes(bavail * bsize)} free. Nothing was changed.`,
      { next: 'Make room there, or leave the rows of large tables out with --exclude.' },
    );
  }
}
