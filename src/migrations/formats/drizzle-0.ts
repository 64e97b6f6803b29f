import { join } from 'node:path';
import { inBatches } from '../../lib/in-batches.ts';
import { MigrateError } from '../../lib/errors.ts';
import { safe } from '../../lib/safe-text.ts';
import type { Dialect } from '../../sql/statement.ts';
import { findCompanions, readCompanions, strayCompanions } from '../companions.ts';
import type { FoundCompanions } from '../companions.ts';
import { readJournal } from '../journal.ts';
import type { Journal, JournalEntry } from '../journal.ts';
import { listFolderIfThere } from '../listing.ts';
import type { Listing } from '../listing.ts';
import type { FolderNote } from '../migration.ts';
import { readMigration } from '../read-migration.ts';
import { some } from '../some.ts';
import type { Format, FormatContent } from './format.ts';

/**
 * Drizzle 0.x: SQL files in one folder, and `meta/_journal.json`, whose order is the order of running.
 * File names decide nothing, so that every prefix (index, timestamp, unix, none) reads the same.
 */
export const drizzle0: Format = { name: 'drizzle-0', detect, read };

async function detect({ directory, folders }: Listing): Promise<boolean> {
  return folders.includes('meta') && (await metaFolder(directory)).files.includes(journalName);
}

const journalName = '_journal.json';
const metaFolder = (directory: string) => listFolderIfThere(join(directory, 'meta'));

async function read(listing: Listing, dialect: Dialect): Promise<FormatContent> {
  const { directory } = listing;
  const meta = await metaFolder(directory);
  const sqlFiles = listing.files.filter((name) => name.endsWith('.sql'));
  if (!meta.files.includes(journalName)) return withoutJournal(directory, sqlFiles);
  const journal = await readJournal(join(directory, 'meta', journalName), { sqlFiles: sqlFiles.length, dialect });
  const companions = await findCompanions(listing);
  const contents = await inBatches(journal.entries, 64, (entry) =>
    migrationOf({ directory, dialect }, entry, journal, companions),
  );
  const tags = new Set(journal.entries.map(({ tag }) => tag));
  return {
    migrations: contents.map(({ migration }) => migration),
    notes: [
      ...journal.notes,
      ...orderNotes(journal),
      ...unlisted(directory, sqlFiles, { tags, companions }),
      ...strayCompanions(companions, (tag) => tags.has(tag)),
      ...missingSnapshots(journal, meta),
      ...contents.flatMap(({ notes }) => notes),
    ],
  };
}

/** An empty folder has no migrations yet; SQL files without a journal are another thing. */
function withoutJournal(directory: string, sqlFiles: readonly string[]): FormatContent {
  if (sqlFiles.length === 0) return { migrations: [], notes: [] };
  const shown = safe(directory, { lines: 'one' });
  throw new MigrateError(
    'migrations',
    `Migration folder ${shown} has SQL files (${some(sqlFiles)}) but no meta/_journal.json, so their order is not known`,
    {
      next: `Bring meta/_journal.json back from version control; drizzle-kit generate writes it.${withoutDrizzle}`,
    },
  );
}

const withoutDrizzle =
  " Where it is no folder of Drizzle's but of numbered files, bookkeeping: 'numbered' of its database in migrate-tui.config runs them by number.";

async function migrationOf(
  { directory, dialect }: { readonly directory: string; readonly dialect: Dialect },
  entry: JournalEntry,
  journal: Journal,
  companions: FoundCompanions,
): ReturnType<typeof readMigration> {
  const { tag, when, line } = entry;
  const file = join(directory, `${tag}.sql`);
  const missing = () =>
    new MigrateError(
      'migrations',
      `${safe(journal.file, { lines: 'one' })}:${line} names ${tag}, but there is no file ${tag}.sql`,
      { next: `Bring ${tag}.sql back from version control; drizzle-orm refuses the whole folder without it.` },
    );
  const beside = await readCompanions(companions.of(tag), { dialect });
  return await readMigration({ tag, when, file, missing, dialect, companions: beside });
}

function orderNotes({ file, entries }: Journal): readonly FolderNote[] {
  const notes: FolderNote[] = [];
  let newest: JournalEntry | undefined;
  for (const entry of entries) {
    if (newest && entry.when <= newest.when) {
      const relation = entry.when === newest.when ? 'the same time as' : 'an older time than';
      notes.push({
        file,
        message: `gives ${entry.tag} ${relation} ${newest.tag}, which runs before it: drizzle-orm 0.x never runs ${entry.tag} on a database that has ${newest.tag}`,
      });
    }
    if (!newest || entry.when > newest.when) newest = entry;
  }
  return notes;
}

function unlisted(
  directory: string,
  sqlFiles: readonly string[],
  { tags, companions }: { readonly tags: ReadonlySet<string>; readonly companions: FoundCompanions },
): readonly FolderNote[] {
  const known = new Set(companions.found.map(({ file }) => file));
  return sqlFiles
    .filter((name) => !tags.has(name.slice(0, -'.sql'.length)) && !known.has(join(directory, name)))
    .map((name) => ({ file: join(directory, name), message: 'is not in meta/_journal.json, so Drizzle never runs it' }));
}

function missingSnapshots({ entries }: Journal, meta: Listing): readonly FolderNote[] {
  const missing = entries.filter(({ tag }) => !meta.files.includes(`${tag.split('_')[0]}_snapshot.json`));
  if (missing.length === 0) return [];
  const message = `has no snapshot of ${some(missing.map(({ tag }) => tag))}: deploying needs none, drizzle-kit generate does`;
  return [{ file: meta.directory, message }];
}
