import type { Bookkeeping, Entry } from '../../bookkeeping/bookkeeping.ts';
import type { Unfinished } from '../../bookkeeping/unfinished.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { Migration } from '../../migrations/migration.ts';
import { numberOf } from '../../migrations/number-of.ts';
import { compareNames } from '../../migrations/wrangler-order.ts';
import { differsInLineEndsOnly, historyNotes } from './notes.ts';
import type { HashWhenApplied, HistoryNote } from './notes.ts';
import { highestNumber } from './highest-number.ts';
import { pairUp } from './pair-up.ts';
import { renamesOf, type Renames } from './rekey.ts';
import type { TakenBack } from '../rollback/taken-back.ts';
import { hasHash, isRecordOf } from '../squash/squashed-records.ts';
import type { Traces } from '../diagnosis/traces-of.ts';

/** The files of a folder lined up with the records of one target. */
export interface History {
  readonly kind: Bookkeeping['kind'];
  /** Migrations in file order; records without a file where their time puts them. */
  readonly items: readonly HistoryItem[];
  /** What is odd about the records but changes no state. */
  readonly notes: readonly HistoryNote[];
  /** Migrations in parts that are half-finished and have no file in the folder: what the target keeps of them. */
  readonly withoutFile?: readonly Unfinished[];
  /** Recorded ones that a rollback in parts stopped in the middle of. */
  readonly takenBack?: readonly TakenBack[];
  /** There when records have the names that files had before drizzle-kit moved them: what looks pending ran under those. */
  readonly renames?: Renames;
}

export type HistoryItem =
  | { readonly kind: 'applied'; readonly migration: Migration; readonly entry: Entry }
  /** Edited after it was applied. */
  | { readonly kind: 'changed'; readonly migration: Migration; readonly entry: Entry }
  | { readonly kind: 'pending'; readonly migration: Migration }
  /**
   * Not recorded, and its time is not after the newest record's: Drizzle 0.x never runs it, and never says so. Of
   * numbered files: one with a higher number is recorded.
   */
  | { readonly kind: 'skipped'; readonly migration: Migration }
  /** Not recorded, and the schema or a note in it shows that it stopped after statement `after` of `of`. */
  | {
      readonly kind: 'half';
      readonly migration: Migration;
      readonly after: number;
      readonly of: number;
      /** Absent: told by names in the schema. `noted`: by what the target keeps of a migration in parts. */
      readonly seen?: 'noted';
    }
  /** Not recorded, but the schema is as if it had run. */
  | { readonly kind: 'unrecorded'; readonly migration: Migration }
  /** Recorded, but there is no such file. */
  | { readonly kind: 'orphan'; readonly entry: Entry }
  /** Recorded; its file became part of a squashed one. */
  | { readonly kind: 'squashed'; readonly entry: Entry; readonly tag?: string };

export interface LineUpInput {
  /** The whole part of the folder that belongs to the database, in the order of running. */
  readonly migrations: readonly Migration[];
  /** Told the target's columns. */
  readonly bookkeeping: Pick<Bookkeeping, 'kind' | 'table' | 'tableShape' | 'nameOf'>;
  readonly entries: readonly Entry[];
  /** What migrations without a record left in the schema, by tag. */
  readonly traces?: ReadonlyMap<string, Traces>;
  /** Hashes of files that were squashed. */
  readonly squashed?: ReadonlySet<string>;
  /** The hash that each migration had when it was applied, by tag; looked at where the table keeps none. */
  readonly knownHashes?: ReadonlyMap<string, string>;
}

/**
 * Says of every migration and every record what it is, as the original tool would decide it:
 * Drizzle 0.x tells migrations by their time and compares it with the newest record; 1.0 and wrangler tell them by name,
 * a runner of numbered files by their number.
 */
export function lineUp(input: LineUpInput): History {
  const { migrations, bookkeeping, entries, traces } = input;
  const paired = pairUp(migrations, entries, bookkeeping);
  // wrangler and some drivers of Drizzle record no hash: unless it is known from elsewhere, nothing tells of an edit.
  const hashWhenApplied: HashWhenApplied = ({ tag }, { hash }) =>
    hash === '' ? (input.knownHashes?.get(tag) ?? '') : hash;
  const isPassed = passedBy(bookkeeping.kind, entries);
  const items = migrations.map((migration): HistoryItem => {
    const entry = paired.entryOf.get(migration);
    if (entry) return recorded(migration, entry, hashWhenApplied(migration, entry));
    return unrecorded(migration, isPassed(migration) ? 'skipped' : 'pending', traces?.get(migration.tag));
  });
  const open = migrations.filter((migration) => !paired.entryOf.has(migration));
  const renames = renamesOf(open, paired.orphans, bookkeeping);
  return {
    kind: bookkeeping.kind,
    items: withOrphans(items, paired.orphans, { asSquashed: squashedIn(input), bookkeeping }),
    notes: historyNotes({ items, paired, bookkeeping, entries, renames, hashWhenApplied }),
    ...(renames && { renames }),
  };
}

