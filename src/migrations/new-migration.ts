import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { MigrateError } from '../lib/errors.ts';
import { jsonLike } from '../lib/json-layout.ts';
import { safe } from '../lib/safe-text.ts';
import type { MigrationFolder } from './migration.ts';
import { numberedName, type NumberedName } from './numbered-name.ts';
import { emptySnapshot0, emptySnapshot1After, noId } from './empty-snapshots.ts';
import { badTag } from './tag.ts';
import type { Dialect } from '../sql/statement.ts';

/** A migration that is not there yet: what is written, the file that makes it count last. */
export interface NewMigration {
  readonly tag: string;
  /** The file for its statements. */
  readonly file: string;
  readonly writes: readonly NewFile[];
}

export interface NewFile {
  /** Absolute path. */
  readonly path: string;
  readonly text: string;
  /** `made`: it must not be there. `replaced`: it is there, and is another text afterwards. */
  readonly how: 'made' | 'replaced';
}

export interface NewMigrationOptions {
  /** As a person says it; what stands before it is the folder's own way of numbering. */
  readonly name: string;
  /** Registers this SQL file, which lies in the folder, instead of making an empty one. */
  readonly from?: string;
  /** What stands in it; when not given, what the project's own tool puts into an empty one. */
  readonly text?: string;
  readonly now: Date;
}

/**
 * What the project's own tool would write for a migration of one's own (`drizzle-kit generate --custom`,
 * `wrangler d1 migrations create`), with a time that is later than every other: Drizzle never runs an older one.
 *
 * @throws MigrateError `usage` for a name that cannot be, `migrations` for a folder that has not what it needs
 */
export async function newMigration(
  folder: MigrationFolder,
  options: NewMigrationOptions,
): Promise<NewMigration> {
  const bad = badTag(options.name);
  if (bad !== undefined) {
    throw new MigrateError('usage', `${JSON.stringify(options.name)} cannot name a migration: ${bad}.`, {
      next: 'Write a name such as backfill_totals.',
    });
  }
  if (options.from !== undefined && folder.format !== 'drizzle-0') {
    throw new MigrateError('usage', 'Only Drizzle 0.x has a journal in which a file is registered.', {
      next: 'Every file in this folder counts by itself.',
    });
  }
  switch (folder.format) {
    case 'drizzle-0':
      return inJournal(folder, options);
    case 'drizzle-1':
      return asFolder(folder, options);
    case 'wrangler':
      return asWranglerFile(folder, options);
    case 'numbered':
      return asNumberedFile(folder, options);
  }
}

const placeholder = '-- Custom SQL migration file, put your code below! --';

/** Read as data: what else stands in it stays as it is. */
interface JournalText {
  readonly entries: readonly { readonly idx?: number; readonly when: number; readonly tag: string }[];
  readonly [key: string]: unknown;
}

async function inJournal(
  { directory, dialect, migrations }: MigrationFolder,
  { name, from, text = placeholder, now }: NewMigrationOptions,
): Promise<NewMigration> {
  const path = join(directory, 'meta', '_journal.json');
  const before = existsSync(path) ? await readFile(path, 'utf8') : undefined;
  const journal = orBroken(path, (): JournalText =>
    before === undefined ? firstJournal(dialect) : JSON.parse(withoutMark(before)),
  );
  const last = journal.entries.at(-1);
  const idx = (last?.idx ?? journal.entries.length - 1) + 1;
  const tag = from === undefined ? `${prefixLike(last?.tag, idx, now)}${name}` : basename(from, '.sql');
  const newest = Math.max(0, ...migrations.map(({ when }) => when));
  const { version } = emptySnapshot0[dialect];
  const entry = { idx, version, when: Math.max(now.getTime(), newest + 1), tag, breakpoints: true };
  const file = join(directory, `${tag}.sql`);
  const snapshot = join(directory, 'meta', `${tag.split('_')[0]}_snapshot.json`);
  return {
    tag,
    file,
    writes: [
      ...(from === undefined ? [made(file, text)] : []),
      made(snapshot, await snapshotAfter({ directory, dialect }, last?.tag)),
      {
        path,
        text: jsonLike(before, { ...journal, entries: [...journal.entries, entry] }),
        how: before === undefined ? 'made' : 'replaced',
      },
    ],
  };
}

const firstJournal = (dialect: Dialect): JournalText => ({
  version: '7',
  dialect: emptySnapshot0[dialect].dialect,
  entries: [],
});

/** As the newest file is numbered: by index, by the clock in one of two ways, or not at all. */
function prefixLike(tag: string | undefined, idx: number, now: Date): string {
  if (tag === undefined || /^\d{4}_/.test(tag)) return `${String(idx).padStart(4, '0')}_`;
  if (/^\d{14}_/.test(tag)) return `${timestamp(now)}_`;
  return /^\d{10}_/.test(tag) ? `${Math.floor(now.getTime() / 1000)}_` : '';
}

function timestamp(now: Date): string {
  return now.toISOString().replaceAll(/[-:T]/g, '').slice(0, 14);
}

