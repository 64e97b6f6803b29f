import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { rename, rm } from '../../lib/patient-fs.ts';
import { codeOf } from '../../lib/error-code.ts';
import { isArchived } from './manifest.ts';
import { listBackups, unfinished } from './backups.ts';

/** Removes sets older than `keepDays`, but never an archive, nor an environment's newest whole one; unfinished ones of dead runs go too. */
export async function sweepBackups(
  folder: string,
  { keepDays, now }: { readonly keepDays: number; readonly now: Date },
): Promise<void> {
  const oldest = now.getTime() - keepDays * 86_400_000;
  const seen = new Set<string>();
  for (const manifest of await listBackups(folder)) {
    const { id, environment, takenAt, partial } = manifest;
    // A partial one leads back to no whole state, so it does not stand for the newest.
    const isNewest = partial === undefined && !seen.has(environment);
    if (isNewest) seen.add(environment);
    if (!isNewest && !isArchived(manifest) && Date.parse(takenAt) < oldest) await removeSet(folder, id);
  }
  await sweepUnfinished(folder, now);
}

/** Under another name first: who reads the list meanwhile, or after a removal that was cut off, never meets half of a set. */
async function removeSet(folder: string, id: string): Promise<void> {
  const aside = join(folder, `${id}${removed}`);
  await rename(join(folder, id), aside).catch((error: unknown) => {
    // Another run of the project was faster.
    if (codeOf(error) !== 'ENOENT') throw error;
  });
  await rm(aside, { recursive: true, force: true });
}

/** A killed run leaves its draft; no backup takes a day, so older ones belong to nobody. What was being removed goes. */
async function sweepUnfinished(folder: string, now: Date): Promise<void> {
  if (!existsSync(folder)) return;
  for (const name of (await readdir(folder)).filter((entry) => entry.endsWith(removed)))
    await rm(join(folder, name), { recursive: true, force: true });
  for (const name of (await readdir(folder)).filter((entry) => entry.endsWith(unfinished))) {
    const draft = join(folder, name);
    if (now.getTime() - (await stat(draft)).mtimeMs > 86_400_000)
      await rm(draft, { recursive: true, force: true });
  }
}

const removed = '.removed';
