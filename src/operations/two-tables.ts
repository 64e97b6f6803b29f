import type { Bookkeeping, Entry } from '../bookkeeping/bookkeeping.ts';
import type { FormatName, Migration } from '../migrations/migration.ts';
import { some } from '../migrations/some.ts';
import { sameRecords, type Correction } from './correction.ts';
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
  /** What the folder is: it tells how records of Drizzle find their files. */
  readonly format: FormatName;
  readonly d1: RecordsOf;
  readonly drizzle: Pick<RecordsOf, 'entries'>;
}

export interface RecordsOf {
  readonly bookkeeping: Pick<Bookkeeping, 'kind' | 'nameOf'>;
  readonly entries: readonly Entry[];
}

export function compareTables({ migrations, format, d1, drizzle }: TwoTablesInput): TwoTables {
  const inD1 = pairUp(migrations, d1.entries, d1.bookkeeping).entryOf;
  const inDrizzle = drizzleRecords(migrations, drizzle.entries, format);
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
    readonly bookkeeping: Pick<Bookkeeping, 'table' | 'exists' | 'create' | 'record'>;
    readonly entries: readonly Entry[];
    readonly now: number;
  },
): Correction {
  if (onlyDrizzle.length === 0) return [];
  return [
    ...(bookkeeping.exists ? [] : bookkeeping.create().map((sql) => ({ ...sql, role: 'record' as const }))),
    sameRecords(bookkeeping.table, entries),
    ...onlyDrizzle.map((migration) => ({
      ...bookkeeping.record(migration, now),
      role: 'record' as const,
    })),
  ];
}

function drizzleRecords(
  migrations: readonly Migration[],
  entries: readonly Entry[],
  format: FormatName,
): Pick<ReturnType<typeof pairUp>, 'entryOf' | 'orphans'> {
  if (format !== 'wrangler') {
    // A file that the journal does not name has no time: Drizzle cannot have recorded it.
    const known = migrations.filter(({ when }) => when > 0);
    return pairUp(known, entries, { kind: format, nameOf: ({ tag }) => tag });
  }
  const byHash = new Map(migrations.map((migration) => [migration.hash, migration]));
  const found = entries.flatMap((entry) => {
    const migration = byHash.get(entry.hash);
    return migration ? [[migration, entry] as const] : [];
  });
  return { entryOf: new Map(found), orphans: entries.filter(({ hash }) => !byHash.has(hash)) };
}

function isEdited([migration, entry]: readonly [Migration, Entry]): boolean {
  return entry.hash !== '' && entry.hash !== migration.hash && !differsInLineEndsOnly(migration, entry);
}

function only(migrations: readonly Migration[], table: string): string {
  if (migrations.length === 0) return '';
  return `${migrations.length} only in ${table} (${some(migrations.map(({ tag }) => tag))})`;
}
