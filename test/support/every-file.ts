import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface FileContent {
  readonly path: string;
  readonly bytes: Buffer;
}

/** Every file below a folder. */
export async function everyFile(folder: string): Promise<readonly FileContent[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Promise.all(
    files.map(async ({ parentPath, name }) => {
      const path = join(parentPath, name);
      return { path, bytes: await readFile(path) };
    }),
  );
}
