import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readJournal, type JournalEntry } from './journal.ts';

/** Two entries of a Drizzle 0.x journal that two branches made beside each other. */
export interface JournalConflict {
  readonly kind:
    | 'same-index'
    /** Both would be described by one file: one of the two is lost. */
    | 'same-snapshot'
    /** Both snapshots go on from the same one, so the later does not know what the earlier made. */
    | 'same-parent'
    /** The later one has a time that is not later: Drizzle 0.x passes it by where the earlier has run. */
    | 'older-time';
  /** The one that stands later in the journal. */
  readonly tag: string;
  readonly earlier: string;
  /** Absolute path of the journal. */
  readonly file: string;
  readonly line: number;
}

/** Every pair that contradicts itself, in the order of the journal. A folder without a journal has none. */
export async function journalConflicts(directory: string): Promise<readonly JournalConflict[]> {
  const file = join(directory, 'meta', '_journal.json');
  if (!existsSync(file)) return [];
  const { entries } = await readJournal(file, { sqlFiles: 0 });
  const parents = new Map<JournalEntry, string | undefined>();
  for (const entry of entries) parents.set(entry, await parentOf(directory, entry));
  const pairs: readonly (readonly [JournalConflict['kind'], (entry: JournalEntry) => unknown])[] = [
    ['same-index', ({ idx }) => idx],
    ['same-snapshot', ({ tag }) => (hasSnapshot(directory, tag) ? prefixOf(tag) : undefined)],
    ['same-parent', (entry) => parents.get(entry)],
  ];
  const found = [
    ...pairs.flatMap(([kind, key]) => repeated(entries, key).map((pair) => ({ kind, ...pair }))),
    ...late(entries).map((pair) => ({ kind: 'older-time' as const, ...pair })),
  ];
  const separate = found.filter(
    // Where one file describes both, that is why they have one parent.
    ({ kind, later }) =>
      kind !== 'same-parent' || !found.some((one) => one.kind === 'same-snapshot' && one.later === later),
  );
  return separate
    .map(({ kind, later, earlier }) => ({
      kind,
      tag: later.tag,
      earlier: earlier.tag,
      file,
      line: later.line,
    }))
    .toSorted((a, b) => a.line - b.line);
}

interface Pair {
  readonly earlier: JournalEntry;
  readonly later: JournalEntry;
}

function repeated(entries: readonly JournalEntry[], key: (entry: JournalEntry) => unknown): readonly Pair[] {
  const first = new Map<unknown, JournalEntry>();
  return entries.flatMap((later) => {
    const value = key(later);
    if (value === undefined) return [];
    const earlier = first.get(value);
    if (earlier) return [{ earlier, later }];
    first.set(value, later);
    return [];
  });
}

function late(entries: readonly JournalEntry[]): readonly Pair[] {
  let newest: JournalEntry | undefined;
  return entries.flatMap((later) => {
    const earlier = newest;
    if (earlier && later.when <= earlier.when) return [{ earlier, later }];
    newest = later;
    return [];
  });
}

function prefixOf(tag: string): string {
  return tag.split('_')[0] ?? tag;
}

function snapshotOf(directory: string, tag: string): string {
  return join(directory, 'meta', `${prefixOf(tag)}_snapshot.json`);
}

function hasSnapshot(directory: string, tag: string): boolean {
  return existsSync(snapshotOf(directory, tag));
}

/** What the snapshot of an entry goes on from; undefined where it has none that can be read. */
async function parentOf(directory: string, { tag }: JournalEntry): Promise<string | undefined> {
  if (!hasSnapshot(directory, tag)) return undefined;
  try {
    const { prevId }: { prevId?: unknown } = JSON.parse(await readFile(snapshotOf(directory, tag), 'utf8'));
    return typeof prevId === 'string' ? prevId : undefined;
  } catch {
    // Not JSON: drizzle-kit's own check says so.
    return undefined;
  }
}
