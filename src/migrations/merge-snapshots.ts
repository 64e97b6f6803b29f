/** A snapshot of Drizzle 0.x, read as data: objects by their names all the way down. */
export type Snapshot = Readonly<Record<string, unknown>>;

export type MergedSnapshots =
  | { readonly kind: 'merged'; readonly snapshot: Snapshot }
  /** Both sides made something else of it: `tables.posts.columns.title`. */
  | { readonly kind: 'both-changed'; readonly what: string };

/**
 * What one branch did to the snapshot that it began with, done to another snapshot.
 *
 * @param base what the branch began with
 * @param own what it made of that
 * @param onto where it is to be done; its id is the parent of what comes of it
 * @param id of what comes of it
 */
export function mergeSnapshots(
  { base, own, onto }: { readonly base: Snapshot; readonly own: Snapshot; readonly onto: Snapshot },
  id: string,
): MergedSnapshots {
  // Of its own step only: its names in the chain, and what it renamed.
  const { id: _id, prevId: _prevId, _meta, ...content } = own;
  const merged = mergeObjects({ base, own: content, onto: without(onto, ['id', 'prevId', '_meta']) }, []);
  if ('at' in merged) return { kind: 'both-changed', what: merged.at.join('.') };
  return { kind: 'merged', snapshot: { id, prevId: onto['id'], ...merged.value, _meta } };
}

interface Sides<T> {
  readonly base: T;
  readonly own: T;
  readonly onto: T;
}

type Merged<T> = { readonly value: T } | { readonly at: readonly string[] };

function mergeObjects({ base, own, onto }: Sides<Snapshot>, path: readonly string[]): Merged<Snapshot> {
  const value: Record<string, unknown> = {};
  // In the order of what is there, new ones last: as drizzle-kit would write it.
  for (const key of new Set([...Object.keys(onto), ...Object.keys(own)])) {
    const merged = mergeValues({ base: base[key], own: own[key], onto: onto[key] }, [...path, key]);
    if ('at' in merged) return merged;
    if (merged.value !== undefined) value[key] = merged.value;
  }
  return { value };
}

/** Undefined: it is not there. */
function mergeValues({ base, own, onto }: Sides<unknown>, path: readonly string[]): Merged<unknown> {
  if (isSame(own, base)) return { value: onto };
  if (isSame(onto, base) || isSame(onto, own)) return { value: own };
  if (isObject(own) && isObject(onto)) return mergeObjects({ base: isObject(base) ? base : {}, own, onto }, path);
  return { at: path };
}

function isObject(value: unknown): value is Snapshot {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whatever the order of the keys. */
function isSame(one: unknown, other: unknown): boolean {
  if (!isObject(one) || !isObject(other)) return JSON.stringify(one) === JSON.stringify(other);
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...keys].every((key) => isSame(one[key], other[key]));
}

function without(snapshot: Snapshot, keys: readonly string[]): Snapshot {
  return Object.fromEntries(Object.entries(snapshot).filter(([key]) => !keys.includes(key)));
}
