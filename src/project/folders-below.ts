import { readdirSync, type Dirent } from 'node:fs';
import { join } from 'node:path';

/**
 * The folders below one that fit, the nearest first; nothing below a folder that fits is looked at. No deeper than
 * three levels and no more than so many folders, so that it costs nothing to ask in a home folder or at the root.
 */
export function foldersBelow(start: string, fits: (folder: string) => boolean): readonly string[] {
  const found: string[] = [];
  let level = [start];
  let left = mostFolders;
  for (let depth = 0; depth < deepest && level.length > 0; depth += 1) {
    const next = level.flatMap(subfolders).slice(0, left);
    left -= next.length;
    const fitting = new Set(next.filter(fits));
    found.push(...fitting);
    level = next.filter((folder) => !fitting.has(folder));
  }
  return found;
}

const deepest = 3;
const mostFolders = 400;

function subfolders(folder: string): readonly string[] {
  return entriesOf(folder)
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
    .map(({ name }) => join(folder, name))
    .toSorted();
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // Closed to this user, or gone meanwhile: what cannot be seen is not named.
    return [];
  }
}
