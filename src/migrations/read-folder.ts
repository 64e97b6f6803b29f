import { join, resolve } from 'node:path';
import { MigrateError } from '../lib/errors.ts';
import { safe } from '../lib/safe-text.ts';
import { unreachable } from '../lib/unreachable.ts';
import { dialectNames, type Dialect } from '../sql/statement.ts';
import { folderDialect } from './folder-dialect.ts';
import { drizzle0 } from './formats/drizzle-0.ts';
import { drizzle1 } from './formats/drizzle-1.ts';
import type { Format, FormatContent } from './formats/format.ts';
import { readNumbered } from './formats/numbered.ts';
import { readForWrangler } from './formats/wrangler.ts';
import { fits } from './glob.ts';
import { listFolder } from './listing.ts';
import type { Listing } from './listing.ts';
import type { FolderNote, FormatName, Migration, MigrationFolder, RecordedBy } from './migration.ts';
import { refuseSameNumbers } from './one-number.ts';
import { readManifest, refuseCutOff, squashedFolder, withRanges, type Squash } from './squashed.ts';

/**
 * Reads a migration folder whole. An empty folder has no migrations; everything that cannot be used throws
 * `MigrateError` `migrations` with file, line where there is one, and reason; the rest that is odd is a note.
 */
export async function readFolder({
  directory,
  format = 'auto',
  dialect = 'sqlite',
  recordedBy = 'drizzle',
  pattern,
  only,
  except,
  numbers = 'of-one-database',
}: ReadFolderOptions): Promise<MigrationFolder> {
  refuseCutOff(resolve(directory));
  const listing = await listFolder(resolve(directory));
  const content = await readFor(recordedBy, listing, { format, dialect, pattern });
  const originals = async ({ archive }: Squash) => {
    const kept = await listFolder(join(squashedFolder(listing.directory), archive));
    const { migrations } = await readFor(recordedBy, kept, { format: content.format, dialect, pattern });
    return migrations;
  };
  const own = content.migrations.filter(belongs({ only, except }));
  if (recordedBy === 'numbered' && numbers === 'of-one-database') refuseSameNumbers(listing.directory, own);
  return {
    format: content.format,
    dialect,
    directory: listing.directory,
    migrations: withRanges(own, await readManifest(listing.directory), originals),
    notes: [...idlePatterns(listing, content.migrations, only), ...content.notes],
  };
}

export interface ReadFolderOptions {
  readonly directory: string;
  /** `auto` unless given: what is there decides. Looked at only where Drizzle's table records. */
  readonly format?: FormatName | 'auto';
  /** What the files are written in; `sqlite` unless given. A folder that wrangler reads is always SQLite's. */
  readonly dialect?: Dialect;
  /** Who runs the folder, with its own choice of files and its own order: `d1` is wrangler. `drizzle` unless given. */
  readonly recordedBy?: RecordedBy;
  /** wrangler's `migrations_pattern`, relative to `directory`; undefined: every SQL file right in it. */
  readonly pattern?: string | undefined;
  /** Patterns on file names: the database's part of a folder that several share. */
  readonly only?: readonly string[] | undefined;
  /** The patterns of the others, for the database that takes what no other claims. */
  readonly except?: readonly string[] | undefined;
  /** Each database has its own numbers: that of a folder read for several of them may be there twice. */
  readonly numbers?: 'of-one-database' | 'of-several';
}

async function readFor(
  recordedBy: RecordedBy,
  listing: Listing,
  { format, dialect, pattern }: Required<Pick<ReadFolderOptions, 'format' | 'dialect'>> & Pick<ReadFolderOptions, 'pattern'>,
): Promise<FormatContent & Pick<MigrationFolder, 'format'>> {
  switch (recordedBy) {
    case 'd1':
      return readForWrangler(listing, pattern);
    case 'numbered':
      return readNumbered(listing, dialect);
    case 'drizzle':
      return readForDrizzle(listing, format, dialect);
    default:
      return unreachable(recordedBy);
  }
}

async function readForDrizzle(
  listing: Listing,
  asked: FormatName | 'auto',
  dialect: Dialect,
): Promise<FormatContent & Pick<MigrationFolder, 'format'>> {
  const present = await detected(listing);
  const reader = choose(listing, asked, present);
  const { migrations, notes } = await reader.read(listing, dialect);
  const odd = [...bothPresent(listing, reader, present), ...otherDialect(listing, reader, dialect)];
  return { format: reader.name, migrations, notes: [...odd, ...notes] };
}

const formats: readonly Format[] = [drizzle0, drizzle1];

async function detected(listing: Listing): Promise<readonly Format[]> {
  const found = await Promise.all(formats.map((format) => format.detect(listing)));
  return formats.filter((_, index) => found[index]);
}

function choose(listing: Listing, asked: FormatName | 'auto', present: readonly Format[]): Format {
  // Nothing there yet: the older line is what drizzle-kit writes by default.
  if (asked === 'auto' || asked === 'wrangler' || asked === 'numbered') return present[0] ?? drizzle0;
  const [other] = present;
  const format = asked === 'drizzle-0' ? drizzle0 : drizzle1;
  if (!other || present.includes(format)) return format;
  throw new MigrateError(
    'migrations',
    `Migration folder ${safe(listing.directory, { lines: 'one' })} is stored as ${titles[other.name]}, not as ${titles[asked]}`,
    { next: 'Correct the format in the configuration, or leave it out.' },
  );
}

const titles: Record<FormatName, string> = {
  'drizzle-0': 'Drizzle 0.x',
  'drizzle-1': 'Drizzle 1.0',
  wrangler: 'wrangler',
  numbered: 'numbered files',
};

function bothPresent(listing: Listing, { name }: Format, present: readonly Format[]): readonly FolderNote[] {
  if (present.length < 2) return [];
  const other = name === 'drizzle-0' ? 'drizzle-1' : 'drizzle-0';
  const message =
    `holds migrations of ${titles['drizzle-0']} and of ${titles['drizzle-1']}; those of ${titles[name]} are read, ` +
    `those of ${titles[other]} are not: drizzle-orm 1.0 refuses a folder with meta/_journal.json, and 0.x reads nothing else`;
  return [{ file: listing.directory, message }];
}

/** Of 0.x the journal says it, with its own note. */
function otherDialect({ directory }: Listing, { name }: Format, dialect: Dialect): readonly FolderNote[] {
  const noted = name === 'drizzle-1' ? folderDialect(directory) : undefined;
  if (noted === undefined || noted === dialect) return [];
  return [
    { file: directory, message: `holds migrations for ${dialectNames[noted]}, not for ${dialectNames[dialect]}` },
  ];
}

/** Whether a migration is the database's own, in a folder that several share. */
export function belongs({ only, except = [] }: Pick<ReadFolderOptions, 'only' | 'except'>) {
  return (migration: Pick<Migration, 'tag'>): boolean =>
    only ? fitsAny(migration, only) : !fitsAny(migration, except);
}

function fitsAny({ tag }: Pick<Migration, 'tag'>, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => fits(`${tag}.sql`, pattern) || fits(tag, pattern));
}

function idlePatterns(
  { directory }: Listing,
  migrations: readonly Migration[],
  only: readonly string[] = [],
): readonly FolderNote[] {
  return only
    .filter((pattern) => !migrations.some((migration) => fitsAny(migration, [pattern])))
    .map((pattern) => ({ file: directory, message: `has no migration that fits the pattern ${pattern}` }));
}
