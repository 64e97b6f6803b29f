import { existsSync } from 'node:fs';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { portablePath } from '../../lib/portable-path.ts';
import { rm } from '../../lib/patient-fs.ts';
import { MigrateError } from '../../lib/errors.ts';
import { jsonLike } from '../../lib/json-layout.ts';
import type { Migration, MigrationFolder } from '../../migrations/migration.ts';
import { findMigration } from '../../operations/history/find-migration.ts';
import { folderFiles } from '../kit/folder-files.ts';
import { oneDatabase } from '../kit/one-database.ts';
import { exchange } from '../repair/exchange.ts';
import { copyOfFolder } from '../repair/folder-copy.ts';
import { snapshotPath } from '../repair/own-snapshots.ts';
import { whereRun } from '../repair/where-run.ts';
import type { Workspace } from '../workspace.ts';

export interface WantedDrop {
  readonly database: string | undefined;
  /** Its tag or a unique beginning of it. */
  readonly tag: string;
  readonly consent: 'given' | 'not-given';
}

export interface DroppedMigration {
  readonly database: string;
  readonly tag: string;
  /** Taken away, relative to the project. */
  readonly files: readonly string[];
  /** Where the folder of before is kept, relative to the project. */
  readonly kept: string;
}

/**
 * Takes the newest migration out of its folder, with its snapshot, its journal entry and its companions.
 *
 * @throws MigrateError `refused` where an environment has run it or cannot be asked, or where later ones stand on it;
 *   `not-confirmed`
 */
export async function dropMigration(workspace: Workspace, wanted: WantedDrop): Promise<DroppedMigration> {
  const database = oneDatabase(workspace, wanted.database);
  const folder = await workspace.folderOf(database);
  const migration = findMigration(folder.migrations, wanted.tag);
  const { tag } = migration;
  refuseNotLast(folder, migration);
  const why = await whereRun(workspace, database, 'its record there would have no file')();
  const stays = why(tag);
  if (stays !== undefined) throw ranSomewhere(stays);
  await using copy = await copyOfFolder(workspace, database);
  await takeOut(copy.path, folder, migration);
  const files = await gone(folder.directory, copy.path, workspace.project.root);
  if (wanted.consent === 'not-given') throw notConfirmed(wanted, tag, files);
  const kept = await exchange(workspace, { directory: folder.directory, copy: copy.path, tag });
  return { database: database.name, tag, files, kept };
}

/** Each snapshot has all that the ones before it made. */
function refuseNotLast({ migrations }: MigrationFolder, { tag, squashed }: Migration): void {
  const last = migrations.at(-1)?.tag ?? tag;
  if (last !== tag) {
    throw new MigrateError(
      'refused',
      `${tag} is not the newest migration: ${last} is. Nothing was changed.`,
      {
        next: `Those after it stand on it: migrate-tui drop ${last} comes first.`,
      },
    );
  }
  if (!squashed) return;
  throw new MigrateError('refused', `${tag} stands for squashed migrations. Nothing was changed.`, {
    next: 'migrate-tui squash --undo puts them back.',
  });
}

function ranSomewhere(stays: string): MigrateError {
  return new MigrateError('refused', `${stays} Nothing was changed.`, {
    next: 'What has run is undone by a migration: change the schema code back, then run migrate-tui generate.',
  });
}

async function takeOut(
  copy: string,
  { directory, format }: MigrationFolder,
  { tag, file }: Migration,
): Promise<void> {
  await rm(join(copy, relative(directory, file)));
  if (format === 'drizzle-1') await rm(join(copy, tag), { recursive: true });
  for (const folder of [copy, `${copy}.extra`]) {
    const names = existsSync(folder) ? await readdir(folder) : [];
    for (const name of names) if (name.startsWith(`${tag}.`)) await rm(join(folder, name));
  }
  const path = join(copy, 'meta', '_journal.json');
  if (!existsSync(path)) return;
  const text = await readFile(path, 'utf8');
  const journal: { readonly entries: readonly { readonly tag: string }[] } = JSON.parse(text);
  const entries = journal.entries.filter((entry) => entry.tag !== tag);
  await writeFile(path, jsonLike(text, { ...journal, entries }));
  const isShared = entries.some((entry) => snapshotPath(entry.tag) === snapshotPath(tag));
  if (!isShared) await rm(join(copy, snapshotPath(tag)), { force: true });
}

async function gone(directory: string, copy: string, root: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const end of ['', '.extra']) {
    const left = new Set(
      [...(await folderFiles(`${copy}${end}`)).keys()].map((file) => relative(`${copy}${end}`, file)),
    );
    for (const file of (await folderFiles(`${directory}${end}`)).keys())
      if (!left.has(relative(`${directory}${end}`, file))) found.push(portablePath(root, file));
  }
  return found;
}

function notConfirmed({ database }: WantedDrop, tag: string, files: readonly string[]): MigrateError {
  const flags = database === undefined ? '' : ` --database ${database}`;
  return new MigrateError(
    'not-confirmed',
    `No environment has run ${tag}. ${files.join(', ')} would be taken away. Nobody agreed to that yet, and nothing was changed.`,
    { next: `Run: migrate-tui drop ${tag}${flags} --yes` },
  );
}
