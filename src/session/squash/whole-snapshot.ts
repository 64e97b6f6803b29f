import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { MigrateError } from '../../lib/errors.ts';
import { parseJson } from '../../lib/json.ts';
import type { Migration } from '../../migrations/migration.ts';
import { findDrizzleKit } from '../../project/drizzle/kit.ts';
import { reconstructedDdl } from '../../runs/kit/snapshot.ts';

/** What the snapshot of the last migration has to say once it is the first of all. */
export type WholeSnapshot =
  /** It says everything, or is not there. */
  | { readonly kind: 'as-it-is' }
  | { readonly kind: 'put-together'; readonly ddl: readonly unknown[] }
  | { readonly kind: 'not-possible'; readonly why: string };

/**
 * Since 1.0.0-rc.5 drizzle-kit's snapshots of PostgreSQL say what changed, after a first that says everything. The one
 * file has to have such a first.
 */
export async function wholeSnapshot(
  range: readonly Migration[],
  signal: AbortSignal,
): Promise<WholeSnapshot> {
  const last = range.at(-1);
  const own = last && (await snapshotOf(last));
  if (!last || own?.['type'] !== 'diff') return { kind: 'as-it-is' };
  const found = await Promise.all(
    range.map(async (migration) => [basename(dirname(migration.file)), await snapshotOf(migration)] as const),
  );
  const snapshots = Object.fromEntries(found.filter(([, snapshot]) => snapshot !== undefined));
  try {
    const kit = findDrizzleKit(dirname(last.file));
    const ddl = await reconstructedDdl(kit, { snapshots, id: String(own['id']), signal });
    return { kind: 'put-together', ddl };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof MigrateError)) throw error;
    return {
      kind: 'not-possible',
      why: `the snapshot of ${last.tag} says only what it changed, and what all of them make cannot be put together: ${error.message.replace(/\.$/, '')}`,
    };
  }
}

export function ddlOf(snapshot: WholeSnapshot): readonly unknown[] | undefined {
  return snapshot.kind === 'put-together' ? snapshot.ddl : undefined;
}

async function snapshotOf({ file }: Migration): Promise<Readonly<Record<string, unknown>> | undefined> {
  const path = join(dirname(file), 'snapshot.json');
  if (!existsSync(path)) return undefined;
  const parsed = parseJson(await readFile(path, 'utf8'));
  const isObject = parsed.kind !== 'invalid' && typeof parsed.value === 'object' && parsed.value !== null;
  return isObject ? { ...parsed.value } : undefined;
}
