import { MigrateError } from '../../lib/errors.ts';
import { some } from '../../migrations/some.ts';
import { numberOf } from '../../migrations/number-of.ts';
import type { RollbackDatabase } from './database.ts';

/**
 * No selected database has a migration of this number: which numbers there are, and the nearest that can stay.
 *
 * @returns undefined where migrations are called after times, of which nobody means one by its number
 */
export function noSuchNumber(
  databases: readonly RollbackDatabase[],
  wanted: bigint,
): MigrateError | undefined {
  const numbered = databases.map(({ database, migrations }) => ({
    database,
    numbers: migrations.map(({ tag }) => numberOf(tag)).filter((number) => number !== undefined),
  }));
  const all = numbered.flatMap(({ numbers }) => numbers);
  if (all.length === 0 || all.some((number) => number >= firstTime)) return undefined;
  const below = all
    .filter((number) => number < wanted)
    .toSorted(ascending)
    .at(-1);
  const has = numbered.map(({ database, numbers }) => `${database} has ${spans(numbers)}`);
  const names = numbered.map(({ database }) => database).join(' or ');
  return new MigrateError(
    'not-found',
    `No migration of ${names} has the number ${wanted}. Nothing was changed.`,
    {
      next: `${has.join(', ')}: ${below === undefined ? 'all of them are above it, and --to nothing takes them back' : `the next below is --to ${below}`}.`,
    },
  );
}

/** What is longer begins with a year. */
const firstTime = 10_000_000n;

/** `0 to 4, 7, 9 to 12` */
function spans(numbers: readonly bigint[]): string {
  if (numbers.length === 0) return 'none';
  const found: { first: bigint; last: bigint }[] = [];
  for (const number of [...new Set(numbers)].toSorted(ascending)) {
    const open = found.at(-1);
    if (open && open.last + 1n === number) open.last = number;
    else found.push({ first: number, last: number });
  }
  return some(
    found.map(({ first, last }) => (first === last ? `${first}` : `${first} to ${last}`)),
    8,
  );
}

function ascending(a: bigint, b: bigint): number {
  return a < b ? -1 : Number(a > b);
}
