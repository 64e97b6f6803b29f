import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../../lib/error-code.ts';
import { sha256 } from '../../lib/hash.ts';

/** The content of every file below a folder, as hashes by path; none when the folder is not there. */
export async function folderFiles(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(
    await Promise.all(files.toSorted().map(async (file) => [file, sha256(await readFile(file))] as const)),
  );
}

/** Whether there are migrations that drizzle-kit knows nothing of: it would begin anew, with the whole schema. */
export function lacksSnapshots(files: ReadonlyMap<string, string>): boolean {
  const names = [...files.keys()];
  return names.some((name) => name.endsWith('.sql')) && !names.some((name) => name.endsWith('snapshot.json'));
}

/** What is in the second and was not in the first, or was another text. */
export function written(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly { readonly file: string; readonly how: 'made' | 'changed' }[] {
  return [...after]
    .filter(([file, hash]) => before.get(file) !== hash)
    .map(([file]) => ({ file, how: before.has(file) ? 'changed' : 'made' }) as const);
}
