import { basename, dirname, join } from 'node:path';
import { MigrateError } from '../../lib/errors.ts';
import { inBatches } from '../../lib/in-batches.ts';
import { safe } from '../../lib/safe-text.ts';
import { companionName, findCompanions, readCompanions, strayCompanions } from '../companions.ts';
import type { CompanionFiles, FoundCompanions } from '../companions.ts';
import type { Listing } from '../listing.ts';
import type { FolderNote, FormatName } from '../migration.ts';
import { readMigration } from '../read-migration.ts';
import { some } from '../some.ts';
import { badFileName, badTag } from '../tag.ts';
import { defaultPattern, wranglerFiles } from '../wrangler-files.ts';
import type { WranglerFiles } from '../wrangler-files.ts';
import { journalBeside } from '../wrangler-journal.ts';
import type { JournalBeside } from '../wrangler-journal.ts';
import { compareNames } from '../wrangler-order.ts';
import { tagsOf } from '../wrangler-tags.ts';
import { companionsInside, timeOf } from './drizzle-1.ts';
import type { FormatContent } from './format.ts';

/** A folder as wrangler reads it, and what it looks like: Drizzle's line, or plain files. */
export interface WranglerContent extends FormatContent {
  readonly format: FormatName;
}

/**
 * A folder that wrangler runs: its files in its order, whatever journal lies there.
 * Throws `MigrateError` `migrations` for names that cannot be tags, and for companions among its files.
 *
 * @param pattern `migrations_pattern` relative to the folder; undefined: every SQL file right in it
 */
export async function readForWrangler(
  listing: Listing,
  pattern: string | undefined,
): Promise<WranglerContent> {
  const { directory } = listing;
  const files = await wranglerFiles(directory, pattern ?? defaultPattern);
  const unseen = pattern === undefined && files.run.length === 0 ? files.others.filter(isOfDrizzle1) : [];
  const names = (unseen.length > 0 ? unseen : files.run).toSorted(compareNames);
  refuseNames(directory, names);
  refuseCompanions(directory, names);
  const tags = tagsOf(names);
  const companions = await findCompanions(listing);
  const journal = await journalBeside(directory, { names, tags, runner: 'wrangler' });
  const beside = Map.groupBy(files.others, (name) => dirname(name));
  const contents = await inBatches(names, 64, (name) =>
    migrationOf({ directory, beside, tags, companions, journal }, name),
  );
  const known = new Set(tags.values());
  return {
    format: formatOf(names, journal),
    migrations: contents.map(({ migration }) => migration),
    notes: [
      ...unseenNotes(directory, unseen),
      ...journal.notes,
      ...passedBy({ directory, files, names, companions }, pattern),
      ...strayCompanions(companions, (tag) => known.has(tag)),
      ...contents.flatMap(({ notes }) => notes),
    ],
  };
}

const isOfDrizzle1 = (name: string) => /^[^/]+\/migration\.sql$/.test(name);

function formatOf(names: readonly string[], { kind }: JournalBeside): FormatName {
  if (kind === 'there') return 'drizzle-0';
  return names.length > 0 && names.every((name) => isOfDrizzle1(name) && !Number.isNaN(timeOf(name)))
    ? 'drizzle-1'
    : 'wrangler';
}

interface Reading {
  readonly directory: string;
  /** Files that wrangler does not run, by the folder they lie in. */
  readonly beside: ReadonlyMap<string, readonly string[]>;
  readonly tags: ReadonlyMap<string, string>;
  readonly companions: FoundCompanions;
  readonly journal: JournalBeside;
}

async function migrationOf(
  { directory, beside, tags, companions, journal }: Reading,
  name: string,
): ReturnType<typeof readMigration> {
  const tag = tags.get(name) ?? name;
  const time = timeOf(name);
  return await readMigration({
    tag,
    // No decision of wrangler's hangs on it; it tells which record of Drizzle's table means this file.
    when: journal.whenOf.get(tag) ?? (isOfDrizzle1(name) && !Number.isNaN(time) ? time : 0),
    file: join(directory, ...name.split('/')),
    companions: await readCompanions({ ...companions.of(tag), ...inItsFolder(directory, name, beside) }, { dialect: 'sqlite' }),
    tool: 'wrangler',
  });
}

