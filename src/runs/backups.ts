import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MigrateError } from '../lib/errors.ts';
import type { BackupSummary } from '../operations/reports.ts';

/** What lies beside the copies of one backup set, and is written last: a folder without it is no backup. */
export interface Manifest {
  readonly schemaVersion: 1;
  /** `b41` */
  readonly id: string;
  readonly environment: string;
  /** ISO 8601, UTC. */
  readonly takenAt: string;
  readonly run: number;
  readonly version: string;
  readonly databases: readonly BackedUpDatabase[];
  /** Named: it holds only these tables, and is neither rehearsed on nor restored whole. */
  readonly partial?: readonly string[];
  /** When a dry-run restored it; absent: it was read back only. */
  readonly provenAt?: string;
}

export type BackedUpDatabase = CopiedDatabase | PositionedDatabase;

/** A copy of our own, in the set's folder. */
export interface CopiedDatabase extends SeenDatabase {
  readonly kind: 'copy';
  /** File name in the set's folder. */
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Kept by the server: a place in its own history that the whole database can be taken back to. */
export interface PositionedDatabase extends SeenDatabase {
  readonly kind: 'position';
  readonly position: string;
  /** Names the database whose history it is a place in: see `Rewind`. */
  readonly of: string;
  /** How far back the server keeps its history, for people. */
  readonly retention: string;
}

/** What the server itself wrote out as SQL, on request: for elsewhere, as a server does not take it back in place. */
export interface Archive {
  /** `d1`: a new database at D1 takes it by an import. `sqlite`: only SQLite's own shell does. */
  readonly loadsInto: 'd1' | 'sqlite';
  /** `several`: it was written to meanwhile. */
  readonly moment: 'one' | 'several';
  /** The text, as a file in the set's folder. */
  readonly sql: ArchiveFile;
  /** The database that the text was loaded into to prove it. */
  readonly loaded: ArchiveFile;
}

export interface ArchiveFile {
  /** Name in the set's folder. */
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

interface SeenDatabase {
  readonly archive?: Archive;
  readonly database: string;
  readonly location: string;
  readonly engine: string;
  /** Recorded migrations at that moment. */
  readonly tags: readonly string[];
  readonly history: string;
  readonly fingerprint: string;
  readonly tables: readonly { readonly table: string; readonly rows: number }[];
  /** Of the source, read before it was copied: a different one later means that rows may have changed. */
  readonly stamp: string;
}

/** What a copy is: a SQLite database, or a file of `engines/postgres/dump-file.ts`. */
export type CopyForm = 'sqlite' | 'pgdump';

/** A set being made: its folder is already taken, and becomes a backup with `complete`. */
export interface BackupDraft {
  readonly id: string;
  pathOf(database: string, form: CopyForm): string;
  /** Of its archive, and of the database that this was loaded into. */
  archivePathsOf(database: string): { readonly sql: string; readonly loaded: string };
  complete(manifest: Omit<Manifest, 'schemaVersion' | 'id'>): Promise<Manifest>;
  abandon(): Promise<void>;
}

/**
 * Claims the next number. The folder's name says that it is unfinished until the manifest is in it,
 * so a killed backup is never taken for one.
 */
export async function draftBackup(folder: string): Promise<BackupDraft> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const id = await claimNumber(folder);
  const draft = join(folder, `${id}${unfinished}`);
  return {
    id,
    pathOf: (database, form) => join(draft, fileOf(database, form)),
    // No database's own file has an @ in its name.
    archivePathsOf: (database) => ({
      sql: join(draft, `${encodeURIComponent(database)}@archive.sql`),
      loaded: join(draft, `${encodeURIComponent(database)}@archive.db`),
    }),
    async complete(known) {
      const manifest: Manifest = { schemaVersion: 1, id, ...known };
      await writeManifest(draft, manifest);
      await rename(draft, join(folder, id));
      return manifest;
    },
    abandon: () => rm(draft, { recursive: true, force: true }),
  };
}

/** A set whose manifest cannot be read: what of it is whole, nobody can say. */
export interface UnreadableSet {
  readonly id: string;
  readonly error: MigrateError;
}

/** All whole backups, newest first. One that cannot be read keeps nobody from the others: see `listUnreadable`. */
export async function listBackups(folder: string): Promise<readonly Manifest[]> {
  return (await readSets(folder)).flatMap((set) => ('error' in set ? [] : [set]));
}

/** The sets that no list of backups holds, newest first: they stay until somebody looks at them. */
export async function listUnreadable(folder: string): Promise<readonly UnreadableSet[]> {
  return (await readSets(folder)).flatMap((set) => ('error' in set ? [set] : []));
}

/** @throws MigrateError `not-found`, naming the newest ones; `storage` where its manifest cannot be read */
export async function findBackup(folder: string, id: string, environment: string): Promise<Manifest> {
  const sets = await readSets(folder);
  const all = sets.flatMap((set) => ('error' in set || set.environment !== environment ? [] : [set]));
  const found = all.find((manifest) => manifest.id === id);
  if (found) return found;
  for (const set of sets) if ('error' in set && set.id === id) throw set.error;
  const newest = all.slice(0, 3).map((manifest) => manifest.id);
  throw new MigrateError('not-found', `${environment} has no backup ${id}.`, {
    next:
      newest.length === 0
        ? `migrate-tui backup ${environment} takes one.`
        : `The newest are ${newest.join(', ')}.`,
  });
}

/** Path of one database's copy in a finished set. */
export function backupFileOf(folder: string, id: string, { file }: Pick<CopiedDatabase, 'file'>): string {
  return join(folder, id, file);
}

/** Notes that a dry-run restored it. */
export async function markProven(folder: string, id: string, at: string): Promise<void> {
  const set = join(folder, id);
  await writeManifest(set, { ...(await readManifest(set)), provenAt: at });
}

/** Removes sets older than `keepDays`, but never an archive, nor an environment's newest whole one; unfinished ones of dead runs go too. */
export async function sweepBackups(
  folder: string,
  { keepDays, now }: { readonly keepDays: number; readonly now: Date },
): Promise<void> {
  const oldest = now.getTime() - keepDays * 86_400_000;
  const seen = new Set<string>();
  for (const manifest of await listBackups(folder)) {
    const { id, environment, takenAt, partial } = manifest;
    // A partial one leads back to no whole state, so it does not stand for the newest.
    const isNewest = partial === undefined && !seen.has(environment);
    if (isNewest) seen.add(environment);
    if (!isNewest && !isArchived(manifest) && Date.parse(takenAt) < oldest) await removeSet(folder, id);
  }
  await sweepUnfinished(folder, now);
}

/** Under another name first: who reads the list meanwhile, or after a removal that was cut off, never meets half of a set. */
async function removeSet(folder: string, id: string): Promise<void> {
  const aside = join(folder, `${id}${removed}`);
  await rename(join(folder, id), aside).catch((error: unknown) => {
    // Another run of the project was faster.
    if (!hasCode(error, 'ENOENT')) throw error;
  });
  await rm(aside, { recursive: true, force: true });
}

/** A killed run leaves its draft; no backup takes a day, so older ones belong to nobody. What was being removed goes. */
async function sweepUnfinished(folder: string, now: Date): Promise<void> {
  if (!existsSync(folder)) return;
  for (const name of (await readdir(folder)).filter((entry) => entry.endsWith(removed)))
    await rm(join(folder, name), { recursive: true, force: true });
  for (const name of (await readdir(folder)).filter((entry) => entry.endsWith(unfinished))) {
    const draft = join(folder, name);
    if (now.getTime() - (await stat(draft)).mtimeMs > 86_400_000)
      await rm(draft, { recursive: true, force: true });
  }
}

export function summaryOf(folder: string, manifest: Manifest, keepDays: number): BackupSummary {
  return {
    id: manifest.id,
    environment: manifest.environment,
    takenAt: manifest.takenAt,
    size: sizeOf(manifest),
    path: join(folder, manifest.id),
    databases: manifest.databases.map((one) => ({
      database: one.database,
      location: one.location,
      tags: one.tags,
      tables: one.tables.length,
      rows: one.tables.reduce((sum, { rows }) => sum + rows, 0),
      fingerprint: one.fingerprint,
      ...(one.kind === 'copy'
        ? { sha256: one.sha256 }
        : { position: one.position, retention: one.retention }),
      ...(one.archive && { archive: archiveSummary(join(folder, manifest.id), one.archive) }),
    })),
    ...(manifest.partial === undefined ? {} : { partial: manifest.partial }),
    proof: proofOf(manifest),
    keptUntil: isArchived(manifest)
      ? undefined
      : new Date(Date.parse(manifest.takenAt) + keepDays * 86_400_000).toISOString(),
  };
}

/** Somebody asked for a file that outlives the rest: only they remove it. */
function isArchived({ databases }: Manifest): boolean {
  return databases.some(({ archive }) => archive !== undefined);
}

/** Bytes of everything that lies here; what a server keeps takes no room. */
export function sizeOf({ databases }: Pick<Manifest, 'databases'>): number {
  return databases.flatMap(filesOf).reduce((sum, { bytes }) => sum + bytes, 0);
}

/** The files of one database in its set's folder. */
export function filesOf(one: BackedUpDatabase): readonly ArchiveFile[] {
  return [
    ...(one.kind === 'copy' ? [one] : []),
    ...(one.archive === undefined ? [] : [one.archive.sql, one.archive.loaded]),
  ];
}

function archiveSummary(
  set: string,
  { loadsInto, moment, sql, loaded }: Archive,
): NonNullable<BackupSummary['databases'][number]['archive']> {
  return {
    sql: join(set, sql.file),
    loaded: join(set, loaded.file),
    bytes: sql.bytes + loaded.bytes,
    loadsInto,
    moment,
  };
}

function proofOf({ databases, provenAt }: Manifest): BackupSummary['proof'] {
  if (databases.every(({ kind }) => kind === 'position')) return 'kept-by-server';
  return provenAt === undefined ? 'read-back' : 'proven';
}

const unfinished = '.unfinished';
const removed = '.removed';

/** Newest first. */
async function readSets(folder: string): Promise<readonly (Manifest | UnreadableSet)[]> {
  if (!existsSync(folder)) return [];
  const names = (await readdir(folder)).filter((name) => /^b\d+$/.test(name));
  const sets = await Promise.all(names.map((id) => readSet(folder, id)));
  return sets.filter((set) => set !== undefined).toSorted((a, b) => numberOf(b.id) - numberOf(a.id));
}

/** @returns undefined where it was removed meanwhile */
async function readSet(folder: string, id: string): Promise<Manifest | UnreadableSet | undefined> {
  try {
    return await readManifest(join(folder, id));
  } catch (error) {
    if (!existsSync(join(folder, id))) return undefined;
    if (error instanceof MigrateError) return { id, error };
    throw error;
  }
}

async function claimNumber(folder: string): Promise<string> {
  for (;;) {
    const taken = (await readdir(folder)).map((name) => numberOf(name));
    const id = `b${Math.max(0, ...taken) + 1}`;
    try {
      await mkdir(join(folder, `${id}${unfinished}`), { mode: 0o700 });
      return id;
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function numberOf(name: string): number {
  return Number(/^b(\d+)/.exec(name)?.[1] ?? 0);
}

// A database's name comes from a config; as a file name it must not leave the folder.
function fileOf(database: string, form: CopyForm): string {
  return `${encodeURIComponent(database)}.${form === 'sqlite' ? 'db' : 'pgdump'}`;
}

async function writeManifest(set: string, manifest: Manifest): Promise<void> {
  const file = join(set, 'manifest.json');
  await writeFile(`${file}.new`, `${JSON.stringify(manifest, undefined, 2)}\n`, { mode: 0o600, flush: true });
  await rename(`${file}.new`, file);
}

async function readManifest(set: string): Promise<Manifest> {
  const file = join(set, 'manifest.json');
  try {
    const manifest: Manifest = JSON.parse(await readFile(file, 'utf8'));
    return { ...manifest, databases: manifest.databases.map(withKind) };
  } catch (cause) {
    throw new MigrateError('storage', `${file} cannot be read: ${String(cause)}.`, {
      next: 'The copies beside it may be whole, but nothing proves it. Move the folder away to go on without it.',
      cause,
    });
  }
}

/** Before servers' own histories were known, every backup was a copy and none said so. */
function withKind(database: BackedUpDatabase): BackedUpDatabase {
  return 'position' in database ? { ...database, kind: 'position' } : { ...database, kind: 'copy' };
}
