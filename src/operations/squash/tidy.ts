import type { Bookkeeping, Entry } from '../../bookkeeping/bookkeeping.ts';
import type { Migration, SquashedMigration } from '../../migrations/migration.ts';
import {
  eraseRecords,
  sameRecord,
  sameRecords,
  type Correction,
  type TrackingTable,
} from '../history/correction.ts';
import { tagOf, type History } from '../history/history.ts';
import { hasHash, isRecordOf } from './squashed-records.ts';

/** How the records of what a squashed file stands for are seen in one target. */
export type Tidiness =
  /** No file of the folder is a squashed one. */
  | { readonly kind: 'no-squash' }
  /** As in a database that was made from the one file, or nothing ran there at all. */
  | { readonly kind: 'tidy' }
  /** It did not run this one of them, so that it is not at the one file yet. */
  | { readonly kind: 'in-the-middle'; readonly baseline: Migration; readonly missing: string }
  | { readonly kind: 'untidy'; readonly tidyings: readonly Tidying[] };

/** What tidying does for one squashed file. */
export interface Tidying {
  readonly baseline: Migration;
  /** The record that stays, of the last that the file stands for. */
  readonly kept: Entry;
  /** Whether it says the hash of the last as it was before. */
  readonly hash: 'of-the-original' | 'stays';
  /** Records of the others. */
  readonly erased: readonly Entry[];
}

/**
 * Which records of a target a squash made superfluous.
 *
 * @param folder the migrations as the folder has them
 * @param history of the same target, lined up with what it needs
 */
export function tidinessOf(
  folder: readonly Migration[],
  history: History,
  bookkeeping: Pick<Bookkeeping, 'kind'>,
): Tidiness {
  const baselines = folder.filter(({ squashed }) => squashed !== undefined);
  if (baselines.length === 0) return { kind: 'no-squash' };
  const tidyings: Tidying[] = [];
  for (const baseline of baselines) {
    const item = history.items.find((one) => 'migration' in one && one.migration === baseline);
    const inRange = baseline.squashed?.migrations ?? [];
    if (!item) return { kind: 'in-the-middle', baseline, missing: firstOpen(history, inRange) };
    // Nothing of it ran there: the one file is still to come.
    if (!('entry' in item)) continue;
    const erased = history.items.flatMap((one) =>
      one.kind === 'squashed' && inRange.some((each) => isRecordOf(one.entry, each, inRange, bookkeeping))
        ? [one.entry]
        : [],
    );
    const last = inRange.at(-1);
    const isOriginal = last !== undefined && item.entry.hash !== '' && hasHash(last, item.entry.hash);
    if (erased.length === 0 && !isOriginal) continue;
    tidyings.push({ baseline, kept: item.entry, hash: isOriginal ? 'of-the-original' : 'stays', erased });
  }
  return tidyings.length === 0 ? { kind: 'tidy' } : { kind: 'untidy', tidyings };
}

/**
 * Leaves the records that a database made from the one file has: the last of them, with the hash of that file. Raises,
 * and so undoes everything, unless the table has exactly the records that were read.
 */
export function tidyRecords(
  tidyings: readonly Tidying[],
  entries: readonly Entry[],
  bookkeeping: TrackingTable & Pick<Bookkeeping, 'erase' | 'change'>,
): Correction {
  return [
    ...sameRecords(bookkeeping, entries),
    ...tidyings.flatMap(({ erased }) => eraseRecords(erased, bookkeeping)),
    ...tidyings.flatMap(({ baseline, kept, hash }): Correction => [
      sameRecord(bookkeeping, kept),
      ...(hash === 'stays'
        ? []
        : [{ ...bookkeeping.change(kept, { hash: baseline.hash }), role: 'record' as const }]),
    ]),
  ];
}

function firstOpen({ items }: History, inRange: readonly SquashedMigration[]): string {
  const tags = new Set(inRange.map(({ tag }) => tag));
  const open = items.find((item) => !('entry' in item) && tags.has(item.migration.tag));
  return open ? tagOf(open) : (inRange.at(-1)?.tag ?? '');
}