/** Nothing of the schema changes: the snapshot before it, under a name of its own. */
async function snapshotAfter(
  { directory, dialect }: Pick<MigrationFolder, 'directory' | 'dialect'>,
  tag: string | undefined,
): Promise<string> {
  if (tag === undefined) return json({ id: randomUUID(), prevId: noId, ...emptySnapshot0[dialect] });
  const path = join(directory, 'meta', `${tag.split('_')[0]}_snapshot.json`);
  if (!existsSync(path)) throw withoutSnapshot(path, tag);
  const { id, prevId: _, ...rest } = await readJson(path);
  return json({ id: randomUUID(), prevId: id, ...rest });
}

function withoutSnapshot(path: string, tag: string): MigrateError {
  return new MigrateError(
    'migrations',
    `${safe(path, { lines: 'one' })} is not there, so the snapshot after ${tag} cannot be made. Nothing was written.`,
    { next: 'Bring it back from version control; drizzle-kit generate needs it, too.' },
  );
}

async function asFolder(
  { directory, dialect, migrations }: MigrationFolder,
  { name, text = placeholder, now }: NewMigrationOptions,
): Promise<NewMigration> {
  const last = migrations.at(-1);
  const newest = Math.max(0, ...migrations.map(({ when }) => when));
  // Folders are told apart by the second.
  const at = new Date(Math.max(now.getTime(), newest + 1000));
  const tag = `${timestamp(at)}_${name}`;
  const file = join(directory, tag, 'migration.sql');
  const before = last
    ? await newestSnapshot(
        directory,
        migrations.filter(({ when }) => when === last.when),
      )
    : undefined;
  const snapshot = json(emptySnapshot1After(before, dialect));
  // Without its SQL file a folder is no migration: that comes last.
  return { tag, file, writes: [made(join(directory, tag, 'snapshot.json'), snapshot), made(file, text)] };
}

/** Of one second, whose names do not tell their order: the one that no other goes on from. */
async function newestSnapshot(
  directory: string,
  migrations: readonly Pick<MigrationFolder['migrations'][number], 'tag'>[],
): Promise<Data> {
  const snapshots = await Promise.all(
    migrations.map(async ({ tag }) => {
      const path = join(directory, tag, 'snapshot.json');
      if (!existsSync(path)) throw withoutSnapshot(path, tag);
      return readJson(path);
    }),
  );
  const before = new Set(snapshots.flatMap(({ prevIds }): unknown[] => (Array.isArray(prevIds) ? prevIds : [])));
  return snapshots.findLast(({ id }) => !before.has(id)) ?? snapshots.at(-1) ?? {};
}

/** The next number, written as the newest one is: `0002_`, `2-`, or the time. */
function asNumberedFile(
  { directory, migrations }: MigrationFolder,
  { name, text = placeholder, now }: NewMigrationOptions,
): NewMigration {
  const last = migrations.reduce<NumberedName | undefined>((highest, { tag }) => {
    const read = numberedName(tag);
    return read && (!highest || read.number >= highest.number) ? read : highest;
  }, undefined);
  const between = last?.tag.slice(last.digits.length, -last.title.length || undefined);
  const tag = `${numberAfter(last, now)}${between || '_'}${name.replaceAll(/\s+/g, '_')}`;
  const file = join(directory, `${tag}.sql`);
  return { tag, file, writes: [made(file, text)] };
}

/** As a time where the newest is one to the second or the millisecond: counting on from it would tell a lie. */
function numberAfter(last: NumberedName | undefined, now: Date): string {
  if (last === undefined) return '0001';
  const time = now.toISOString().replaceAll(/\D/g, '');
  const next = last.number + 1n;
  const isTime = (last.digits.length === 14 || last.digits.length === 17) && /^(?:19|20)/.test(last.digits);
  const at = isTime ? BigInt(time.slice(0, last.digits.length)) : next;
  return String(at > next ? at : next).padStart(last.digits.length, '0');
}

function asWranglerFile(
  { directory, migrations }: MigrationFolder,
  { name, text = '', now }: NewMigrationOptions,
): NewMigration {
  const numbers = migrations.map(({ tag }) => Number(/^\d+/.exec(basename(tag))?.[0] ?? 0));
  const number = String(Math.max(0, ...numbers) + 1).padStart(4, '0');
  const tag = `${number}_${name.replaceAll(/\s+/g, '_')}`;
  const file = join(directory, `${tag}.sql`);
  return { tag, file, writes: [made(file, `-- Migration number: ${number} \t ${now.toISOString()}\n${text}`)] };
}

function made(path: string, text: string): NewFile {
  return { path, text, how: 'made' };
}

function json(value: unknown): string {
  return JSON.stringify(value, undefined, 2);
}

type Data = Readonly<Record<string, unknown>>;

async function readJson(path: string): Promise<Data> {
  const text = await readFile(path, 'utf8');
  return orBroken(path, (): Data => JSON.parse(withoutMark(text)));
}

/** The folder was read before: what is not JSON was refused then, with its line; a snapshot may still be broken. */
function orBroken<T>(path: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw new MigrateError('migrations', `${safe(path, { lines: 'one' })} is not valid JSON.`, {
      next: 'Bring it back from version control.',
      cause,
    });
  }
}

function withoutMark(text: string): string {
  return text.replace(/^\uFEFF/, '');
}
