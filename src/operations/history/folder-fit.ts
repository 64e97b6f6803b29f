import { unreachable } from '../../lib/unreachable.ts';
import type { SchemaStep } from '../../schema/follow.ts';
import { changedParts, partsOf, type Part, type Parts } from '../../schema/parts.ts';
import type { Schema } from '../../schema/schema.ts';
import type { History, HistoryItem } from './history.ts';
import { movedRecords } from './moved-records.ts';

/** What the files of a folder make, one after the other, beside what the target is. */
export interface FolderReplay {
  /** What each statement of each file changes, as far as the files could be replayed. */
  readonly files: readonly (readonly SchemaStep[])[];
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
  /** In how many parts the target is another one, before the first file and after each. */
  readonly differing: readonly number[];
}

/** Records that have no file here under any name: what they may have left is told by replaying the files. */
export function lostRecords(history: History): readonly Extract<HistoryItem, { kind: 'orphan' }>[] {
  const found = [...(history.renames?.pairs ?? []), ...movedRecords(history)];
  const known = new Set(found.map(({ entry }) => entry));
  return history.items.filter((item) => item.kind === 'orphan').filter(({ entry }) => !known.has(entry));
}

/** Worked out once a replay: every situation asks for it. */
export function fitOf(replay: FolderReplay): FolderFit {
  const known = fits.get(replay);
  if (known) return known;
  const sizes = differencesByPoint(replay);
  const after = sizes.indexOf(Math.min(...sizes));
  const fit = {
    fits: [...sizes.keys()].filter((point) => sizes[point] === 0),
    nearest: { after, differences: differencesAt(replay, after) ?? [] },
    differing: sizes,
  };
  fits.set(replay, fit);
  return fit;
}

const fits = new WeakMap<FolderReplay, FolderFit>();

/**
 * How the schema that the first so many files make differs from the target's, each part of a sentence; undefined where
 * so many could not be replayed.
 */
export function differencesAt({ files, target }: FolderReplay, after: number): readonly string[] | undefined {
  if (after > files.length) return undefined;
  const made = new Map<string, Part>();
  for (const { parts } of files.slice(0, after).flat()) applyTo(made, parts);
  return differencesOf(made, partsOf(target));
}

/**
 * What the files that ran do not explain in the target, each part of a sentence; undefined where these are not the
 * first files of the folder, or could not be replayed: only of those can what they make be told from the folder.
 */
export function differencesOfFilesThatRan({
  history,
  folder,
}: {
  readonly history: History;
  readonly folder?: FolderReplay;
}): readonly string[] | undefined {
  if (!folder) return undefined;
  const ran = history.items.flatMap((item) =>
    'migration' in item ? ['entry' in item || item.kind === 'unrecorded'] : [],
  );
  const count = ran.filter(Boolean).length;
  return ran.lastIndexOf(true) >= count ? undefined : differencesAt(folder, count);
}

/** The number of parts in which the schema before the first file and after each is not the target's. */
function differencesByPoint({ files, target }: FolderReplay): readonly number[] {
  const there = partsOf(target);
  const differing = new Set(there.keys());
  return [
    differing.size,
    ...files.map((steps) => {
      for (const [key, { after }] of steps.flatMap(({ parts }) => [...parts])) {
        if (after?.value === there.get(key)?.value) differing.delete(key);
        else differing.add(key);
      }
      return differing.size;
    }),
  ];
}

function applyTo(made: Map<string, Part>, parts: SchemaStep['parts']): void {
  for (const [key, { after }] of parts) {
    if (after) made.set(key, after);
    else made.delete(key);
  }
}

function differencesOf(made: Parts, there: Parts): readonly string[] {
  return differingParts(made, there).map(({ key, kind }) => {
    switch (kind) {
      case 'more':
        return `${key} is here and no file makes it`;
      case 'other':
        return `${key} is another one here`;
      case 'missing':
        return `${key} is not here`;
      default:
        return unreachable(kind);
    }
  });
}

/** A part of a schema that is another one than files make it: there and not made, made and not there, or different. */
export interface DifferingPart {
  readonly key: string;
  readonly kind: 'more' | 'other' | 'missing';
}

/** A table that is in one of them only is named without its columns, and what goes with it. */
export function differingParts(made: Parts, there: Parts): readonly DifferingPart[] {
  const keys = [...changedParts(made, there)].toSorted();
  const whole = new Set(
    keys.filter((key) => key.startsWith('table ') && !(made.has(key) && there.has(key))).map(tableIn),
  );
  return keys
    .filter((key) => key.startsWith('table ') || !whole.has((made.get(key) ?? there.get(key))?.table ?? ''))
    .map((key) => ({ key, kind: made.has(key) ? (there.has(key) ? 'other' : 'missing') : 'more' }));
}

const tableIn = (key: string) => key.slice('table '.length);
