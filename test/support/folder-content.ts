import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Every file below a folder with the hash of its bytes, so that two looks can be compared byte for byte. */
export function folderContent(folder: string): Readonly<Record<string, string>> {
  if (!existsSync(folder)) return {};
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted();
  return Object.fromEntries(names.map((name) => [name, contentOf(join(folder, name))]));
}

function contentOf(path: string): string {
  const found = lstatSync(path);
  if (!found.isFile()) return found.isDirectory() ? 'folder' : 'other';
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