/** The name that people know an item by: a record without a file and a name goes by the start of its hash. */
export function tagOf(item: HistoryItem): string {
  if ('migration' in item) return item.migration.tag;
  if (item.kind === 'squashed' && item.tag !== undefined) return item.tag;
  const { name, hash, version, createdAt, rowid } = item.entry;
  return name ?? version ?? (hash.slice(0, 8) || (createdAt === 0 ? `row ${rowid}` : String(createdAt)));
}

/** Whether one that has no record comes too late, by what the tool goes by. */
function passedBy(kind: Bookkeeping['kind'], entries: readonly Entry[]): (migration: Migration) => boolean {
  switch (kind) {
    case 'drizzle-0': {
      const newest = entries.reduce((max, { createdAt }) => Math.max(max, createdAt), -Infinity);
      return ({ when }) => when <= newest;
    }
    case 'numbered': {
      const highest = highestNumber(entries);
      return ({ tag }) => highest !== undefined && (numberOf(tag) ?? 0n) < highest;
    }
    case 'drizzle-1':
    case 'd1':
      return () => false;
    default:
      return unreachable(kind);
  }
}

function recorded(migration: Migration, entry: Entry, hash: string): HistoryItem {
  const isSame =
    hash === '' ||
    hash === migration.hash ||
    differsInLineEndsOnly(migration, { hash }) ||
    // It ran as the last of those that it stands for.
    (migration.squashed?.migrations ?? []).some((one) => one.tag === migration.tag && hasHash(one, hash));
  return { kind: isSame ? 'applied' : 'changed', migration, entry };
}

function unrecorded(
  migration: Migration,
  kind: 'pending' | 'skipped',
  traces: Traces = { kind: 'none' },
): HistoryItem {
  switch (traces.kind) {
    case 'none':
      return { kind, migration };
    case 'stopped':
      return {
        kind: 'half',
        migration,
        after: traces.after,
        of: traces.of,
        ...(traces.seen && { seen: traces.seen }),
      };
    case 'whole':
      return { kind: 'unrecorded', migration };
    default:
      return unreachable(traces);
  }
}

/** Each record without a file stands after the last migration that is not newer, or whose name comes before its own. */
function withOrphans(
  items: readonly HistoryItem[],
  orphans: readonly Entry[],
  { asSquashed, bookkeeping }: OrphanContext,
): readonly HistoryItem[] {
  if (orphans.length === 0) return items;
  const isBefore = orderOf(bookkeeping);
  const after = Map.groupBy(orphans, (entry) =>
    items.findLastIndex((item) => 'migration' in item && isBefore(item.migration, entry)),
  );
  const itemsAfter = (index: number) =>
    (after.get(index) ?? []).map((entry): HistoryItem => asSquashed(entry) ?? { kind: 'orphan', entry });
  return [...itemsAfter(-1), ...items.flatMap((item, index) => [item, ...itemsAfter(index)])];
}

/** The record of a file that a squashed one stands for: told by hash, of an edited file by name or time. */
function squashedIn({ squashed, migrations, bookkeeping }: LineUpInput): OrphanContext['asSquashed'] {
  const ranges = migrations.flatMap((migration) => migration.squashed?.migrations ?? []);
  return (entry) => {
    const known = ranges.find((one) => isRecordOf(entry, one, ranges, bookkeeping));
    if (known) return { kind: 'squashed', entry, tag: known.tag };
    return squashed?.has(entry.hash) === true ? { kind: 'squashed', entry } : undefined;
  };
}

interface OrphanContext {
  /** Undefined: no file here stands for it. */
  readonly asSquashed: (entry: Entry) => HistoryItem | undefined;
  readonly bookkeeping: Pick<Bookkeeping, 'kind' | 'nameOf'>;
}

type IsBefore = (migration: Migration, entry: Entry) => boolean;

function orderOf(bookkeeping: Pick<Bookkeeping, 'kind' | 'nameOf'>): IsBefore {
  switch (bookkeeping.kind) {
    case 'd1':
      return byName(bookkeeping);
    case 'numbered':
      return byNumber;
    case 'drizzle-0':
    case 'drizzle-1':
      return byTime;
    default:
      return unreachable(bookkeeping.kind);
  }
}

const byNumber: IsBefore = ({ tag }, { version }) => (numberOf(tag) ?? 0n) <= BigInt(version ?? 0);

const byTime: IsBefore = ({ when }, { createdAt }) => when <= createdAt;

function byName({ nameOf }: Pick<Bookkeeping, 'nameOf'>): IsBefore {
  return (migration, { name }) => compareNames(nameOf(migration) ?? '', name ?? '') < 0;
}
