import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseJson } from '../../lib/json.ts';
import type { Snapshot } from '../../migrations/merge-snapshots.ts';
import { gitIn } from '../../runs/git.ts';

/** A snapshot that is known to be a migration's own. */
export type OwnSnapshot = Snapshot & { readonly id: string; readonly prevId: string };

/**
 * The snapshot of each migration as its own branch had it. Two that are named after one number have one file, so that
 * the one of the two is lost in the folder; git has it beside the SQL file.
 */
export async function ownSnapshots(
  directory: string,
  tags: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, OwnSnapshot>> {
  const found = new Map<string, OwnSnapshot>();
  for (const [path, sharing] of Map.groupBy(tags, snapshotPath)) {
    const here = existsSync(join(directory, path))
      ? snapshotIn(await readFile(join(directory, path), 'utf8'))
      : undefined;
    const committed = sharing.length > 1 || !here ? await fromGit(directory, sharing, signal) : new Map();
    for (const tag of sharing) {
      const own = committed.get(tag) ?? ofOnly(tag, { sharing, here, committed });
      if (own) found.set(tag, own);
    }
  }
  return found;
}

/** Below the folder. */
export function snapshotPath(tag: string): string {
  return join('meta', `${tag.split('_')[0] ?? tag}_snapshot.json`);
}

/** What lies in the folder is of the one that it is not known of, when it is none of the others'. */
function ofOnly(
  tag: string,
  {
    sharing,
    here,
    committed,
  }: {
    readonly sharing: readonly string[];
    readonly here: OwnSnapshot | undefined;
    readonly committed: ReadonlyMap<string, OwnSnapshot>;
  },
): OwnSnapshot | undefined {
  const others = sharing.filter((other) => other !== tag).map((other) => committed.get(other));
  return here && others.every((other) => other !== undefined && other.id !== here.id) ? here : undefined;
}

async function fromGit(
  directory: string,
  tags: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, OwnSnapshot>> {
  const git = gitIn(directory, signal);
  const found = new Map<string, OwnSnapshot>();
  for (const tag of tags) {
    // The first commit that has the file is of its own branch: a later one may be of both.
    const commits = await git('log', '--all', '--reverse', '--format=%H', '--', `${tag}.sql`);
    const commit = commits?.split('\n')[0];
    if (!commit) continue;
    const text = await git('show', `${commit}:./${snapshotPath(tag)}`);
    const own = text === undefined ? undefined : snapshotIn(text);
    if (own) found.set(tag, own);
  }
  return found;
}

function snapshotIn(text: string): OwnSnapshot | undefined {
  const read = parseJson(text);
  return read.kind === 'read' && isSnapshot(read.value) ? read.value : undefined;
}

function isSnapshot(value: unknown): value is OwnSnapshot {
  return (
    typeof value === 'object' &&
    value !== null &&
    'id' in value &&
    typeof value.id === 'string' &&
    'prevId' in value &&
    typeof value.prevId === 'string'
  );
}
