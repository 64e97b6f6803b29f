import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Dialect } from '../sql/statement.ts';

/**
 * What the migrations of a Drizzle folder are written in, as drizzle-kit noted it in its journal (0.x) or in its newest
 * snapshot (1.0); undefined where it noted nothing, or another than these two.
 */
export function folderDialect(directory: string): Dialect | undefined {
  const noted = dialectIn(join(directory, 'meta', '_journal.json')) ?? newestNoted(directory);
  return dialectNoted(noted);
}

/** What a `dialect` in drizzle-kit's own files means. */
export function dialectNoted(noted: unknown): Dialect | undefined {
  return dialects.get(noted);
}

/** `turso` is noted as `sqlite`; 1.0 says `postgres` where 0.x said `postgresql`. */
const dialects: ReadonlyMap<unknown, Dialect> = new Map<unknown, Dialect>([
  ['sqlite', 'sqlite'],
  ['postgresql', 'postgres'],
  ['postgres', 'postgres'],
]);

function newestNoted(directory: string): unknown {
  for (const name of foldersOf(directory)) {
    const noted = dialectIn(join(directory, name, 'snapshot.json'));
    if (noted !== undefined) return noted;
  }
  return undefined;
}

function foldersOf(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
      .filter((name) => /^\d{14}/.test(name))
      .toSorted()
      .toReversed();
  } catch {
    // Not there yet, or not readable: whoever reads the migrations says so.
    return [];
  }
}

function dialectIn(file: string): unknown {
  try {
    const noted: unknown = JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
    return typeof noted === 'object' && noted !== null && 'dialect' in noted ? noted.dialect : undefined;
  } catch {
    // The same: what is broken in it is told where its migrations are read.
    return undefined;
  }
}
