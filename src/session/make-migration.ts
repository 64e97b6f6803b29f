import { existsSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { MigrateError } from '../lib/errors.ts';
import { newMigration } from '../migrations/new-migration.ts';
import { writeNewMigration } from '../migrations/write-new.ts';
import type { Database } from '../project/project.ts';
import type { Workspace } from './workspace.ts';

export interface WantedMigration {
  readonly database: string | undefined;
  readonly name: string | undefined;
  /** A SQL file of the folder that no journal has, relative to where the command runs. */
  readonly from: string | undefined;
}

/** What was written, as paths relative to the project. */
export interface MadeMigration {
  readonly database: string;
  readonly tag: string;
  readonly file: string;
  readonly written: readonly string[];
}

/** Adds a migration of one's own to a folder, or registers a file that lies there. No target is asked or changed. */
export async function makeMigration(
  workspace: Workspace,
  { database: wanted, name, from }: WantedMigration,
): Promise<MadeMigration> {
  const { root } = workspace.project;
  const path = from === undefined ? undefined : resolve(workspace.options.cwd, from);
  const database = databaseFor(workspace, wanted, path);
  const folder = await workspace.folderOf(database);
  if (path !== undefined) refuseStray(path, folder);
  const made = await newMigration(folder, {
    name: name ?? 'migration',
    ...(path === undefined ? {} : { from: path }),
    now: new Date(),
  });
  await writeNewMigration(made);
  return {
    database: database.name,
    tag: made.tag,
    file: relative(root, made.file),
    written: made.writes.map((write) => relative(root, write.path)),
  };
}

function databaseFor({ project }: Workspace, wanted: string | undefined, path: string | undefined): Database {
  const named = project.databases.filter(({ name }) => wanted === undefined || name === wanted);
  const fitting = path === undefined ? named : named.filter(({ directory }) => directory === dirname(path));
  const [only, ...others] = fitting.length === 0 ? named : fitting;
  if (!only) {
    throw new MigrateError('not-found', `The project has no database ${wanted ?? ''}.`, {
      next: `It has ${project.databases.map(({ name }) => name).join(', ')}.`,
    });
  }
  if (others.length === 0) return only;
  throw new MigrateError('usage', `The project has ${named.length} databases; a migration is for one.`, {
    next: `Add --database ${named.map(({ name }) => name).join(' or --database ')}.`,
  });
}

function refuseStray(
  path: string,
  {
    directory,
    migrations,
  }: { readonly directory: string; readonly migrations: readonly { readonly file: string }[] },
): void {
  const refuse = (why: string, next: string) => {
    throw new MigrateError('usage', `${path} ${why}. Nothing was written.`, { next });
  };
  if (!existsSync(path)) refuse('does not exist', 'Name a SQL file of the migration folder.');
  if (dirname(path) !== directory || !path.endsWith('.sql'))
    refuse(`is no SQL file of ${directory}`, 'Move it there first.');
  if (migrations.some(({ file }) => file === path))
    refuse('is in the journal already', 'There is nothing to do.');
}
