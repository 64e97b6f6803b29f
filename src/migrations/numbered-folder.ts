import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { companionName } from './companions.ts';
import { numberedName } from './numbered-name.ts';

/**
 * Whether a folder is one of numbered files as it lies there: some SQL file in it begins with a number, and nothing is
 * Drizzle's, neither a journal nor a folder for each migration.
 */
export function isNumberedFolder(directory: string): boolean {
  if (existsSync(join(directory, 'meta', '_journal.json'))) return false;
  const entries = entriesOf(directory);
  const isDrizzle1 = entries.some(
    (entry) => /^\d{14}/.test(entry.name) && existsSync(join(directory, entry.name, 'migration.sql')),
  );
  return !isDrizzle1 && entries.some(({ name }) => isMigration(name));
}

/**
 * Whether rollback or verify files lie among numbered ones. wrangler would run them as migrations, so it is a runner of
 * numbered files that has such a folder.
 */
export function hasRunnerOfItsOwn(directory: string): boolean {
  return isNumberedFolder(directory) && entriesOf(directory).some(({ name }) => companionName.test(name));
}

function isMigration(name: string): boolean {
  return name.endsWith('.sql') && !companionName.test(name) && numberedName(name) !== undefined;
}

function entriesOf(directory: string) {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    // Not there yet, or not readable: whoever reads the migrations says so.
    return [];
  }
}
