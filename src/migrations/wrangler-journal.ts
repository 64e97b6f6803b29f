import { join } from 'node:path';
import { MigrateError } from '../lib/errors.ts';
import { readJournal } from './journal.ts';
import type { Journal } from './journal.ts';
import { listFolderIfThere } from './listing.ts';
import type { FolderNote } from './migration.ts';

/** Drizzle 0.x's journal in a folder that wrangler runs without it. */
export interface JournalBeside {
  readonly kind: 'there' | 'none';
  /** Its times by tag, milliseconds since 1970. */
  readonly whenOf: ReadonlyMap<string, number>;
  /** Where it says something else than what wrangler does. */
  readonly notes: readonly FolderNote[];
}

/** Never throws for what is wrong with the journal: wrangler does not open it. */
export async function journalBeside(
  directory: string,
  { names, tags }: { readonly names: readonly string[]; readonly tags: ReadonlyMap<string, string> },
): Promise<JournalBeside> {
  const meta = await listFolderIfThere(join(directory, 'meta'));
  if (!meta.files.includes('_journal.json')) return { kind: 'none', whenOf: new Map(), notes: [] };
  const file = join(meta.directory, '_journal.json');
  try {
    const journal = await readJournal(file, { sqlFiles: names.length });
    return {
      kind: 'there',
      whenOf: new Map(journal.entries.map(({ tag, when }) => [tag, when])),
      notes: [...differences(journal, directory, { names, tags }), ...otherOrder(journal, [...tags.values()])],
    };
  } catch (error) {
    if (!(error instanceof MigrateError)) throw error;
    const message = `is no journal that Drizzle can use, which wrangler does not notice: ${error.message}`;
    return { kind: 'there', whenOf: new Map(), notes: [{ file, message }] };
  }
}

function differences(
  { file, entries }: Journal,
  directory: string,
  { names, tags }: { readonly names: readonly string[]; readonly tags: ReadonlyMap<string, string> },
): readonly FolderNote[] {
  const journaled = new Set(entries.map(({ tag }) => tag));
  const present = new Set(tags.values());
  return [
    ...entries
      .filter(({ tag }) => !present.has(tag))
      .map(({ tag }) => ({ file, message: `names ${tag}, for which wrangler finds no file and runs nothing` })),
    ...names
      .filter((name) => !journaled.has(tags.get(name) ?? name))
      .map((name) => ({
        file: join(directory, name),
        message: 'is not in meta/_journal.json, and wrangler runs it all the same',
      })),
  ];
}

/** The first migration that the journal has run earlier than one that wrangler runs before it. */
function otherOrder({ file, entries }: Journal, tags: readonly string[]): readonly FolderNote[] {
  const places = new Map(entries.map(({ tag }, index) => [tag, index]));
  let latest: { readonly tag: string; readonly place: number } | undefined;
  for (const tag of tags) {
    const place = places.get(tag);
    if (place === undefined) continue;
    if (latest && place < latest.place) {
      return [{ file, message: `has ${tag} before ${latest.tag}, but wrangler runs ${latest.tag} first` }];
    }
    latest = { tag, place };
  }
  return [];
}
