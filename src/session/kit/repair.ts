import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { MigrateError } from '../../lib/errors.ts';
import { journalConflicts } from '../../migrations/journal-conflicts.ts';
import type { Migration } from '../../migrations/migration.ts';
import { readFolder } from '../../migrations/read-folder.ts';
import { whyNotInPlace } from '../../operations/in-place.ts';
import type { Database } from '../../project/project.ts';
import { whereApplied } from '../answers/migration.ts';
import { readKnowledge } from '../knowledge.ts';
import { statusOf } from '../status.ts';
import type { Workspace } from '../workspace.ts';
import { kitFailure } from '../../runs/kit-failure.ts';
import { kitNeededFor, type Kit } from './kit-of.ts';
import { oneDatabase } from './one-database.ts';

export interface WantedRepair {
  readonly database: string | undefined;
  readonly consent: 'given' | 'not-given';
  readonly signal: AbortSignal | undefined;
}

export interface Repair {
  readonly database: string;
  readonly from: string;
  readonly to: string;
  /** Where the files of before are kept, relative to the project. */
  readonly kept: string;
}

/**
 * Puts the later of two migrations that two branches made after the other: its number, time and snapshot are made anew by
 * the project's drizzle-kit, its statements stay. Undefined when nothing contradicts itself.
 *
 * @throws MigrateError `refused` where an environment has run it or may have, or where drizzle-kit would write other
 *   statements; `not-confirmed`
 */
