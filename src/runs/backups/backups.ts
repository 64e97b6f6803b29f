import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { rename, rm } from '../../lib/patient-fs.ts';
import { codeOf } from '../../lib/error-code.ts';
import { MigrateError } from '../../lib/errors.ts';
import { readManifest, writeManifest, type CopiedDatabase, type Manifest } from './manifest.ts';

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

/** At the end of the name of a folder that becomes a backup. */
export const unfinished = '.unfinished';

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
      if (codeOf(error) !== 'EEXIST') throw error;
    }
  }
}

function numberOf(name: string): number {
  return Number(/^b(\d+)/.exec(name)?.[1] ?? 0);
}

// A database's name comes from a config; as a file name it must not leave the folder.
function fileOf(database: string, form: CopyForm): string {
  return `${encodeURIComponent(database)}.${form === 'sqlite' ? 'db' : 'pgdump'}`;
}
