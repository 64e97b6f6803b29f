import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MigrateError } from '../lib/errors.ts';
import { parseJson } from '../lib/json.ts';
import { safe } from '../lib/safe-text.ts';
import { codeOf } from '../lib/error-code.ts';
import { whyNot } from './listing.ts';
import type { Migration, SquashedMigration, SquashedRange } from './migration.ts';

/** One squash of a folder, as its manifest keeps it. */
export interface Squash {
  /** The baseline, which has the name and the time of the last migration that it stands for. */
  readonly tag: string;
  /** Of the baseline's file, in both line ends. */
  readonly hash: string;
  readonly hashWithOtherLineEnds: string;
  /** Name of the folder, beside the manifest, that holds the originals. */
  readonly archive: string;
  /** In the order of running. */
  readonly migrations: readonly SquashedMigration[];
  /** ISO 8601. */
  readonly squashedAt: string;
  /** Tables whose rows another replay would not have given, and why that was accepted. */
  readonly accepted: readonly { readonly table: string; readonly reason: string }[];
}

/** Where originals and manifest of a migration folder stand: beside it, so that no tool takes them for migrations. */
export function squashedFolder(directory: string): string {
  return `${directory}.squashed`;
}

export const manifestName = 'manifest.json';

/** Where a folder is for the moment between two renames in which the new one takes its place. */
export function folderBefore(directory: string): string {
  return join(squashedFolder(directory), '.before');
}

/** Throws `MigrateError` `migrations` where a kill in that very moment left no folder. */
export function refuseCutOff(directory: string): void {
  if (existsSync(directory) || !existsSync(folderBefore(directory))) return;
  throw new MigrateError(
    'migrations',
    `Migration folder ${safe(directory, { lines: 'one' })} was to be replaced by a squash that was cut off; it is whole in ${safe(folderBefore(directory), { lines: 'one' })}.`,
    { next: 'migrate-tui squash puts it back in its place.' },
  );
}

export function manifestText(squashes: readonly Squash[]): string {
  return `${JSON.stringify({ version: 1, squashes }, null, 2)}\n`;
}

/**
 * The squashes of a folder, oldest first; none where there is no manifest.
 *
 * @throws MigrateError `migrations` when the manifest cannot be used
 */
export async function readManifest(directory: string): Promise<readonly Squash[]> {
  const file = join(squashedFolder(directory), manifestName);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT' || codeOf(cause) === 'ENOTDIR') return [];
    throw refused(file, `cannot be read: ${whyNot(cause)}`, cause);
  }
  const parsed = parseJson(text);
  if (parsed.kind === 'invalid') throw refused(file, `is not valid JSON: ${parsed.reason}`);
  const list = fieldOf(parsed.value, 'squashes');
  if (fieldOf(parsed.value, 'version') !== 1 || !Array.isArray(list)) {
    throw refused(file, 'is none of a version that this program knows');
  }
  return list.map((one: unknown) => squashOf(file, one));
}

/**
 * Gives every baseline among the migrations the range that it stands for. A squash of which the folder has no
 * baseline, as after an edit or a switch to another branch, is left out.
 *
 * @param originals reads the migrations of an archive
 */
export function withRanges(
  migrations: readonly Migration[],
  squashes: readonly Squash[],
  originals: (squash: Squash) => Promise<readonly Migration[]>,
): readonly Migration[] {
  if (squashes.length === 0) return migrations;
  return migrations.map((migration) => {
    const squash = squashes.findLast((one) => isBaselineOf(migration, one));
    if (!squash) return migration;
    const older = squashes.slice(0, squashes.indexOf(squash));
    const read = async () => withRanges(checked(await originals(squash), squash), older, originals);
    return withRange(migration, { migrations: flattened(squash, older), originals: read });
  });
}

/** Whether this is the file that the squash wrote. */
export function isBaselineOf(
  { tag, hash }: Pick<Migration, 'tag' | 'hash'>,
  squash: Pick<Squash, 'tag' | 'hash' | 'hashWithOtherLineEnds'>,
): boolean {
  return tag === squash.tag && (hash === squash.hash || hash === squash.hashWithOtherLineEnds);
}

/** Its statements stay unsplit until they are asked for. */
function withRange(migration: Migration, squashed: SquashedRange): Migration {
  return Object.defineProperties(
    { ...Object.create(null), squashed },
    Object.getOwnPropertyDescriptors(migration),
  );
}

/** With those of older squashes that became part of it: their records may still be in a target. */
function flattened({ migrations }: Squash, older: readonly Squash[]): readonly SquashedMigration[] {
  return migrations.flatMap((migration) => {
    const index = older.findLastIndex((one) => isBaselineOf(migration, one));
    const inner = older[index];
    return inner ? [...flattened(inner, older.slice(0, index)), migration] : [migration];
  });
}

function checked(read: readonly Migration[], { migrations, archive }: Squash): readonly Migration[] {
  for (const expected of migrations) {
    const found = read.find(({ tag }) => tag === expected.tag);
    const isSame =
      found && (found.hash === expected.hash || found.hashWithOtherLineEnds === expected.hash);
    if (isSame) continue;
    const why = found ? 'was edited since it was squashed' : 'is missing';
    throw new MigrateError('migrations', `${expected.tag} in the archive ${archive} ${why}.`, {
      next: 'Bring the archive of squashed migrations back from version control.',
    });
  }
  return migrations.flatMap(({ tag, name }) => {
    const found = read.find((one) => one.tag === tag);
    return found ? [{ ...found, ...(name === undefined ? {} : { recordedAs: name }) }] : [];
  });
}

function squashOf(file: string, value: unknown): Squash {
  const list = fieldOf(value, 'migrations');
  if (!Array.isArray(list) || list.length === 0) throw refused(file, 'has a squash without migrations');
  const field = (name: string) => textOf(file, value, name);
  const archive = field('archive');
  if (/[/\\]|^\.*$/.test(archive)) throw refused(file, 'names an archive that does not stand beside it');
  return {
    tag: field('tag'),
    hash: field('hash'),
    hashWithOtherLineEnds: field('hashWithOtherLineEnds'),
    archive,
    squashedAt: field('squashedAt'),
    accepted: acceptedOf(file, fieldOf(value, 'accepted')),
    migrations: list.map((one: unknown) => squashedOf(file, one)),
  };
}

function acceptedOf(file: string, value: unknown): Squash['accepted'] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  return list.map((one) => ({ table: textOf(file, one, 'table'), reason: textOf(file, one, 'reason') }));
}

function squashedOf(file: string, value: unknown): SquashedMigration {
  const when = fieldOf(value, 'when');
  const name = fieldOf(value, 'name');
  if (typeof when !== 'number') throw refused(file, 'has a migration without its time');
  return {
    tag: textOf(file, value, 'tag'),
    hash: textOf(file, value, 'hash'),
    hashWithOtherLineEnds: textOf(file, value, 'hashWithOtherLineEnds'),
    when,
    ...(typeof name === 'string' ? { name } : {}),
  };
}

function textOf(file: string, value: unknown, name: string): string {
  const found = fieldOf(value, name);
  if (typeof found === 'string') return found;
  throw refused(file, `has an entry without ${name}`);
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.getOwnPropertyDescriptor(value, name)?.value
    : undefined;
}

function refused(file: string, what: string, cause?: unknown): MigrateError {
  return new MigrateError(
    'migrations',
    `The manifest of squashed migrations ${safe(file, { lines: 'one' })} ${what}.`,
    { next: 'Bring it back from version control.', cause },
  );
}