export async function repair(
  workspace: Workspace,
  { database: wanted, consent, signal }: WantedRepair,
): Promise<Repair | undefined> {
  const database = oneDatabase(workspace, wanted);
  const later = await conflicting(database, await workspace.folderOf(database));
  if (later === undefined) return undefined;
  await refuseWhereRun(workspace, database, later);
  const kit = await kitNeededFor(workspace, database, { signal });
  await mkdir(workspace.places.scratch, { recursive: true, mode: 0o700 });
  const copy = await mkdtemp(join(workspace.places.scratch, 'repair-'));
  try {
    await cp(database.directory, copy, { recursive: true });
    const made = await madeAnew(copy, later, { kit, root: workspace.project.root, signal });
    if (consent === 'not-given') {
      throw new MigrateError(
        'not-confirmed',
        `${later.tag} would become ${made.tag}, with the same statements, after all others. Nobody agreed to that yet, and nothing was changed.`,
        { next: 'Run: migrate-tui check --repair --yes' },
      );
    }
    const kept = await exchange(workspace, database, { copy, tag: later.tag });
    return { database: database.name, from: later.tag, to: made.tag, kept };
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/** The last migration, when it alone contradicts those before it. */
async function conflicting(
  { directory }: Database,
  { migrations }: { readonly migrations: readonly Migration[] },
): Promise<Migration | undefined> {
  const conflicts = await journalConflicts(directory);
  if (conflicts.length === 0) return undefined;
  const tags = new Set(conflicts.map(({ tag }) => tag));
  const last = migrations.at(-1);
  if (last && tags.size === 1 && tags.has(last.tag)) return last;
  throw new MigrateError(
    'refused',
    `${[...tags].join(', ')} contradict what stands before them; only the last migration is put right here.`,
    { next: 'migrate-tui check says for each what to do by hand.' },
  );
}

/** Asks all environments, for every database that has the folder: two may share it. */
async function refuseWhereRun(
  workspace: Workspace,
  { directory }: Database,
  { tag }: Migration,
): Promise<void> {
  const names = workspace.project.databases
    .filter((database) => database.directory === directory)
    .map(({ name }) => name);
  const status = await statusOf(workspace, [], {});
  const knowledge = await readKnowledge(workspace);
  const why = whyNotInPlace(
    tag,
    names.flatMap((name) => whereApplied(status, knowledge, name, tag)),
  );
  if (why === undefined) return;
  throw new MigrateError('refused', `${why} Nothing was changed.`, {
    next: 'Where it has run, its name and time are its record: a later migration has to put the snapshot right.',
  });
}

/** In the copy: without it, then as drizzle-kit writes it after the others, with its own statements. */
async function madeAnew(
  copy: string,
  later: Migration,
  {
    kit,
    root,
    signal,
  }: { readonly kit: Kit; readonly root: string; readonly signal: AbortSignal | undefined },
): Promise<Migration> {
  const text = await readFile(join(copy, `${later.tag}.sql`), 'utf8');
  await takeAway(copy, later.tag);
  const [, name = later.tag] = /^\d+_(.+)$/.exec(later.tag) ?? [];
  const out = relative(kit.config.folder, copy);
  const before = await readFolder({ directory: copy });
  const said = await kit.run({ command: ['generate', '--name', name], out, access: 'read', signal });
  const after = await readFolder({ directory: copy });
  const made = after.migrations.at(-1);
  if (!made || after.migrations.length === before.migrations.length) {
    if (/no schema changes/i.test(said.text)) throw notTheSame(later.tag);
    throw kitFailure('generate', said, { root });
  }
  if (statementsOf(made) !== statementsOf(later)) throw notTheSame(later.tag);
  await writeFile(made.file, text);
  await dateLast(copy);
  return made;
}

async function takeAway(copy: string, tag: string): Promise<void> {
  const path = join(copy, 'meta', '_journal.json');
  const journal: { entries: readonly { readonly tag: string }[] } = JSON.parse(await readFile(path, 'utf8'));
  const entries = journal.entries.filter((entry) => entry.tag !== tag);
  await writeFile(path, JSON.stringify({ ...journal, entries }, undefined, 2));
  await rm(join(copy, `${tag}.sql`));
  const prefix = tag.split('_')[0];
  const shared = entries.some((entry) => entry.tag.split('_')[0] === prefix);
  if (!shared) await rm(join(copy, 'meta', `${prefix}_snapshot.json`), { force: true });
}

/** Later than all others, also than one that is of tomorrow. */
async function dateLast(copy: string): Promise<void> {
  const path = join(copy, 'meta', '_journal.json');
  const journal: { entries: { when: number }[] } = JSON.parse(await readFile(path, 'utf8'));
  const last = journal.entries.at(-1);
  if (last) last.when = Math.max(last.when, ...journal.entries.slice(0, -1).map(({ when }) => when + 1));
  await writeFile(path, JSON.stringify(journal, undefined, 2));
}

function statementsOf({ statements }: Migration): string {
  return statements.map(({ sql }) => sql.replaceAll(/\s+/g, ' ').replace(/;\s*$/, '').trim()).join('\n');
}

function notTheSame(tag: string): MigrateError {
  return new MigrateError(
    'refused',
    `drizzle-kit would not write the statements of ${tag} after the others, so its snapshot cannot be made anew. Nothing was changed.`,
    { next: 'migrate-tui check says what to do by hand.' },
  );
}

/** The folder of before goes whole into our own place first; the journal, which makes the rest count, is written last. */
async function exchange(
  { places, project }: Workspace,
  { directory }: Database,
  { copy, tag }: { readonly copy: string; readonly tag: string },
): Promise<string> {
  const kept = join(places.home, 'replaced', `${tag}-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`);
  await mkdir(kept, { recursive: true });
  await writeFile(join(places.home, '.gitignore'), '*\n');
  await cp(directory, kept, { recursive: true });
  const journal = join('meta', '_journal.json');
  await cp(copy, directory, { recursive: true, filter: (from) => !from.endsWith('_journal.json') });
  await cp(join(copy, journal), join(directory, `${journal}.new`));
  await rename(join(directory, `${journal}.new`), join(directory, journal));
  if (!existsSync(join(copy, `${tag}.sql`))) await rm(join(directory, `${tag}.sql`), { force: true });
  const snapshot = join('meta', `${tag.split('_')[0]}_snapshot.json`);
  if (!existsSync(join(copy, snapshot))) await rm(join(directory, snapshot), { force: true });
  return relative(project.root, kept);
}
