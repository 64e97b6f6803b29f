import type { Dirent } from 'node:fs';
import { join, matchesGlob } from 'node:path';
import { inBatches } from '../lib/in-batches.ts';
import { MigrateError } from '../lib/errors.ts';
import { safe } from '../lib/safe-text.ts';
import { readEntries } from './listing.ts';

/** What wrangler finds in a migration folder: paths relative to it, with forward slashes, in no order. */
export interface WranglerFiles {
  /** Those that it runs. */
  readonly run: readonly string[];
  /** Links that fit the pattern: it passes them by. */
  readonly links: readonly string[];
  /** SQL files that do not fit the pattern, looked for one folder deep or as deep as the pattern goes. */
  readonly others: readonly string[];
}

/** Which files wrangler runs where no `migrations_pattern` is set. */
export const defaultPattern = '*.sql';

/**
 * @param pattern relative to the folder
 * @throws MigrateError `migrations` for a folder that cannot be read, or a pattern that says something else than it seems to
 */
export async function wranglerFiles(directory: string, pattern: string): Promise<WranglerFiles> {
  refuseMisleading(pattern);
  const found = await filesBelow({ directory, pattern }, '');
  const named = (kind: Found['kind']) => found.flatMap((each) => (each.kind === kind ? [each.name] : []));
  return { run: named('run'), links: named('link'), others: named('other') };
}

interface Search {
  readonly directory: string;
  readonly pattern: string;
}

interface Found {
  readonly name: string;
  readonly kind: 'run' | 'link' | 'other';
}

async function filesBelow(search: Search, folder: string): Promise<readonly Found[]> {
  const entries = await readEntries(join(search.directory, folder));
  const nameOf = ({ name }: Dirent) => (folder === '' ? name : `${folder}/${name}`);
  const here = entries.flatMap((entry) => foundAs(entry, nameOf(entry), search));
  const folders = entries.flatMap((entry) =>
    entry.isDirectory() && looksInto(nameOf(entry), search) ? [nameOf(entry)] : [],
  );
  const below = await inBatches(folders, 64, (name) => filesBelow(search, name));
  return [...here, ...below.flat()];
}

function foundAs(entry: Dirent, name: string, { pattern }: Search): readonly Found[] {
  if (entry.isDirectory()) return [];
  // Node's is the library that wrangler has; like there, `*` does not match a dot at the beginning.
  if (matchesGlob(name, pattern)) return [{ name, kind: entry.isFile() ? 'run' : 'link' }];
  return name.toLowerCase().endsWith('.sql') ? [{ name, kind: 'other' }] : [];
}

function looksInto(folder: string, { pattern }: Search): boolean {
  const path = folder.split('/');
  if (path.length === 1 && !folder.startsWith('.')) return true;
  // What may stand for several folders, or holds a slash inside a group, is looked for everywhere.
  if (/\*\*|[{(]/.test(pattern)) return true;
  const folders = pattern.split('/').slice(0, -1);
  return path.length <= folders.length && matchesGlob(folder, folders.slice(0, path.length).join('/'));
}

/** At the very beginning wrangler takes `!` for "every file but these", and `#` for a comment: no file. */
function refuseMisleading(pattern: string): void {
  if (!/^[!#]/.test(pattern)) return;
  const means = pattern.startsWith('!')
    ? 'every file but these, whatever its kind'
    : 'nothing at all: a comment';
  throw new MigrateError(
    'migrations',
    `migrations_pattern ${safe(pattern, { lines: 'one' })} begins with ${pattern.charAt(0)} after the folder, which means ${means} to wrangler`,
    { next: 'Write a pattern that names the files to run, such as *.sql or */migration.sql after the folder.' },
  );
}
