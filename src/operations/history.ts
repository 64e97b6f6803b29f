import type { Bookkeeping, Entry } from '../bookkeeping/bookkeeping.ts';
import { hashOf } from '../lib/hash.ts';
import { unreachable } from '../lib/unreachable.ts';
import type { Migration } from '../migrations/migration.ts';
import { differsInLineEndsOnly, historyNotes } from './history-notes.ts';
import type { HistoryNote } from './history-notes.ts';
import { pairUp } from './pair-up.ts';
import type { Traces } from './traces-of.ts';

/** The files of a folder lined up with the records of one target. */
export interface History {
  readonly kind: Bookkeeping['kind'];
  /** Migrations in file order; records without a file where their time puts them. */
  readonly items: readonly HistoryItem[];
  /** What is odd about the records but changes no state. */
  readonly notes: readonly HistoryNote[];
}

export type HistoryItem =
  | { readonly kind: 'applied'; readonly migration: Migration; readonly entry: Entry }
  /** Edited after it was applied. */
  | { readonly kind: 'changed'; readonly migration: Migration; readonly entry: Entry }
  | { readonly kind: 'pending'; readonly migration: Migration }
  /** Not recorded, and its time is not after the newest record's: Drizzle 0.x never runs it, and never says so. */
  | { readonly kind: 'skipped'; readonly migration: Migration }
  /** Not recorded, and the schema shows that it stopped after statement `after` of `of`. */
  | {
      readonly kind: 'half';
      readonly migration: Migration;
      readonly after: number;
      readonly of: number;
    }
  /** Not recorded, but the schema is as if it had run. */
  | { readonly kind: 'unrecorded'; readonly migration: Migration }
  /** Recorded, but there is no such file. */
  | { readonly kind: 'orphan'; readonly entry: Entry }
  /** Recorded; its file became part of a squashed one. */
  | { readonly kind: 'squashed'; readonly entry: Entry };

export interface LineUpInput {
  /** The whole part of the folder that belongs to the database, in the order of running. */
  readonly migrations: readonly Migration[];
  /** Told the target's columns. */
  readonly bookkeeping: Pick<Bookkeeping, 'kind' | 'table' | 'tableShape'>;
  readonly entries: readonly Entry[];
  /** What migrations without a record left in the schema, by tag. */
  readonly traces?: ReadonlyMap<string, Traces>;
  /** Hashes of files that were squashed. */
  readonly squashed?: ReadonlySet<string>;
}

/**
 * Says of every migration and every record what it is, as the original tool would decide it:
 * Drizzle 0.x tells migrations by their time and compares it with the newest record; 1.0 tells them by name.
 */
export function lineUp(input: LineUpInput): History {
  const { migrations, bookkeeping, entries, traces, squashed } = input;
  const paired = pairUp(migrations, entries, bookkeeping.kind);
  const newest = entries.reduce((max, { createdAt }) => Math.max(max, createdAt), -Infinity);
  const items = migrations.map((migration): HistoryItem => {
    const entry = paired.entryOf.get(migration);
    if (entry) return recorded(migration, entry);
    const isSkipped = bookkeeping.kind === 'drizzle-0' && migration.when <= newest;
    return unrecorded(migration, isSkipped ? 'skipped' : 'pending', traces?.get(migration.tag));
  });
  return {
    kind: bookkeeping.kind,
    items: withOrphans(items, paired.orphans, squashed ?? new Set()),
    notes: historyNotes({ items, paired, bookkeeping, entries }),
  };
}

/** The name that people know an item by: a record without a file and a name goes by the start of its hash. */
export function tagOf(item: HistoryItem): string {
  if ('migration' in item) return item.migration.tag;
  const { name, hash, createdAt } = item.entry;
  return name ?? (hash.slice(0, 8) || String(createdAt));
}

/** Equal while no file and no record of this history changes. */
export function historyDigest({ kind, items }: History): string {
  return hashOf({
    kind,
    items: items.map((item) => ({
      kind: item.kind,
      tag: tagOf(item),
      file: 'migration' in item ? item.migration.hash : null,
      record: 'entry' in item ? [item.entry.hash, item.entry.createdAt, item.entry.name ?? null] : null,
    })),
  });
}

function recorded(migration: Migration, entry: Entry): HistoryItem {
  // Some drivers of Drizzle record an empty hash: then nothing can be said about an edit.
  const isSame =
    entry.hash === '' || entry.hash === migration.hash || differsInLineEndsOnly(migration, entry);
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
      return { kind: 'half', migration, after: traces.after, of: traces.of };
    case 'whole':
      return { kind: 'unrecorded', migration };
    default:
      return unreachable(traces);
  }
}

/** Each record without a file stands after the last migration that is not newer. */
function withOrphans(
  items: readonly HistoryItem[],
  orphans: readonly Entry[],
  squashed: ReadonlySet<string>,
): readonly HistoryItem[] {
  if (orphans.length === 0) return items;
  const after = Map.groupBy(orphans, ({ createdAt }) =>
    items.findLastIndex((item) => 'migration' in item && item.migration.when <= createdAt),
  );
  const itemsAfter = (index: number) =>
    (after.get(index) ?? []).map((entry): HistoryItem => ({
      kind: squashed.has(entry.hash) ? 'squashed' : 'orphan',
      entry,
    }));
  return [...itemsAfter(-1), ...items.flatMap((item, index) => [item, ...itemsAfter(index)])];
}
