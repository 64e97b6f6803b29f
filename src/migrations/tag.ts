import { MigrateError } from '../lib/errors.ts';
import { safe } from '../lib/safe-text.ts';

/** Why a text cannot name a migration, as the end of a sentence; undefined when it can. */
export function badTag(tag: string): string | undefined {
  if (tag.trim() === '') return 'it is empty';
  if (/[/\\]/.test(tag)) return 'it has a path separator, and migrations lie in one folder';
  if (tag === '.' || tag === '..') return 'it is a path';
  // Default-ignorable characters too: two tags that look the same must be the same.
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(tag)) return 'it has characters that cannot be seen';
  return undefined;
}

/** @param why as `badTag` says it */
export function badFileName(directory: string, name: string, why: string): MigrateError {
  const file = safe(name, { lines: 'one' });
  return new MigrateError(
    'migrations',
    `Migration file "${file}" in ${safe(directory, { lines: 'one' })} has a name that names no migration: ${why}`,
    { next: 'Rename the file, or move it out of the migration folder.' },
  );
}
