import { MigrateError } from '../../lib/errors.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { Migration } from '../../migrations/migration.ts';
import { numberOf } from '../../migrations/number-of.ts';
import { findMigration, named } from './find-migration.ts';
import type { History } from './history.ts';
import { select } from './selection.ts';
import type { Selected, Wanted } from './selection.ts';

export interface DatabaseHistory {
  readonly database: string;
  readonly history: History;
}

/**
 * As `select`, for a command over several databases. A tag need be in one of them only, the others then run nothing;
 * a number is a threshold over all of them. Throws `MigrateError` `not-found` when none has it, or when `only`
 * does not say which database is meant.
 */
export function selectIn(
  databases: readonly DatabaseHistory[],
  wanted: Wanted,
): readonly (Selected & { readonly database: string })[] {
  const asked = wanted.only ?? wanted.to;
  const holders = asked === undefined ? databases : databases.filter((each) => holds(each, asked));
  if (asked !== undefined) checkHolders(databases, holders, { ...wanted, asked });
  return databases.map((each) => ({
    database: each.database,
    ...(holders.includes(each) ? select(each.history, wanted) : withoutTag(each.history, wanted)),
  }));
}

function holds({ history }: DatabaseHistory, asked: string): boolean {
  return named(migrationsOf(history), asked).length > 0;
}

function checkHolders(
  databases: readonly DatabaseHistory[],
  holders: readonly DatabaseHistory[],
  { asked, only }: Wanted & { readonly asked: string },
): void {
  // Reports with the candidates that there are.
  if (holders.length === 0)
    findMigration(
      databases.flatMap(({ history }) => migrationsOf(history)),
      asked,
    );
  if (only === undefined || holders.length < 2) return;
  const names = holders.map(({ database }) => database);
  throw new MigrateError('not-found', `${asked} names a migration in each of ${names.join(', ')}`, {
    next: `Say which is meant: --database ${names[0]}.`,
  });
}

/** A database that does not have the tag: everything below the number, or nothing. */
function withoutTag(history: History, wanted: Wanted): Selected {
  const below = thresholdOf(history, wanted);
  switch (below.kind) {
    case 'up-to':
      return select(history, { ...wanted, to: below.tag });
    case 'nothing': {
      const open = select(history, {
        environment: wanted.environment,
        to: undefined,
        only: undefined,
        order: 'out-of-order',
      });
      const why = `${wanted.only ?? wanted.to} is in another database`;
      return { selected: [], waiting: [...open.selected, ...open.waiting].map(({ tag }) => ({ tag, why })) };
    }
    default:
      return unreachable(below);
  }
}

type Threshold = { readonly kind: 'up-to'; readonly tag: string } | { readonly kind: 'nothing' };

function thresholdOf(history: History, { to, only }: Wanted): Threshold {
  if (only !== undefined || to === undefined || !/^\d+$/.test(to)) return { kind: 'nothing' };
  const threshold = BigInt(to);
  const last = migrationsOf(history).findLast(({ tag }) => {
    const number = numberOf(tag);
    return number !== undefined && number < threshold;
  });
  return last ? { kind: 'up-to', tag: last.tag } : { kind: 'nothing' };
}

function migrationsOf({ items }: History): readonly Migration[] {
  return items.flatMap((item) => ('migration' in item ? [item.migration] : []));
}
