import { existsSync } from 'node:fs';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { portablePath } from '../../lib/portable-path.ts';
import { rename, rm } from '../../lib/patient-fs.ts';
import { folderFiles, written } from '../kit/folder-files.ts';
import type { Workspace } from '../workspace.ts';

/**
 * Makes a folder, and the one of its companions, what a copy of them is. The folder of before goes whole into our own
 * place first; the journal, which makes the rest count, is written last, and only then are files taken away.
 *
 * @returns where the folder of before is kept, relative to the project
 */
export async function exchange(
  { places, project }: Workspace,
  { directory, copy, tag }: { readonly directory: string; readonly copy: string; readonly tag: string },
): Promise<string> {
  const kept = join(places.home, 'replaced', `${tag}-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`);
  await mkdir(kept, { recursive: true });
  await writeFile(join(places.home, '.gitignore'), '*\n');
  await cp(directory, kept, { recursive: true });
  if (existsSync(`${directory}.extra`)) await cp(`${directory}.extra`, `${kept}.extra`, { recursive: true });
  const pairs = [
    { from: `${copy}.extra`, to: `${directory}.extra` },
    { from: copy, to: directory },
  ];
  for (const pair of pairs) await bring(pair);
  for (const pair of pairs) await takeAway(pair);
  return portablePath(project.root, kept);
}

interface Pair {
  readonly from: string;
  readonly to: string;
}

async function bring({ from, to }: Pair): Promise<void> {
  const files = written(await filesBelow(to), await filesBelow(from)).map(({ file }) => file);
  const isJournal = (file: string) => file.endsWith('_journal.json');
  for (const file of [...files.filter((one) => !isJournal(one)), ...files.filter(isJournal)]) {
    await mkdir(dirname(join(to, file)), { recursive: true });
    await cp(join(from, file), join(to, `${file}.new`));
    await rename(join(to, `${file}.new`), join(to, file));
  }
}

/** With it its folder, where that is then empty: a migration of Drizzle 1.0 is one. */
async function takeAway({ from, to }: Pair): Promise<void> {
  const there = await filesBelow(from);
  for (const file of (await filesBelow(to)).keys()) {
    if (there.has(file)) continue;
    await rm(join(to, file), { force: true });
    const folder = dirname(join(to, file));
    if (folder !== to && !existsSync(join(from, dirname(file))))
      await rm(folder, { recursive: true, force: true });
  }
}

async function filesBelow(folder: string): Promise<ReadonlyMap<string, string>> {
  const files = await folderFiles(folder);
  return new Map([...files].map(([file, hash]) => [relative(folder, file), hash]));
}
