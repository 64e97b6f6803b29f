/** A migration folder of Drizzle 1.0, as its snapshot says where it stands. */
export interface BranchNode {
  readonly tag: string;
  readonly id: string;
  readonly prevIds: readonly string[];
}

/** The migrations that only this leaf's branch has, in the order of the folder. */
export function branchOf(
  leaf: string,
  others: readonly string[],
  nodes: readonly BranchNode[],
): readonly BranchNode[] {
  const shared = new Set(others.flatMap((other) => [...ancestors(other, nodes)]));
  const own = ancestors(leaf, nodes);
  return nodes.filter(({ id }) => own.has(id) && !shared.has(id));
}

/** With itself. */
function ancestors(id: string, nodes: readonly BranchNode[]): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [id];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    open.push(...(nodes.find((node) => node.id === next)?.prevIds ?? []));
  }
  return found;
}
