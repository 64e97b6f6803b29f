import { fingerprint } from '../schema/fingerprint.ts';
import { changedParts, partsOf, type Parts } from '../schema/parts.ts';
import type { Schema } from '../schema/schema.ts';
import type { History, HistoryItem } from './history.ts';
import { movedRecords } from './moved-records.ts';

/** What the files of a folder make, one after the other, beside what the target is. */
export interface FolderReplay {
  /** The schema before the first file and after each, as far as they could be replayed. */
  readonly points: readonly Schema[];
  /** The file that could not be. */
  readonly stopped?: { readonly tag: string; readonly why: string };
  readonly target: Schema;
}

/** Which points of the folder's history the target's schema is. */
export interface FolderFit {
  /** Numbers of files that have run there. Several where files between them change no schema. */
  readonly fits: readonly number[];
  /** The point with the fewest differences, and these, each part of a sentence; none where it fits. */
  readonly nearest: { readonly after: number; readonly differences: readonly string[] };
}

/** Records that have no file here under any name: what they may have left is told by replaying the files. */
export function lostRecords(history: History): readonly Extract<HistoryItem, { kind: 'orphan' }>[] {
  const found = [...(history.renames?.pairs ?? []), ...movedRecords(history)];
  const known = new Set(found.map(({ entry }) => entry));
  return history.items.filter((item) => item.kind === 'orphan').filter(({ entry }) => !known.has(entry));
}

export function fitOf({ points, target }: FolderReplay): FolderFit {
  const wanted = fingerprint(target);
  const there = partsOf(target);
  let nearest: FolderFit['nearest'] = { after: 0, differences: [] };
  let least = Infinity;
  const fits: number[] = [];
  for (const [after, point] of points.entries()) {
    if (fingerprint(point) === wanted) fits.push(after);
    const parts = partsOf(point);
    const { size } = changedParts(parts, there);
    if (size >= least) continue;
    least = size;
    nearest = { after, differences: differencesOf(parts, there) };
  }
  return { fits, nearest };
}

/** A table that is in one of them only is named without its columns, and what goes with it. */
function differencesOf(made: Parts, there: Parts): readonly string[] {
  const keys = [...changedParts(made, there)].toSorted();
  const whole = new Set(
    keys.filter((key) => key.startsWith('table ') && !(made.has(key) && there.has(key))).map(tableIn),
  );
  return keys
    .filter((key) => key.startsWith('table ') || !whole.has((made.get(key) ?? there.get(key))?.table ?? ''))
    .map((key) => {
      if (!made.has(key)) return `${key} is here and no file makes it`;
      return there.has(key) ? `${key} is another one here` : `${key} is not here`;
    });
}

const tableIn = (key: string) => key.slice('table '.length);
