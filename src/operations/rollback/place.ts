import { MigrateError } from '../../lib/errors.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { Migration } from '../../migrations/migration.ts';
import { numberOf } from '../../migrations/number-of.ts';
import { findMigration, named } from '../history/find-migration.ts';
import { appliedIn, type RollbackDatabase } from './database.ts';
import { noSuchNumber } from './no-such-number.ts';

/** What stays applied in one database. */
export type Place =
  /** Everything up to this one. */
  | { readonly kind: 'up-to'; readonly migration: Migration }
  /** Nothing at all. */
  | { readonly kind: 'nothing' }
  /** The database is not meant: what was named is in another one. */
  | { readonly kind: 'untouched' };

/** What `--to` says for "no migration stays". */
export const nothingStays = 'nothing';

/**
 * How far each database goes back: to a tag or its unique beginning, which the others need not have and then go
 * nowhere; to a number, a threshold over all of them; to `nothing`, or 0 where no migration has that number.
 *
 * @returns as many as databases, in their order
 * @throws MigrateError `not-found`, `usage` where 0 says two things, `refused` where what is to stay is not there
 */
export function placesOf(
  databases: readonly RollbackDatabase[],
  { to, environment }: { readonly to: string; readonly environment: string },
): readonly Place[] {
  const all = databases.flatMap(({ history }) => migrationsIn(history));
  const meant = meaningOf(to, all, databases);
  switch (meant.kind) {
    case 'nothing':
      return databases.map(() => ({ kind: 'nothing' }));
    case 'threshold':
      return databases.map((database) => below(database, meant.number));
    case 'tag':
      return databases.map((database) => atTag(database, { to, environment }));
    default:
      return unreachable(meant);
  }
}

type Meaning =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'threshold'; readonly number: bigint }
  | { readonly kind: 'tag' };

function meaningOf(to: string, all: readonly Migration[], databases: readonly RollbackDatabase[]): Meaning {
  const isTag = all.some(({ tag }) => tag === to);
  if (isTag) return { kind: 'tag' };
  if (to === nothingStays) return { kind: 'nothing' };
  if (/^\d+$/.test(to)) return meaningOfNumber(to, all, databases);
  if (named(all, to).length === 0) findMigration(all, to);
  return { kind: 'tag' };
}

/** Digits may be a number, and the beginning of a tag that is made of more of them, as those of Drizzle 1.0 are. */
function meaningOfNumber(
  to: string,
  all: readonly Migration[],
  databases: readonly RollbackDatabase[],
): Meaning {
  const number = BigInt(to);
  const numbered = all.filter(({ tag }) => numberOf(tag) === number);
  const [first] = numbered;
  if (first) {
    if (to === '0') throw saysTwoThings(first);
    return { kind: 'threshold', number };
  }
  if (number === 0n) return { kind: 'nothing' };
  if (named(all, to).length > 0) return { kind: 'tag' };
  const error = noSuchNumber(databases, number);
  if (error) throw error;
  findMigration(all, to);
  return { kind: 'tag' };
}

/** The first migration of Drizzle 0.x has the number 0. */
function saysTwoThings({ tag }: Migration): MigrateError {
  return new MigrateError(
    'usage',
    `0 may mean that ${tag} stays applied, or that nothing does. Nothing was changed.`,
    { next: `Write --to ${tag}, or --to ${nothingStays}.` },
  );
}

/** Of a database that was never at the number nothing has to be there: everything above it goes. */
function below({ history }: RollbackDatabase, number: bigint): Place {
  const last = migrationsIn(history).findLast(({ tag }) => {
    const own = numberOf(tag);
    return own !== undefined && own <= number;
  });
  return last ? { kind: 'up-to', migration: last } : { kind: 'nothing' };
}

function atTag(
  database: RollbackDatabase,
  { to, environment }: { readonly to: string; readonly environment: string },
): Place {
  const migrations = migrationsIn(database.history);
  if (named(migrations, to).length === 0) return { kind: 'untouched' };
  const migration = findMigration(migrations, to);
  const applied = appliedIn(database.history).map((item) => item.migration);
  if (applied.includes(migration)) return { kind: 'up-to', migration };
  const at = migrations.indexOf(migration);
  const isLast = applied.every((one) => migrations.indexOf(one) < at);
  if (isLast) return { kind: 'up-to', migration };
  throw notThere(migration, applied.findLast((one) => migrations.indexOf(one) < at)?.tag, {
    environment,
    database: database.database,
  });
}

function notThere(
  { tag }: Migration,
  before: string | undefined,
  { environment, database }: { readonly environment: string; readonly database: string },
): MigrateError {
  return new MigrateError(
    'refused',
    `${tag} is not applied in ${environment} (${database}), so it cannot be what stays. Nothing was changed.`,
    { next: `The one before it that is applied: --to ${before ?? nothingStays}` },
  );
}

function migrationsIn({ items }: RollbackDatabase['history']): readonly Migration[] {
  return items.flatMap((item) => ('migration' in item ? [item.migration] : []));
}
