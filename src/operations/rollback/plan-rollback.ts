import type { Entry } from '../../bookkeeping/bookkeeping.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { Migration } from '../../migrations/migration.ts';
import type { HistoryItem } from '../history/history.ts';
import { appliedIn, type RollbackDatabase } from './database.ts';
import { placesOf, type Place } from './place.ts';
import { refusalOf } from './refusals.ts';
import { asUndone } from './undone.ts';

/** What a rollback of one database runs. */
export interface Rollback {
  readonly database: string;
  /** Newest first: tag, hash and time are the file's, the statements are those of its rollback file. */
  readonly undone: readonly Migration[];
  /** The record that each of them has, by tag. */
  readonly erases: ReadonlyMap<string, Entry>;
  /** The newest that stays; undefined: none. */
  readonly at: string | undefined;
}

/**
 * What is taken back so that `to` is the newest that stays applied (see `placesOf`).
 *
 * @returns one for each database, in their order
 * @throws MigrateError `refused` with everything that stands in the way, `not-found`, `usage`
 */
export function planRollback(
  databases: readonly RollbackDatabase[],
  wanted: { readonly to: string; readonly environment: string },
): readonly Rollback[] {
  const places = placesOf(databases, wanted);
  const ranges = databases.map((database, index) => ({
    ...database,
    range: rangeAfter(places[index] ?? { kind: 'untouched' }, database),
  }));
  const refusal = refusalOf(ranges, wanted.environment);
  if (refusal) throw refusal;
  return ranges.map(({ database, history, bookkeeping, range }) => {
    const recorded = appliedIn({ items: range });
    const gone = new Set(recorded);
    return {
      database,
      undone: recorded.map(({ migration }) => undoing(migration, bookkeeping)).toReversed(),
      erases: new Map(recorded.map(({ migration, entry }) => [migration.tag, entry])),
      at: appliedIn(history).findLast((item) => !gone.has(item))?.migration.tag,
    };
  });
}

function rangeAfter(place: Place, { history: { items } }: RollbackDatabase): readonly HistoryItem[] {
  switch (place.kind) {
    case 'nothing':
      return items;
    case 'untouched':
      return [];
    case 'up-to': {
      const at = items.findIndex((item) => 'migration' in item && item.migration === place.migration);
      return items.slice(at + 1);
    }
    default:
      return unreachable(place);
  }
}

/** Its verify queries are about a database that has it. */
function undoing(
  { verify: _verify, ...migration }: Migration,
  { kind, nameOf }: RollbackDatabase['bookkeeping'],
): Migration {
  // wrangler's table goes by the path of the file that was applied.
  const recordedAs = kind === 'd1' ? nameOf(migration) : undefined;
  return { ...asUndone(migration), ...(recordedAs !== undefined && { recordedAs }) };
}
