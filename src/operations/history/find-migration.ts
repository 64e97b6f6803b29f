import { MigrateError } from '../../lib/errors.ts';
import { count } from '../../lib/numbers.ts';
import type { Migration } from '../../migrations/migration.ts';
import { numberOf } from '../../migrations/number-of.ts';

/**
 * The migration that a person means: by its tag, the unique beginning of it, or the number it begins with.
 * Throws `MigrateError` `not-found`, with the candidates, when none fits or several do.
 */
export function findMigration(migrations: readonly Migration[], wanted: string): Migration {
  const [found, ...others] = named(migrations, wanted);
  if (found && others.length === 0) return found;
  if (!found) {
    throw new MigrateError('not-found', `No migration begins with ${wanted}`, { next: known(migrations) });
  }
  const all = [found, ...others].map(({ tag }) => tag);
  throw new MigrateError('not-found', `${count(all.length)} migrations begin with ${wanted}`, {
    next: `Write more of the name: ${list(all)}.`,
  });
}

/** All that a tag, the beginning of one, or a number may mean; a whole tag means itself alone. */
export function named<Tagged extends { readonly tag: string }>(
  all: readonly Tagged[],
  wanted: string,
): readonly Tagged[] {
  const exact = all.filter(({ tag }) => tag === wanted);
  if (exact.length > 0) return exact;
  const isNumber = /^\d+$/.test(wanted);
  const byNumber = isNumber ? all.filter(({ tag }) => numberOf(tag) === BigInt(wanted)) : [];
  if (byNumber.length > 0) return byNumber;
  const byPrefix = wanted === '' ? [] : all.filter(({ tag }) => tag.startsWith(wanted));
  // Of `10_rooms` the 1 is no beginning that anybody means; of a time the year and the month are, as zeros before it.
  return isNumber ? byPrefix.filter(({ tag }) => /^(?:0|\d{8})/.test(tag)) : byPrefix;
}

function known(migrations: readonly Migration[]): string {
  if (migrations.length === 0) return 'The folder has no migrations.';
  return `The newest are ${list(migrations.slice(-5).map(({ tag }) => tag))}.`;
}

function list(tags: readonly string[]): string {
  const shown = tags.slice(0, 10).join(', ');
  return tags.length > 10 ? `${shown} and ${count(tags.length - 10)} more` : shown;
}
