import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rename, rm } from '../../lib/patient-fs.ts';
import { MigrateError } from '../../lib/errors.ts';
import { jsonLike } from '../../lib/json-layout.ts';
import { mergeSnapshots, type Snapshot } from '../../migrations/merge-snapshots.ts';
import { snapshotPath, type OwnSnapshot } from './own-snapshots.ts';

export interface Moved {
  readonly from: string;
  readonly to: string;
}

export interface PutAfter {
  /** A copy of the folder, which is changed. */
  readonly copy: string;
  readonly kept: readonly string[];
  readonly moved: readonly string[];
  /** Of every one that is kept beside another of its number, and of every one that is moved and what that goes on from. */
  readonly snapshots: ReadonlyMap<string, OwnSnapshot>;
}

/**
 * In a copy of a folder of Drizzle 0.x, gives migrations a number, a time and a snapshot after all others; their
 * statements and those of the others stay as they are.
 *
 * @throws MigrateError `refused` where both branches made something else of one object, or where nothing numbers the files
 */
export async function putAfter({ copy, kept, moved, snapshots }: PutAfter): Promise<readonly Moved[]> {
  const path = join(copy, 'meta', '_journal.json');
  const text = await readFile(path, 'utf8');
  const journal: JournalText = JSON.parse(text);
  const entries = kept.map((tag) => entryOf(journal, tag));
  await bringBack(copy, { kept, moved, snapshots });
  let onto = await lastSnapshot(copy, kept, snapshots);
  const done: Moved[] = [];
  for (const tag of moved) {
    const entry = after(entries.at(-1), entryOf(journal, tag));
    onto = merged(tag, onto, snapshots);
    await rehome(copy, tag, entry.tag);
    await writeFile(join(copy, snapshotPath(entry.tag)), json(onto));
    entries.push(entry);
    done.push({ from: tag, to: entry.tag });
  }
  await writeFile(path, jsonLike(text, { ...journal, entries }));
  return done;
}

interface JournalText {
  readonly entries: readonly EntryText[];
}

interface EntryText {
  readonly idx?: number;
  readonly when: number;
  readonly tag: string;
}

function entryOf({ entries }: JournalText, tag: string): EntryText {
  const found = entries.find((entry) => entry.tag === tag);
  if (!found) throw new Error(`${tag} is not in its own journal.`);
  return found;
}

/** The snapshot files of what is moved go; one that two shared becomes that of the one which stays. */
async function bringBack(copy: string, { kept, moved, snapshots }: Omit<PutAfter, 'copy'>): Promise<void> {
  for (const tag of moved) {
    const path = snapshotPath(tag);
    const stays = kept.find((other) => snapshotPath(other) === path);
    const own = stays === undefined ? undefined : snapshots.get(stays);
    if (own) await writeFile(join(copy, path), json(own));
    else await rm(join(copy, path), { force: true });
  }
}

async function lastSnapshot(
  copy: string,
  kept: readonly string[],
  snapshots: PutAfter['snapshots'],
): Promise<Snapshot> {
  const tag = kept.at(-1);
  const known = tag === undefined ? undefined : snapshots.get(tag);
  if (known || tag === undefined) return known ?? {};
  const text = await readFile(join(copy, snapshotPath(tag)), 'utf8');
  const snapshot: Snapshot = JSON.parse(text);
  return snapshot;
}

function merged(tag: string, onto: Snapshot, snapshots: PutAfter['snapshots']): Snapshot {
  const own = snapshots.get(tag);
  if (!own) throw new Error(`${tag} is moved without its snapshot.`);
  const base = [...snapshots.values()].find(({ id }) => id === own.prevId) ?? {};
  const found = mergeSnapshots({ base, own, onto }, randomUUID());
  if (found.kind === 'merged') return found.snapshot;
  throw new MigrateError(
    'refused',
    `${tag} and what stands before it both changed ${found.what}. Nothing was changed.`,
    {
      next: `Only a person knows which is meant: take the SQL file, the journal entry and the snapshot of ${tag} away, then run migrate-tui generate.`,
    },
  );
}

/** The same entry, later than the one before it by number, time and name. */
function after(last: EntryText | undefined, entry: EntryText): EntryText {
  if (last === undefined) return entry;
  const [, prefix = '', name = ''] = /^(\d+)_(.+)$/.exec(entry.tag) ?? [];
  // Two within one second would share a snapshot file again.
  const when = Math.max(entry.when, last.when + (prefix.length < 10 ? 1 : 1000));
  const idx = (last.idx ?? 0) + 1;
  return { ...entry, idx, when, tag: `${prefixFor(prefix, { idx, when, tag: entry.tag })}_${name}` };
}

function prefixFor(prefix: string, { idx, when, tag }: EntryText): string {
  if (prefix.length === 14) return new Date(when).toISOString().replaceAll(/[-:T]/g, '').slice(0, 14);
  if (prefix.length === 10) return String(Math.floor(when / 1000));
  if (prefix.length > 0) return String(idx).padStart(prefix.length, '0');
  throw new MigrateError(
    'refused',
    `${tag} has no number in its name, so its snapshot is in one file with that of every other. Nothing was changed.`,
    {
      next: 'Set migrations.prefix in the Drizzle configuration; then migrate-tui check says what to do by hand.',
    },
  );
}

/** The SQL file, and what lies beside it for it. */
async function rehome(copy: string, from: string, to: string): Promise<void> {
  for (const folder of [copy, `${copy}.extra`]) {
    if (!existsSync(folder)) continue;
    for (const name of await readdir(folder)) {
      if (name.startsWith(`${from}.`))
        await rename(join(folder, name), join(folder, `${to}${name.slice(from.length)}`));
    }
  }
}

function json(value: unknown): string {
  return JSON.stringify(value, undefined, 2);
}
