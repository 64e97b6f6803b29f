import { join } from 'node:path';
import { inBatches } from '../../lib/in-batches.ts';
import { MigrateError } from '../../lib/errors.ts';
import { safe } from '../../lib/safe-text.ts';
import type { Dialect } from '../../sql/statement.ts';
import { findCompanions, readCompanions, strayCompanions } from '../companions.ts';
import type { CompanionFiles, FoundCompanions } from '../companions.ts';
import { listFolder } from '../listing.ts';
import type { Listing } from '../listing.ts';
import type { FolderNote } from '../migration.ts';
import { readMigration } from '../read-migration.ts';
import { some } from '../some.ts';
import { badTag } from '../tag.ts';
import type { Format, FormatContent } from './format.ts';

/** Drizzle 1.0: a folder per migration, `<YYYYMMDDHHMMSS>_<name>/migration.sql`, in the order of the names. */
export const drizzle1: Format = { name: 'drizzle-1', detect, read };

async function detect(listing: Listing): Promise<boolean> {
  const folders = await inBatches(listing.folders, 64, (name) => listFolder(join(listing.directory, name)));
  return folders.some(isMigration);
}

const isMigration = ({ files }: Listing) => files.includes('migration.sql');

async function read(listing: Listing, dialect: Dialect): Promise<FormatContent> {
  const { directory } = listing;
  const folders = await inBatches(listing.folders, 64, async (tag) => ({
    tag,
    listing: await listFolder(join(directory, tag)),
  }));
  const sources = folders
    .filter(({ listing }) => isMigration(listing))
    .toSorted((a, b) => a.tag.localeCompare(b.tag));
  const companions = await findCompanions(listing);
  const contents = await inBatches(sources, 64, (source) => migrationOf(source, companions, dialect));
  const tags = new Set(sources.map(({ tag }) => tag));
  const others = folders.filter(({ listing }) => !isMigration(listing)).map(({ listing }) => listing.directory);
  return {
    migrations: contents.map(({ migration }) => migration),
    notes: [
      ...strays(listing, others, companions),
      ...strayCompanions(companions, (tag) => tags.has(tag)),
      ...missingSnapshots(directory, sources),
      ...contents.flatMap(({ notes }) => notes),
    ],
  };
}

interface Source {
  readonly tag: string;
  readonly listing: Listing;
}

async function migrationOf(
  { tag, listing }: Source,
  companions: FoundCompanions,
  dialect: Dialect,
): ReturnType<typeof readMigration> {
  const when = timeOf(tag);
  const bad = badTag(tag) ?? (Number.isNaN(when) ? 'its first 14 characters are no time (YYYYMMDDHHMMSS)' : undefined);
  if (bad !== undefined) throw refused(listing.directory, bad);
  const files = { ...companions.of(tag), ...companionsInside(listing) };
  return await readMigration({
    tag,
    when,
    file: join(listing.directory, 'migration.sql'),
    dialect,
    companions: await readCompanions(files, { dialect }),
  });
}

/** The time in a folder name as drizzle-orm 1.0 reads it, field by field; NaN when it is none. */
export function timeOf(tag: string): number {
  const field = (start: number, end: number) => Number.parseInt(tag.slice(start, end), 10);
  return Date.UTC(field(0, 4), field(4, 6) - 1, field(6, 8), field(8, 10), field(10, 12), field(12, 14));
}

/** Companions in the migration's own folder, where neither Drizzle nor wrangler looks for them. */
export function companionsInside({ directory, files }: Pick<Listing, 'directory' | 'files'>): CompanionFiles {
  const rollback = ['rollback.sql', 'down.sql'].find((name) => files.includes(name));
  return {
    ...(rollback !== undefined && { rollback: join(directory, rollback) }),
    ...(files.includes('verify.sql') && { verify: join(directory, 'verify.sql') }),
  };
}

function strays(
  { directory, files }: Listing,
  others: readonly string[],
  companions: FoundCompanions,
): readonly FolderNote[] {
  const known = new Set(companions.found.map(({ file }) => file));
  const sqlFiles = files.filter((name) => name.endsWith('.sql')).map((name) => join(directory, name));
  return [
    ...sqlFiles
      .filter((file) => !known.has(file))
      .map((file) => ({ file, message: 'lies in no folder of its own, so Drizzle 1.0 never runs it' })),
    ...others.map((file) => ({ file, message: 'has no migration.sql, so Drizzle 1.0 passes it by' })),
  ];
}

function missingSnapshots(directory: string, sources: readonly Source[]): readonly FolderNote[] {
  const missing = sources.filter(({ listing }) => !listing.files.includes('snapshot.json'));
  if (missing.length === 0) return [];
  const message = `has no snapshot of ${some(missing.map(({ tag }) => tag))}: deploying needs none, drizzle-kit generate does`;
  return [{ file: directory, message }];
}

function refused(directory: string, why: string): MigrateError {
  return new MigrateError(
    'migrations',
    `Folder ${safe(directory, { lines: 'one' })} has a migration.sql but its name names no migration: ${why}`,
    { next: 'Rename the folder, or move it out of the migration folder; drizzle-orm cannot record it as it is.' },
  );
}
