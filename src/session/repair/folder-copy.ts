import { existsSync } from 'node:fs';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { rm } from '../../lib/patient-fs.ts';
import { copyFolder } from '../../migrations/squash-files.ts';
import type { Database } from '../../project/project.ts';
import type { Workspace } from '../workspace.ts';

/** A folder of migrations that can be tried things on, as long as it is held. */
export interface FolderCopy extends AsyncDisposable {
  /** Absolute path; the companions are in `<path>.extra`, as beside the folder itself. */
  readonly path: string;
}

/** Copies a migration folder into the scratch folder, where a new order can be tried; removed at the end of the scope. */
export async function copyOfFolder(
  { places: { scratch } }: Pick<Workspace, 'places'>,
  { directory }: Pick<Database, 'directory'>,
): Promise<FolderCopy> {
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  const place = await mkdtemp(join(scratch, 'folder-'));
  const path = join(place, 'folder');
  await copyFolder(directory, path);
  if (existsSync(`${directory}.extra`)) await copyFolder(`${directory}.extra`, `${path}.extra`);
  return { path, [Symbol.asyncDispose]: () => rm(place, { recursive: true, force: true }) };
}
