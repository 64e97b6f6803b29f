import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseJson } from '../../lib/json.ts';
import type { Migration } from '../../migrations/migration.ts';
import { some } from '../../migrations/some.ts';

/**
 * Drizzle 1.0 lets histories branch: the last by name need not hold what all others made, and one made on another
 * branch may go on from the middle. Either would leave drizzle-kit without its place. Each a whole sentence.
 */
export async function branchRefusals(
  range: readonly Migration[],
  all: readonly Migration[],
): Promise<readonly string[]> {
  const snapshots = await Promise.all(all.map(snapshotOf));
  const found = snapshots.filter((snapshot) => snapshot !== undefined);
  const last = found.find(({ tag }) => tag === range.at(-1)?.tag);
  if (!last) return [];
  const tags = new Set(range.map(({ tag }) => tag));
  const inside = found.filter(({ tag }) => tags.has(tag));
  const ancestors = new Set<string>();
  const visit = ({ id, prevIds }: Snapshot): void => {
    if (ancestors.has(id)) return;
    ancestors.add(id);
    for (const one of inside) if (prevIds.includes(one.id)) visit(one);
  };
  visit(last);
  const apart = inside.filter(({ id }) => !ancestors.has(id));
  const gone = new Set(inside.filter(({ id }) => id !== last.id).map(({ id }) => id));
  const forked = found.filter(({ tag, prevIds }) => !tags.has(tag) && prevIds.some((id) => gone.has(id)));
  return [
    ...(apart.length === 0
      ? []
      : [
          `${some(apart.map(({ tag }) => tag))} is on another branch of the history than ${last.tag}, whose snapshot does not hold it: join the branches with drizzle-kit first.`,
        ]),
    ...(forked.length === 0
      ? []
      : [
          `${some(forked.map(({ tag }) => tag))} goes on from inside the range, not from ${last.tag}: squash it as well, or generate it anew.`,
        ]),
  ];
}

interface Snapshot {
  readonly tag: string;
  readonly id: string;
  readonly prevIds: readonly string[];
}

async function snapshotOf({ tag, file }: Migration): Promise<Snapshot | undefined> {
  const path = join(dirname(file), 'snapshot.json');
  if (!existsSync(path)) return undefined;
  const parsed = parseJson(await readFile(path, 'utf8'));
  const value = parsed.kind === 'invalid' ? undefined : parsed.value;
  if (typeof value !== 'object' || value === null || !('id' in value) || !('prevIds' in value))
    return undefined;
  const { id, prevIds } = value;
  if (typeof id !== 'string' || !Array.isArray(prevIds)) return undefined;
  return { tag, id, prevIds: prevIds.filter((one: unknown) => typeof one === 'string') };
}
