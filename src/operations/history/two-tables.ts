import type { Bookkeeping, Entry } from '../../bookkeeping/bookkeeping.ts';
import { count } from '../../lib/numbers.ts';
import type { DrizzleLine, Migration } from '../../migrations/migration.ts';
import { basename } from 'node:path';
import { unreachable } from '../../lib/unreachable.ts';
import { numberOf } from '../../migrations/number-of.ts';
import { some } from '../../migrations/some.ts';
import { sameRecords, type Correction, type TrackingTable } from './correction.ts';
import { differsInLineEndsOnly } from './notes.ts';
import { pairUp } from './pair-up.ts';

/** What the table that decides and another runner's say of the same migrations, in a database that has both. */
export interface TwoTables {
  /** The other table's name, and how it tells migrations. */
  readonly other: Pick<OtherTable, 'table' | 'by'>;
  /** In the order of running, each in exactly one of these four. */
  readonly inBoth: readonly Migration[];
  readonly onlyOwn: readonly Migration[];
  readonly onlyOther: readonly Migration[];
  readonly inNeither: readonly Migration[];
  /** Of those that Drizzle recorded: its hash is of another text than the file has now. */
  readonly edited: readonly Migration[];
  /** Records of the other table that belong to no file. */
  readonly otherOrphans: readonly Entry[];
}

export interface TwoTablesInput {
  readonly migrations: readonly Migration[];
  /** Of the table that decides. */
  readonly own: RecordsOf;
  readonly other: OtherTable;
}

/** The records of another runner. */
export interface OtherTable {
  readonly table: string;
  /**
   * `drizzle`: drizzle-orm or drizzle-kit, by hash, time and name; `numbers`: one that numbers files, by number and name;
   * `wrangler`: by the name of the file.
   */
  readonly by: 'drizzle' | 'numbers' | 'wrangler';
  readonly entries: readonly Entry[];
}

export interface RecordsOf {
  readonly bookkeeping: Pick<Bookkeeping, 'kind' | 'nameOf'>;
  readonly entries: readonly Entry[];
}

export function compareTables({ migrations, own, other }: TwoTablesInput): TwoTables {
  const inOwn = pairUp(migrations, own.entries, own.bookkeeping).entryOf;
  const inOther = recordsOf(migrations, other);
  const which = (wanted: { readonly own: 'in' | 'out'; readonly other: 'in' | 'out' }) =>
    migrations.filter(
      (migration) =>
        inOwn.has(migration) === (wanted.own === 'in') &&
        inOther.entryOf.has(migration) === (wanted.other === 'in'),
    );
  return {
    other: { table: other.table, by: other.by },
    inBoth: which({ own: 'in', other: 'in' }),
    onlyOwn: which({ own: 'in', other: 'out' }),
    onlyOther: which({ own: 'out', other: 'in' }),
    inNeither: which({ own: 'out', other: 'out' }),
    edited: [...inOther.entryOf].filter(isEdited).map(([migration]) => migration),
    otherOrphans: inOther.orphans,
  };
}

/** A whole sentence without its full stop. */
export function describeTwoTables(
  { other: { table }, inBoth, onlyOwn, onlyOther }: TwoTables,
  own: string,
): string {
  const read = `what is applied is read from ${own}`;
  if (inBoth.length === 0 && onlyOwn.length === 0) {
    const has = onlyOther.length === 0 ? ', of none of these files' : `: ${only(onlyOther, table)}`;
    return `${own} has no record, and ${table} of another runner has some${has}; ${read}`;
  }
  const both = `Both ${own} and ${table} are there`;
  if (onlyOwn.length === 0 && onlyOther.length === 0)
    return `${both} and name the same ${count(inBoth.length)} migrations; ${read}`;
  const parts = [only(onlyOther, table), only(onlyOwn, own), `${count(inBoth.length)} in both`].filter(
    (part) => part !== '',
  );
  return `${both} and differ: ${parts.join(', ')}; ${read}`;
}

/**
 * Records in the table that decides what the other one has as applied, in the order of running. Nothing is taken away,
 * and the other table stays as it is. Raises unless the one that decides has exactly the records that were read.
 *
 * @param now milliseconds
 */
export function adoptRecords(
  { onlyOther }: TwoTables,
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
  if (onlyOther.length === 0) return [];
  return [
    ...(bookkeeping.exists ? [] : bookkeeping.create().map((sql) => ({ ...sql, role: 'record' as const }))),
    ...sameRecords(bookkeeping, entries),
    ...onlyOther.map((migration) => ({
      ...bookkeeping.record(migration, now),
      role: 'record' as const,
    })),
  ];
}

function recordsOf(migrations: readonly Migration[], { by, entries }: OtherTable): OtherRecords {
  switch (by) {
    case 'drizzle':
      return drizzleRecords(migrations, entries);
    case 'numbers':
    case 'wrangler':
      return namedRecords(migrations, entries);
    default:
      return unreachable(by);
  }
}

/**
 * By the name of the file; what has another name, by the number that the runner kept, where only one file has that.
 * wrangler keeps none: it runs a file under another name as another one.
 */
function namedRecords(migrations: readonly Migration[], entries: readonly Entry[]): OtherRecords {
  const byTag = new Map(migrations.map((migration) => [migration.tag, migration]));
  const byNumber = Map.groupBy(migrations, ({ tag }) => String(numberOf(basename(tag))));
  const entryOf = new Map<Migration, Entry>();
  const orphans: Entry[] = [];
  for (const entry of entries) {
    const [numbered, ...others] = byNumber.get(entry.version ?? '') ?? [];
    const migration =
      byTag.get((entry.name ?? '').replace(/(?:\.up)?\.sql$/, '')) ??
      (others.length === 0 ? numbered : undefined);
    if (migration === undefined || entryOf.has(migration)) orphans.push(entry);
    else entryOf.set(migration, entry);
  }
  return { entryOf, orphans };
}

/**
 * By name where 1.0 wrote one, then by the exact time, as 0.x tells them, and what is left as 1.0 finds names for old
 * rows: by the second, or the hash. So it does not matter which line wrote the rows and which wrote the folder.
 */
function drizzleRecords(migrations: readonly Migration[], entries: readonly Entry[]): OtherRecords {
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

interface OtherRecords {
  readonly entryOf: ReadonlyMap<Migration, Entry>;
  readonly orphans: readonly Entry[];
}

function isEdited([migration, entry]: readonly [Migration, Entry]): boolean {
  return entry.hash !== '' && entry.hash !== migration.hash && !differsInLineEndsOnly(migration, entry);
}

function only(migrations: readonly Migration[], table: string): string {
  if (migrations.length === 0) return '';
  return `${count(migrations.length)} only in ${table} (${some(migrations.map(({ tag }) => tag))})`;
}
