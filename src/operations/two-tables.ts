import type { Bookkeeping, Entry } from '../bookkeeping/bookkeeping.ts';
import type { DrizzleLine, Migration } from '../migrations/migration.ts';
import { some } from '../migrations/some.ts';
import { sameRecords, type Correction, type TrackingTable } from './correction.ts';
import { differsInLineEndsOnly } from './history-notes.ts';
import { pairUp } from './pair-up.ts';

/** What wrangler's table and Drizzle's say of the same migrations, in a database that has both. */
export interface TwoTables {
  /** In the order of running, each in exactly one of these four. */
  readonly inBoth: readonly Migration[];
  readonly onlyD1: readonly Migration[];
  readonly onlyDrizzle: readonly Migration[];
  readonly inNeither: readonly Migration[];
  /** Of those that Drizzle recorded: its hash is of another text than the file has now. */
  readonly edited: readonly Migration[];
  /** Records of Drizzle's table that belong to no file. */
  readonly drizzleOrphans: readonly Entry[];
}

export interface TwoTablesInput {
  readonly migrations: readonly Migration[];
  readonly d1: RecordsOf;
  readonly drizzle: Pick<RecordsOf, 'entries'>;
}

export interface RecordsOf {
  readonly bookkeeping: Pick<Bookkeeping, 'kind' | 'nameOf'>;
  readonly entries: readonly Entry[];
}

export function compareTables({ migrations, d1, drizzle }: TwoTablesInput): TwoTables {
  const inD1 = pairUp(migrations, d1.entries, d1.bookkeeping).entryOf;
  const inDrizzle = drizzleRecords(migrations, drizzle.entries);
  const which = (wanted: { readonly d1: 'in' | 'out'; readonly drizzle: 'in' | 'out' }) =>
    migrations.filter(
      (migration) =>
        inD1.has(migration) === (wanted.d1 === 'in') &&
        inDrizzle.entryOf.has(migration) === (wanted.drizzle === 'in'),
    );
  return {
    inBoth: which({ d1: 'in', drizzle: 'in' }),
    onlyD1: which({ d1: 'in', drizzle: 'out' }),
    onlyDrizzle: which({ d1: 'out', drizzle: 'in' }),
    inNeither: which({ d1: 'out', drizzle: 'out' }),
    edited: [...inDrizzle.entryOf].filter(isEdited).map(([migration]) => migration),
    drizzleOrphans: inDrizzle.orphans,
  };
}

/** A whole sentence without its full stop. */
export function describeTwoTables(
  { inBoth, onlyD1, onlyDrizzle }: TwoTables,
  names: { readonly d1: string; readonly drizzle: string },
): string {
  const both = `Both ${names.d1} and ${names.drizzle} are there`;
  if (onlyD1.length === 0 && onlyDrizzle.length === 0) {
    return `${both} and name the same ${inBoth.length} migrations; what is applied is read from ${names.d1}`;
  }
  const parts = [only(onlyDrizzle, names.drizzle), only(onlyD1, names.d1), `${inBoth.length} in both`].filter(
    (part) => part !== '',
  );
  return `${both} and differ: ${parts.join(', ')}; what is applied is read from ${names.d1}`;
}

/**
 * Records in wrangler's table what Drizzle's table has as applied, in the order of running. Nothing is taken away,
 * and Drizzle's table stays as it is. Raises unless wrangler's table has exactly the records that were read.
 *
 * @param now milliseconds
 */
export function adoptDrizzleRecords(
  { onlyDrizzle }: TwoTables,
  {
    bookkeeping,
    entries,
    now,
  }: {
    readonly bookkeeping: TrackingTable & Pick<Bookkeeping, 'exists' | 'create' | 'record'>;
    readonly entries: readonly Entry[];
    readonly now: number;
  },
): Correction {
  if (onlyDrizzle.length === 0) return [];
  return [
    ...(bookkeeping.exists ? [] : bookkeeping.create().map((sql) => ({ ...sql, role: 'record' as const }))),
    ...sameRecords(bookkeeping, entries),
    ...onlyDrizzle.map((migration) => ({
      ...bookkeeping.record(migration, now),
      role: 'record' as const,
    })),
  ];
}

/**
 * By name where 1.0 wrote one, then by the exact time, as 0.x tells them, and what is left as 1.0 finds names for old
 * rows: by the second, or the hash. So it does not matter which line wrote the rows and which wrote the folder.
 */
function drizzleRecords(migrations: readonly Migration[], entries: readonly Entry[]): DrizzleRecords {
  const entryOf = new Map<Migration, Entry>();
  const take = (kind: DrizzleLine, among: readonly Entry[], known: readonly Migration[]) => {
    const open = known.filter((migration) => !entryOf.has(migration));
    const paired = pairUp(open, among, { kind, nameOf: ({ tag }) => tag });
    for (const [migration, entry] of paired.entryOf) entryOf.set(migration, entry);
    return paired.orphans;
  };
  const named = entries.filter(({ name }) => name !== undefined);
  const nameless = entries.filter(({ name }) => name === undefined);
  // A file that no journal names has no time: Drizzle cannot have recorded one for it.
  const timed = migrations.filter(({ when }) => when > 0);
  const lost = take('drizzle-1', named, migrations);
  return {
    entryOf,
    orphans: [...lost, ...take('drizzle-1', take('drizzle-0', nameless, timed), migrations)],
  };
}

interface DrizzleRecords {
  readonly entryOf: ReadonlyMap<Migration, Entry>;
  readonly orphans: readonly Entry[];
}

function isEdited([migration, entry]: readonly [Migration, Entry]): boolean {
  return entry.hash !== '' && entry.hash !== migration.hash && !differsInLineEndsOnly(migration, entry);
}

function only(migrations: readonly Migration[], table: string): string {
  if (migrations.length === 0) return '';
  return `${migrations.length} only in ${table} (${some(migrations.map(({ tag }) => tag))})`;
}
