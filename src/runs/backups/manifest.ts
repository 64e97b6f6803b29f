import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { rename } from '../../lib/patient-fs.ts';
import { MigrateError } from '../../lib/errors.ts';
import { parseJson } from '../../lib/json.ts';
import { isManifest, notManifest } from './manifest-shape.ts';

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
export interface CopiedDatabase extends SeenDatabase, KeptFile {
  readonly kind: 'copy';
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
  readonly sql: KeptFile;
  /** The database that the text was loaded into to prove it. */
  readonly loaded: KeptFile;
}

/** What lies in the set's folder: bytes and checksum are of the file as it lies there. */
export interface KeptFile {
  /** Its name. */
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Absent: in the clear. */
  readonly encrypted?: Encrypted;
}

export interface Encrypted {
  /** Fingerprint of the key, which tells it from another and nothing else of it. */
  readonly key: string;
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

/** At the end of the name of a file that is encrypted. */
export const encryptedEnding = '.enc';

/** Somebody asked for a file that outlives the rest: only they remove it. */
export function isArchived({ databases }: Manifest): boolean {
  return databases.some(({ archive }) => archive !== undefined);
}

/** Bytes of everything that lies here; what a server keeps takes no room. */
export function sizeOf({ databases }: Pick<Manifest, 'databases'>): number {
  return databases.flatMap(filesOf).reduce((sum, { bytes }) => sum + bytes, 0);
}

/** The files of one database in its set's folder. */
export function filesOf(one: BackedUpDatabase): readonly KeptFile[] {
  return [
    ...(one.kind === 'copy' ? [one] : []),
    ...(one.archive === undefined ? [] : [one.archive.sql, one.archive.loaded]),
  ];
}

/** @param set the folder of the set */
export async function writeManifest(set: string, manifest: Manifest): Promise<void> {
  const file = join(set, 'manifest.json');
  await writeFile(`${file}.new`, `${JSON.stringify(manifest, undefined, 2)}\n`, { mode: 0o600, flush: true });
  await rename(`${file}.new`, file);
}

/** @throws MigrateError `storage` where it is missing, or says nothing that can be relied on */
export async function readManifest(set: string): Promise<Manifest> {
  const file = join(set, 'manifest.json');
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw unreadable(file, String(cause), cause);
  });
  const json = parseJson(text);
  if (json.kind === 'invalid') throw unreadable(file, `line ${json.line} is no JSON, ${json.reason}`);
  const { value } = json;
  const id = basename(set);
  if (!isManifest(value, id)) throw unreadable(file, notManifest(value, id) ?? '');
  return { ...value, databases: value.databases.map(withKind) };
}

function unreadable(file: string, why: string, cause?: unknown): MigrateError {
  return new MigrateError('storage', `${file} cannot be read: ${why}.`, {
    next: 'The copies beside it may be whole, but nothing proves it. Move the folder away to go on without it.',
    cause,
  });
}

/** Before servers' own histories were known, every backup was a copy and none said so. */
function withKind(database: BackedUpDatabase): BackedUpDatabase {
  return 'position' in database ? { ...database, kind: 'position' } : { ...database, kind: 'copy' };
}