/** Companions in the own folder of a migration of Drizzle 1.0. */
function inItsFolder(directory: string, name: string, beside: Reading['beside']): CompanionFiles {
  if (!isOfDrizzle1(name)) return {};
  const folder = dirname(name);
  const files = beside.get(folder)?.map((other) => basename(other)) ?? [];
  return companionsInside({ directory: join(directory, folder), files });
}

/** wrangler writes any name into its table; one that cannot be seen or told from another is not to be trusted. */
function refuseNames(directory: string, names: readonly string[]): void {
  for (const name of names) {
    const bad = name
      .split('/')
      .map(badTag)
      .find((why) => why !== undefined);
    if (bad !== undefined) throw badFileName(directory, name, bad);
  }
}

function refuseCompanions(directory: string, names: readonly string[]): void {
  const among = names.filter((name) => isCompanion(name, names));
  const [first] = among;
  if (first === undefined) return;
  const folder = safe(directory, { lines: 'one' });
  const one = among.length === 1;
  const ran = one ? 'it as a migration' : 'them as migrations';
  const when = place(first, names);
  const which = one ? when : `${safe(first, { lines: 'one' })} ${when}`;
  const found = one ? 'its migration still finds it' : 'their migrations still find them';
  throw new MigrateError(
    'migrations',
    `${some(among)} in ${folder}: wrangler d1 migrations apply would run ${ran}${when === '' ? '' : `, ${which}`}`,
    { next: `Move ${one ? 'it' : 'them'} to ${folder}.extra/, where wrangler runs nothing and ${found}. Where a runner of numbered files has the folder and not wrangler, bookkeeping: 'numbered' of the database in migrate-tui.config says so; migrate-tui init writes one.` },
  );
}

/** `<tag>.rollback.sql` and the like, or `rollback.sql` beside a `migration.sql`. */
function isCompanion(name: string, names: readonly string[]): boolean {
  if (companionName.test(name)) return true;
  const [, folder] = /^(.+)\/(?:rollback|down|verify)\.sql$/.exec(name) ?? [];
  return folder !== undefined && names.includes(`${folder}/migration.sql`);
}

/** When it would run: its neighbour in wrangler's order makes plain what that does. */
function place(name: string, names: readonly string[]): string {
  const [, tag] = companionName.exec(name) ?? [];
  const own = names.indexOf(tag === undefined ? name.replace(/[^/]+$/, 'migration.sql') : `${tag}.sql`);
  if (own === -1) return '';
  const when = names.indexOf(name) < own ? 'before' : 'after';
  return `${when} ${safe(names[own] ?? '', { lines: 'one' })}`;
}

function unseenNotes(directory: string, unseen: readonly string[]): readonly FolderNote[] {
  if (unseen.length === 0) return [];
  const message =
    'holds migrations of Drizzle 1.0, for which wrangler says "No migrations to apply!" whatever is pending, ' +
    'because migrations_pattern is not set: set it to the folder followed by /*/migration.sql';
  return [{ file: directory, message }];
}

interface PassedBy {
  readonly directory: string;
  readonly files: WranglerFiles;
  readonly names: readonly string[];
  readonly companions: FoundCompanions;
}

function passedBy(
  { directory, files, names, companions }: PassedBy,
  pattern: string | undefined,
): readonly FolderNote[] {
  const run = new Set(names);
  const known = new Set(companions.found.map(({ file }) => file));
  const others = files.others
    .filter((name) => !run.has(name) && !known.has(join(directory, name)) && !isInside(name, run))
    .toSorted(compareNames);
  const fits = pattern === undefined ? `fit ${defaultPattern} right in it` : `fit migrations_pattern (${pattern})`;
  return [
    ...(others.length === 0
      ? []
      : [
          {
            file: directory,
            message: `has SQL files that do not ${fits}, so wrangler never runs them: ${some(others)}`,
          },
        ]),
    ...files.links.map((name) => ({
      file: join(directory, name),
      message: 'is a link, so wrangler never runs it',
    })),
  ];
}

const isInside = (name: string, run: ReadonlySet<string>) =>
  /\/(?:rollback|down|verify)\.sql$/.test(name) && run.has(name.replace(/[^/]+$/, 'migration.sql'));
