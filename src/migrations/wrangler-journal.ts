import { join } from 'node:path';
import { MigrateError } from '../lib/errors.ts';
import { readJournal } from './journal.ts';
import type { Journal } from './journal.ts';
import { listFolderIfThere } from './listing.ts';
import type { FolderNote } from './migration.ts';

/** Drizzle 0.x's journal in a folder that is run without it, by wrangler or by number. */
export interface JournalBeside {
  readonly kind: 'there' | 'none';
  /** Its times by tag, milliseconds since 1970. */
  readonly whenOf: ReadonlyMap<string, number>;
  /** Where it says something else than what the runner does. */
  readonly notes: readonly FolderNote[];
}

/** A folder's files in the order in which its runner runs them. */
interface FilesBeside {
  /** Paths relative to the folder. */
  readonly names: readonly string[];
  readonly tags: ReadonlyMap<string, string>;
  /** Who runs them, as it is said in notes. */
  readonly runner: string;
}

/** Never throws for what is wrong with the journal: the runner does not open it. */
export async function journalBeside(
  directory: string,
  { names, tags, runner }: FilesBeside,
): Promise<JournalBeside> {
  const meta = await listFolderIfThere(join(directory, 'meta'));
  if (!meta.files.includes('_journal.json')) return { kind: 'none', whenOf: new Map(), notes: [] };
  const file = join(meta.directory, '_journal.json');
  try {
    const journal = await readJournal(file, { sqlFiles: names.length });
    return {
      kind: 'there',
      whenOf: new Map(journal.entries.map(({ tag, when }) => [tag, when])),
      notes: [...differences(journal, directory, { names, tags, runner }), ...otherOrder(journal, [...tags.values()], runner)],
    };
  } catch (error) {
    if (!(error instanceof MigrateError)) throw error;
    const message = `is no journal that Drizzle can use, which ${runner} does not notice: ${error.message}`;
    return { kind: 'there', whenOf: new Map(), notes: [{ file, message }] };
  }
}

function differences(
  { file, entries }: Journal,
  directory: string,
  { names, tags, runner }: FilesBeside,
): readonly FolderNote[] {
  const journaled = new Set(entries.map(({ tag }) => tag));
  const present = new Set(tags.values());
  return [
    ...entries
      .filter(({ tag }) => !present.has(tag))
      .map(({ tag }) => ({ file, message: `names ${tag}, for which ${runner} finds no file and runs nothing` })),
    ...names
      .filter((name) => !journaled.has(tags.get(name) ?? name))
      .map((name) => ({
        file: join(directory, name),
        message: `is not in meta/_journal.json, and ${runner} runs it all the same`,
      })),
  ];
}

/** The first migration that the journal has run earlier than one that the runner runs before it. */
function otherOrder({ file, entries }: Journal, tags: readonly string[], runner: string): readonly FolderNote[] {
  const places = new Map(entries.map(({ tag }, index) => [tag, index]));
  let latest: { readonly tag: string; readonly place: number } | undefined;
  for (const tag of tags) {
    const place = places.get(tag);
    if (place === undefined) continue;
    if (latest && place < latest.place) {
      return [{ file, message: `has ${tag} before ${latest.tag}, but ${runner} runs ${latest.tag} first` }];
    }
    latest = { tag, place };
  }
  return [];
}
