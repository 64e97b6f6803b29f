import { MigrateError } from '../lib/errors.ts';
import { safe } from '../lib/safe-text.ts';
import type { Migration } from './migration.ts';
import { numberOf } from './number-of.ts';

/**
 * Refuses two migrations of one database with one number: its record would be that of both.
 *
 * @throws MigrateError `migrations`
 */
export function refuseSameNumbers(directory: string, migrations: readonly Migration[]): void {
  const seen = new Map<bigint, string>();
  for (const { tag } of migrations) {
    const number = numberOf(tag);
    if (number === undefined) continue;
    const other = seen.get(number);
    if (other !== undefined) throw sameNumber(directory, number, [other, tag]);
    seen.set(number, tag);
  }
}

function sameNumber(directory: string, number: bigint, tags: readonly [string, string]): MigrateError {
  const [first, second] = tags.map((tag) => safe(tag, { lines: 'one' }));
  return new MigrateError(
    'migrations',
    `${first} and ${second} in ${safe(directory, { lines: 'one' })} have the same number, ${number}, and a record has room for one`,
    {
      next: 'Give the one that was not applied anywhere the next free number; where they belong to two databases, only in migrate-tui.config.ts divides the folder.',
    },
  );
}
