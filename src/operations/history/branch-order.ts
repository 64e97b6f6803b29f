import type { JournalConflict } from '../../migrations/journal-conflicts.ts';

/** An entry of a journal, in the journal's order. */
export interface BranchEntry {
  readonly tag: string;
  /** Its own snapshot and the one that goes on from, where both are known. */
  readonly snapshot: { readonly id: string; readonly prevId: string } | undefined;
}

export type BranchOrder =
  | { readonly kind: 'moves'; readonly kept: readonly string[]; readonly moved: readonly string[] }
  /** Both have run somewhere, or may have. */
  | { readonly kind: 'stuck'; readonly earlier: string; readonly tag: string };

/**
 * Which migrations are put after all others, so that none contradicts another: of two that do, the later one, unless
 * that has run somewhere; and with it what was made after it on its own branch.
 *
 * @param isFree whether no environment has run it
 */
export function branchOrder(
  entries: readonly BranchEntry[],
  conflicts: readonly Pick<JournalConflict, 'tag' | 'earlier'>[],
  isFree: (tag: string) => boolean,
): BranchOrder {
  const moved = new Set<string>();
  for (const { tag, earlier } of conflicts) {
    if (moved.has(tag) || moved.has(earlier)) continue;
    const chosen = [tag, earlier].find(isFree);
    if (chosen === undefined) return { kind: 'stuck', earlier, tag };
    moved.add(chosen);
    for (const after of branchAfter(chosen, entries, moved)) if (isFree(after)) moved.add(after);
  }
  const inOrder = entries.map((entry) => entry.tag);
  return {
    kind: 'moves',
    kept: inOrder.filter((tag) => !moved.has(tag)),
    moved: inOrder.filter((tag) => moved.has(tag)),
  };
}

/** Those later in the journal that go on from it, or of which nothing tells that they go on from another one. */
function branchAfter(
  chosen: string,
  entries: readonly BranchEntry[],
  moved: ReadonlySet<string>,
): readonly string[] {
  const at = entries.findIndex(({ tag }) => tag === chosen);
  const branch = new Set(moved);
  for (const { tag, snapshot } of entries.slice(at + 1)) {
    const parent = entries.find((entry) => entry.snapshot?.id === snapshot?.prevId);
    const elsewhere = snapshot !== undefined && parent !== undefined && !branch.has(parent.tag);
    if (!elsewhere) branch.add(tag);
  }
  return [...branch];
}
