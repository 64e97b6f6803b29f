import { existsSync, renameSync, rmSync } from 'node:fs';
import { cp, mkdir, open, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { rename, rm } from '../lib/patient-fs.ts';
import { jsonLike } from '../lib/json-layout.ts';
import type { FormatName, Migration, MigrationFolder } from './migration.ts';
import { folderBefore, manifestName, manifestText, readManifest, squashedFolder, type Squash } from './squashed.ts';

export interface SquashFiles {
  readonly folder: Pick<MigrationFolder, 'directory' | 'format'>;
  /** What becomes one file, in the order of running. */
  readonly range: readonly Migration[];
  readonly squash: Squash;
  /** Of the squashed file. */
  readonly text: string;
  /** What the snapshot of the last stands for, where it says only what changed. */
  readonly ddl?: readonly unknown[] | undefined;
}

/**
 * Puts a squashed file in the place of its migrations and keeps those in the archive. The new folder is made beside the
 * old one and takes its place at the end: whatever cuts this off, the folder is as it was or as it is to be.
 */
export async function writeSquash({ folder, range, squash, text, ddl }: SquashFiles): Promise<void> {
  const { directory } = folder;
  const last = range.at(-1);
  if (!last) throw new Error('A squash without migrations.');
  const archive = join(squashedFolder(directory), squash.archive);
  await rm(archive, { recursive: true, force: true });
  await rm(`${archive}.extra`, { recursive: true, force: true });
  for (const migration of range) await keep(folder, migration, archive);
  await keepJournal(folder, range, archive);
  const next = join(squashedFolder(directory), nextName);
  await copySquashed({ folder, range, text, ddl }, next);
  const older = (await readManifest(directory)).filter((one) => one.archive !== squash.archive);
  await writeManifest(directory, [...older, squash]);
  await swap(directory, next);
  for (const migration of range) await removeExtra(directory, migration, migration === last ? 'but-verify' : 'all');
}

/** Makes a copy of the folder as it is once it is squashed. */
export async function copySquashed(
  { folder, range, text, ddl }: Omit<SquashFiles, 'squash'>,
  to: string,
): Promise<void> {
  const { directory } = folder;
  const last = range.at(-1);
  if (!last) throw new Error('A squash without migrations.');
  await copyFolder(directory, to);
  for (const migration of range) {
    for (const path of ownPaths(folder, migration, migration === last ? 'but-verify' : 'all')) {
      await rm(join(to, path), { recursive: true, force: true });
      await removeEmpty(dirname(join(to, path)), to);
    }
  }
  const file = join(to, relative(directory, last.file));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  await writeSnapshot(folder, { last, ddl }, to);
  const gone = new Set(range.map(({ tag }) => tag).filter((tag) => tag !== last.tag));
  await editJournal(folder, to, (entries) => entries.filter(({ tag }) => !gone.has(String(tag))));
}

/** Puts the originals of a squash back in the place of its file; what came after it stays. */
export async function undoSquash(
  folder: SquashFiles['folder'],
  baseline: Migration,
  squash: Squash,
): Promise<void> {
  const { directory } = folder;
  const archive = join(squashedFolder(directory), squash.archive);
  const next = join(squashedFolder(directory), nextName);
  await copyFolder(directory, next);
  for (const path of ownPaths(folder, baseline, 'but-verify')) await rm(join(next, path), { recursive: true });
  const journal = join('meta', '_journal.json');
  await cp(archive, next, { recursive: true, filter: (from) => relative(archive, from) !== journal });
  const kept = recordIn(await textOf(join(archive, journal)));
  await editJournal(folder, next, (entries) =>
    entries.flatMap((entry) => (entry['tag'] === squash.tag ? entriesOf(kept) : [entry])),
  );
  if (existsSync(`${archive}.extra`)) await cp(`${archive}.extra`, `${directory}.extra`, { recursive: true });
  await swap(directory, next);
  const rest = (await readManifest(directory)).filter((one) => one.archive !== squash.archive);
  if (rest.length === 0) await rm(squashedFolder(directory), { recursive: true, force: true });
  else {
    await writeManifest(directory, rest);
    await rm(archive, { recursive: true, force: true });
    await rm(`${archive}.extra`, { recursive: true, force: true });
  }
}

/** A folder of its own that a migration had, once nothing is in it. */
async function removeEmpty(folder: string, top: string): Promise<void> {
  for (let at = folder; at !== top && at.startsWith(top); at = dirname(at)) {
    if ((await readdir(at)).length > 0) return;
    await rmdir(at);
  }
}

/** Puts a folder back that was on its way to be replaced when the program was killed, and removes what that left. */
export function finishCutOff(directory: string): void {
  const before = folderBefore(directory);
  if (!existsSync(directory) && existsSync(before)) renameSync(before, directory);
  for (const left of [before, join(squashedFolder(directory), nextName)]) rmSync(left, { recursive: true, force: true });
}

/** What Drizzle's snapshots begin with. */
const none = '00000000-0000-0000-0000-000000000000';
const nextName = '.next';

/** Relative to the folder. `but-verify`: queries that hold after the last hold after the squashed file, too. */
function ownPaths(
  { directory, format }: SquashFiles['folder'],
  { tag, file, rollback, verify }: Migration,
  which: 'all' | 'but-verify',
): readonly string[] {
  const paths = [file, ...(rollback ? [rollback.file] : []), ...(verify && which === 'all' ? [verify.file] : [])];
  return [...paths.map((path) => relative(directory, path)), ...snapshotsOf(directory, { tag, file }, format)].filter(
    (path) => !path.startsWith('..'),
  );
}

function snapshotsOf(
  directory: string,
  { tag, file }: Pick<Migration, 'tag' | 'file'>,
  format: FormatName,
): readonly string[] {
  const path =
    format === 'drizzle-0'
      ? join('meta', `${tag.split('_')[0]}_snapshot.json`)
      : join(relative(directory, dirname(file)), 'snapshot.json');
  return existsSync(join(directory, path)) ? [path] : [];
}

async function keep(folder: SquashFiles['folder'], migration: Migration, archive: string): Promise<void> {
  for (const path of ownPaths(folder, migration, 'all')) await cp(join(folder.directory, path), join(archive, path));
  for (const path of extraPaths(folder.directory, migration, 'all')) {
    await cp(join(`${folder.directory}.extra`, path), join(`${archive}.extra`, path));
  }
}

function extraPaths(
  directory: string,
  { rollback, verify }: Migration,
  which: 'all' | 'but-verify',
): readonly string[] {
  const files = [...(rollback ? [rollback.file] : []), ...(verify && which === 'all' ? [verify.file] : [])];
  return files.map((file) => relative(`${directory}.extra`, file)).filter((path) => !path.startsWith('..'));
}

async function removeExtra(directory: string, migration: Migration, which: 'all' | 'but-verify'): Promise<void> {
  for (const path of extraPaths(directory, migration, which)) await rm(join(`${directory}.extra`, path), { force: true });
}

async function keepJournal(
  { directory, format }: SquashFiles['folder'],
  range: readonly Migration[],
  archive: string,
): Promise<void> {
  if (format !== 'drizzle-0') return;
  const tags = new Set(range.map(({ tag }) => tag));
  await mkdir(join(archive, 'meta'), { recursive: true });
  await cp(join(directory, 'meta', '_journal.json'), join(archive, 'meta', '_journal.json'));
  await editJournal({ directory, format }, archive, (entries) => entries.filter(({ tag }) => tags.has(String(tag))));
}

type Entry = Readonly<Record<string, unknown>>;

async function editJournal(
  { format }: Pick<SquashFiles['folder'], 'format' | 'directory'>,
  at: string,
  edit: (entries: readonly Entry[]) => readonly Entry[],
): Promise<void> {
  if (format !== 'drizzle-0') return;
  const file = join(at, 'meta', '_journal.json');
  const text = await textOf(file);
  const journal = recordIn(text);
  await writeFile(file, jsonLike(text, { ...journal, entries: edit(entriesOf(journal)) }));
}

/** The snapshot of the last, as the first of all: whoever compares the schema with it finds what was there before. */
async function writeSnapshot(
  { directory, format }: SquashFiles['folder'],
  { last, ddl }: { readonly last: Migration; readonly ddl: SquashFiles['ddl'] },
  next: string,
): Promise<void> {
  for (const path of snapshotsOf(directory, last, format)) {
    const text = await readFile(join(directory, path), 'utf8');
    const snapshot = ddl ? saysAll(recordIn(text), ddl) : recordIn(text);
    const before = 'prevIds' in snapshot ? { prevIds: [none] } : { prevId: none };
    await writeFile(join(next, path), jsonLike(text, { ...snapshot, ...before }));
  }
}

/** As drizzle-kit 1.0 writes the first snapshot of a PostgreSQL folder. */
function saysAll({ version, dialect, id }: Entry, ddl: readonly unknown[]): Entry {
  return { type: 'base', version, dialect, id, prevIds: [none], footprints: [], ddl };
}

/** Whole and as it is; what was there is gone. */
export async function copyFolder(directory: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await cp(directory, to, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
}

/** Two renames in one breath; the first alone is put right by `finishCutOff`. */
async function swap(directory: string, next: string): Promise<void> {
  const before = folderBefore(directory);
  await rm(before, { recursive: true, force: true });
  renameSync(directory, before);
  renameSync(next, directory);
  await rm(before, { recursive: true, force: true });
}

async function writeManifest(directory: string, squashes: readonly Squash[]): Promise<void> {
  const file = join(squashedFolder(directory), manifestName);
  {
    await using handle = await open(`${file}.new`, 'w');
    await handle.writeFile(manifestText(squashes));
    await handle.sync();
  }
  await rename(`${file}.new`, file);
}

async function textOf(file: string): Promise<string | undefined> {
  return existsSync(file) ? await readFile(file, 'utf8') : undefined;
}

function recordIn(text: string | undefined): Entry {
  const value: unknown = text === undefined ? {} : JSON.parse(text.replace(/^\uFEFF/, ''));
  return isRecord(value) ? value : {};
}

function entriesOf(journal: Entry): readonly Entry[] {
  const { entries } = journal;
  return Array.isArray(entries) ? entries.filter(isRecord) : [];
}

function isRecord(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
