import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { MigrateError } from '../../lib/errors.ts';
import type { Migration, MigrationFolder } from '../../migrations/migration.ts';
import { readFolder } from '../../migrations/read-folder.ts';
import { rollbackFileOf } from '../../migrations/rollback-file.ts';
import { findMigration, named } from '../../operations/history/find-migration.ts';
import { draftRollback } from '../../operations/rollback/draft.ts';
import type { Database } from '../../project/project.ts';
import { sketched, sketchOf } from '../../schema/sketch.ts';
import { folderOptions, type Workspace } from '../workspace.ts';

export interface WantedRollback {
  readonly database: string | undefined;
  /** The migration: its tag, a unique beginning of it, or its number. */
  readonly tag: string;
}

/** The rollback file that was written, with paths relative to the project. */
export interface MadeRollback {
  readonly database: string;
  readonly tag: string;
  readonly file: string;
  /** How many statements it holds. */
  readonly drafted: number;
  /** Statements of the migration that somebody has to take back by hand, newest first. */
  readonly open: readonly number[];
}

/**
 * Writes a draft of the rollback file of a migration to the place where it is found. No target is asked or changed.
 *
 * @throws MigrateError `not-found` for the tag, `usage` where there is one already or several databases may be meant
 */
export async function makeRollback(
  workspace: Workspace,
  { database: wanted, tag }: WantedRollback,
): Promise<MadeRollback> {
  const { root } = workspace.project;
  const { database, folder } = await folderWith(workspace, tag, wanted);
  const migration = findMigration(folder.migrations, tag);
  if (migration.rollback) throw isThere(migration, relative(root, migration.rollback.file));
  const earlier = folder.migrations.slice(0, folder.migrations.indexOf(migration));
  const before = earlier
    .flatMap(({ statements }) => statements)
    .reduce((sketch, { sql }) => sketched(sketch, sql, 'before'), sketchOf({ objects: [] }, []));
  const { text, drafted, open } = draftRollback(migration, { before, dialect: database.dialect });
  const file = rollbackFileOf(migration, folder, database.bookkeeping);
  await write(file, text, relative(root, file));
  return { database: database.name, tag: migration.tag, file: relative(root, file), drafted, open };
}

interface Found {
  readonly database: Database;
  readonly folder: MigrationFolder;
}

/** The database that has such a migration; where none has, the first: whoever looks in it says what there is. */
async function folderWith({ project }: Workspace, tag: string, wanted: string | undefined): Promise<Found> {
  const databases = project.databases.filter(({ name }) => wanted === undefined || name === wanted);
  const read: Found[] = [];
  for (const database of databases)
    read.push({ database, folder: await readFolder(folderOptions(project, database)) });
  const fitting = read.filter(({ folder }) => named(folder.migrations, tag).length > 0);
  const [found, ...others] = fitting.length === 0 ? read.slice(0, 1) : fitting;
  if (!found) {
    throw new MigrateError('not-found', `The project has no database ${wanted ?? ''}.`, {
      next: `It has ${project.databases.map(({ name }) => name).join(', ')}.`,
    });
  }
  if (others.length === 0) return found;
  const names = fitting.map(({ database }) => database.name);
  throw new MigrateError('usage', `${names.join(' and ')} have a migration that ${tag} may mean.`, {
    next: `Write more of the tag, or add --database ${names.join(' or --database ')}.`,
  });
}

function isThere({ tag }: Migration, file: string): MigrateError {
  return new MigrateError('usage', `${tag} has a rollback file: ${file}. Nothing was written.`, {
    next: 'Change that one, or move it away to have a draft written.',
  });
}

async function write(path: string, text: string, shown: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { flag: 'wx' });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new MigrateError('storage', `${shown} cannot be written: ${why}.`, {
      next: 'Correct the permissions of the folder, then run it again.',
      cause,
    });
  }
}
