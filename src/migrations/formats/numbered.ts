import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MigrateError } from '../../lib/errors.ts';
import { inBatches } from '../../lib/in-batches.ts';
import { safe } from '../../lib/safe-text.ts';
import type { Dialect } from '../../sql/statement.ts';
import { companionName, findCompanions, readCompanions, strayCompanions } from '../companions.ts';
import type { FoundCompanions } from '../companions.ts';
import { listFolder } from '../listing.ts';
import type { Listing } from '../listing.ts';
import type { FolderNote, FormatName } from '../migration.ts';
import { numberedName, type NumberedName } from '../numbered-name.ts';
import { readMigration } from '../read-migration.ts';
import { some } from '../some.ts';
import { numbersTool } from '../sql-file.ts';
import { squashedFolder } from '../squashed.ts';
import { badFileName, badTag } from '../tag.ts';
import { journalBeside } from '../wrangler-journal.ts';
import type { JournalBeside } from '../wrangler-journal.ts';
import type { FormatContent } from './format.ts';

/** A folder as a runner of numbered files reads it, and what it looks like: Drizzle's line, or plain files. */
export interface NumberedContent extends FormatContent {
  readonly format: FormatName;
}

/**
 * SQL files whose names begin with a number, in the order of the numbers, whatever journal lies there. Companions may
 * lie beside them: a runner of numbered files knows them by their names.
 * Throws `MigrateError` `migrations` for names that cannot be tags, and for a folder of Drizzle 1.0.
 */
export async function readNumbered(listing: Listing, dialect: Dialect): Promise<NumberedContent> {
  const { directory } = listing;
  const below = await inBatches(listing.folders, 64, (name) => listFolder(join(directory, name)));
  refuseDrizzle1(directory, below);
  const { files, others } = sorted(listing);
  refuseNames(directory, files);
  const names = files.map(({ name }) => name);
  const tags = new Map(files.map(({ name, tag }) => [name, tag]));
  const companions = await findCompanions(listing);
  const journal = await journalBeside(directory, { names, tags, runner: 'what runs them by number' });
  const contents = await inBatches(files, 64, (file) =>
    migrationOf({ directory, dialect, companions, journal }, file),
  );
  const known = new Set(tags.values());
  return {
    format: journal.kind === 'there' ? 'drizzle-0' : 'numbered',
    migrations: contents.map(({ migration }) => migration),
    notes: [
      ...journal.notes,
      ...passedBy(directory, others),
      ...below.flatMap(withSql),
      ...gaps(directory, files),
      ...strayCompanions(companions, (tag) => known.has(tag)),
      ...contents.flatMap(({ notes }) => notes),
    ],
  };
}

interface NumberedFile extends NumberedName {
  readonly name: string;
}

/** The migrations in their order, and the SQL files that are none; two of one number stand as their names do. */
function sorted({ files }: Pick<Listing, 'files'>): {
  readonly files: readonly NumberedFile[];
  readonly others: readonly string[];
} {
  const own = files.filter((name) => /\.sql$/i.test(name) && !companionName.test(name));
  const numbered = own.flatMap((name) => {
    const read = name.endsWith('.sql') ? numberedName(name) : undefined;
    return read ? [{ ...read, name }] : [];
  });
  const known = new Set(numbered.map(({ name }) => name));
  return {
    files: numbered.toSorted((a, b) => (a.number < b.number ? -1 : a.number > b.number ? 1 : 0)),
    others: own.filter((name) => !known.has(name)),
  };
}

interface Reading {
  readonly directory: string;
  readonly dialect: Dialect;
  readonly companions: FoundCompanions;
  readonly journal: JournalBeside;
}

async function migrationOf(
  { directory, dialect, companions, journal }: Reading,
  { name, tag }: NumberedFile,
): ReturnType<typeof readMigration> {
  return await readMigration({
    tag,
    // Nothing hangs on it where numbers decide; it tells which record of Drizzle's table means this file.
    when: journal.whenOf.get(tag) ?? 0,
    file: join(directory, name),
    dialect,
    companions: await readCompanions(companions.of(tag), { dialect }),
    tool: numbersTool,
  });
}

function refuseNames(directory: string, files: readonly NumberedFile[]): void {
  for (const { name, tag } of files) {
    const bad = badTag(tag);
    if (bad !== undefined) throw badFileName(directory, name, bad);
  }
}

function refuseDrizzle1(directory: string, below: readonly Listing[]): void {
  if (!below.some(({ files }) => files.includes('migration.sql'))) return;
  throw new MigrateError(
    'migrations',
    `Migration folder ${safe(directory, { lines: 'one' })} has a folder for each migration, as Drizzle 1.0 makes them, and no numbered files`,
    { next: "Set bookkeeping: 'drizzle' for this database in migrate-tui.config.ts." },
  );
}

function passedBy(directory: string, others: readonly string[]): readonly FolderNote[] {
  if (others.length === 0) return [];
  const message = `has SQL files whose names begin with no number, so they are not run: ${some(others)}`;
  return [{ file: directory, message }];
}

function withSql({ directory, files }: Listing): readonly FolderNote[] {
  const inside = files.filter((name) => /\.sql$/i.test(name));
  if (inside.length === 0) return [];
  return [{ file: directory, message: `has SQL files (${some(inside)}) that are not run: numbered files lie right in the migration folder` }];
}

/** Of files that are counted; those that are called by their time have none, and what was squashed is in its archive. */
function gaps(directory: string, files: readonly NumberedFile[]): readonly FolderNote[] {
  if (existsSync(squashedFolder(directory))) return [];
  const missing = files.flatMap(({ number }, index) => {
    const before = files[index - 1]?.number;
    return before !== undefined && number > before + 1n && number < firstTime ? [span(before + 1n, number - 1n)] : [];
  });
  if (missing.length === 0) return [];
  return [{ file: directory, message: `has no migration with the number ${some(missing)}` }];
}

/** No counted file comes as far: 2024 may be a year. */
const firstTime = 1_000_000n;

const span = (from: bigint, to: bigint) => (from === to ? `${from}` : `${from} to ${to}`);
