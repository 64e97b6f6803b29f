import type { Bookkeeping, Entry } from '../../bookkeeping/bookkeeping.ts';
import { namesOf } from '../../bookkeeping/drizzle-upgrade.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { Migration } from '../../migrations/migration.ts';
import { numberOf } from '../../migrations/number-of.ts';

/** Which record belongs to which migration. */
export interface Paired {
  readonly entryOf: ReadonlyMap<Migration, Entry>;
  /** Further records of a migration that has one. */
  readonly duplicates: readonly { readonly migration: Migration; readonly entry: Entry }[];
  /** Records that belong to no migration, oldest first. */
  readonly orphans: readonly Entry[];
}

/** Pairs by what the table tells migrations by; among several of the same, by hash, then in order. */
export function pairUp(
  migrations: readonly Migration[],
  entries: readonly Entry[],
  bookkeeping: Pick<Bookkeeping, 'kind' | 'nameOf'>,
): Paired {
  const keys = keysOf(migrations, entries, bookkeeping);
  const byKey = Map.groupBy(migrations, keys.ofMigration);
  const entryOf = new Map<Migration, Entry>();
  const duplicates: { migration: Migration; entry: Entry }[] = [];
  const orphans: Entry[] = [];
  for (const [key, group] of Map.groupBy(entries, keys.ofEntry)) {
    const candidates = byKey.get(key) ?? [];
    const rest = pairGroup(candidates, group, entryOf);
    const [first] = candidates;
    if (first) duplicates.push(...rest.map((entry) => ({ migration: first, entry })));
    else orphans.push(...rest);
  }
  return { entryOf, duplicates, orphans: orphans.toSorted((a, b) => a.createdAt - b.createdAt) };
}

interface Keys {
  readonly ofMigration: (migration: Migration) => string | number;
  readonly ofEntry: (entry: Entry) => string | number;
}

function keysOf(
  migrations: readonly Migration[],
  entries: readonly Entry[],
  { kind, nameOf }: Pick<Bookkeeping, 'kind' | 'nameOf'>,
): Keys {
  switch (kind) {
    case 'drizzle-0':
      return timeKeys;
    case 'drizzle-1':
      return nameKeys(entries, migrations);
    case 'd1':
      return {
        ofMigration: (migration) => nameOf(migration) ?? migration.tag,
        // A number is no name, so a row without one stays an orphan.
        ofEntry: ({ name, rowid }) => name ?? rowid,
      };
    case 'numbered':
      return numberKeys;
    default:
      return unreachable(kind);
  }
}

const numberKeys: Keys = {
  ofMigration: ({ tag }) => String(numberOf(tag) ?? tag),
  // What has no number is no record of such a table; a number is no text, so it would stay an orphan.
  ofEntry: ({ version, rowid }) => version ?? rowid,
};

const timeKeys: Keys = {
  ofMigration: ({ when }) => when,
  ofEntry: ({ createdAt }) => createdAt,
};

/** A row without a name (written by 0.x code, or before the table was upgraded) gets the one that 1.0 would give it. */
function nameKeys(entries: readonly Entry[], migrations: readonly Migration[]): Keys {
  const nameless = entries.filter(({ name }) => name === undefined);
  const matches = namesOf(nameless, migrations);
  return {
    ofMigration: ({ tag }) => tag,
    // A number is no tag, so such a row stays an orphan.
    ofEntry: (entry) => entry.name ?? matches.get(entry)?.migration.tag ?? entry.rowid,
  };
}

/** Fills `entryOf` and returns the entries that are left over. */
function pairGroup(
  candidates: readonly Migration[],
  group: readonly Entry[],
  entryOf: Map<Migration, Entry>,
): readonly Entry[] {
  const open = new Set(group);
  for (const migration of candidates) {
    const same = [...open].find(({ hash }) => hash === migration.hash);
    if (same) take(migration, same);
  }
  for (const migration of candidates) {
    const [next] = open;
    if (next && !entryOf.has(migration)) take(migration, next);
  }
  return [...open];

  function take(migration: Migration, entry: Entry): void {
    entryOf.set(migration, entry);
    open.delete(entry);
  }
}
