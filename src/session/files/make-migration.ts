import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { portablePath } from '../../lib/portable-path.ts';
import { MigrateError } from '../../lib/errors.ts';
import type { MigrationFolder } from '../../migrations/migration.ts';
import { newMigration, type NewMigration, type NewMigrationOptions } from '../../migrations/new-migration.ts';
import { belongs, readFolder } from '../../migrations/read-folder.ts';
import { writeNewMigration } from '../../migrations/write-new.ts';
import type { Database } from '../../project/project.ts';
import { folderOptions, type Workspace } from '../workspace.ts';

export interface WantedMigration {
  readonly database: string | undefined;
  readonly name: string | undefined;
  /**
   * A SQL file, relative to where the command runs: without a name one of the folder that no journal has, with a name
   * one from elsewhere whose statements the new migration gets.
   */
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
  const database = databaseFor(workspace, wanted, name === undefined ? path : undefined);
  const folder = await wholeFolder(workspace, database);
  const made = await newMigration(folder, {
    ...contentOf({ name, path, folder, recordedBy: database.bookkeeping }),
    now: new Date(),
  });
  refuseOthers(workspace, database, made);
  await writeNewMigration(made);
  return {
    database: database.name,
    tag: made.tag,
    file: portablePath(root, made.file),
    written: made.writes.map((write) => portablePath(root, write.path)),
  };
}

/**
 * With the migrations of all databases that share it, as one number must not be given twice. A folder of plain files
 * that is not there is made, as by wrangler; drizzle-kit's is made with its first snapshot.
 */
async function wholeFolder({ project }: Workspace, database: Database): Promise<MigrationFolder> {
  const { directory, dialect, bookkeeping } = database;
  if (bookkeeping !== 'drizzle' && !existsSync(directory)) {
    const format = bookkeeping === 'd1' ? 'wrangler' : 'numbered';
    return { format, dialect, directory, migrations: [], notes: [] };
  }
  return await readFolder({
    ...folderOptions(project, database),
    only: undefined,
    except: [],
    numbers: 'of-several',
  });
}

/** A name decides which database takes a file of a shared folder. */
function refuseOthers({ project }: Workspace, database: Database, { tag }: NewMigration): void {
  if (belongs(folderOptions(project, database))({ tag })) return;
  const owner = project.databases.find(
    (other) => other.directory === database.directory && belongs(folderOptions(project, other))({ tag }),
  );
  const patterns = (database.only ?? owner?.only ?? []).join(', ');
  throw new MigrateError(
    'usage',
    `${tag} would be no migration of ${database.name}${owner ? ` but of ${owner.name}` : ''}: ` +
      `${database.only ? `it fits none of its patterns (${patterns})` : `it fits the patterns of that (${patterns})`}. Nothing was written.`,
    {
      next: database.only
        ? 'Choose a name that fits one of them.'
        : 'Choose another name, or name the other database.',
    },
  );
}

/** An empty one, a file that lies there, or the statements of a file from elsewhere. */
function contentOf({
  name,
  path,
  folder,
  recordedBy,
}: {
  readonly name: string | undefined;
  readonly path: string | undefined;
  readonly folder: MigrationFolder;
  readonly recordedBy: Database['bookkeeping'];
}): Pick<NewMigrationOptions, 'name' | 'from' | 'text'> {
  if (path === undefined) return { name: name ?? 'migration' };
  if (name !== undefined) return { name, text: textOf(path, folder) };
  refuseStray(path, folder, recordedBy);
  return { name: 'migration', from: path };
}

function textOf(path: string, { directory }: MigrationFolder): string {
  if (!existsSync(path)) refuse(path, 'does not exist', 'Name a file of SQL.');
  if (dirname(path) === directory && path.endsWith('.sql'))
    refuse(path, 'lies in the migration folder', 'Leave the name away to register it as it is.');
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new MigrateError('usage', `${path} cannot be read. Nothing was written.`, {
      next: 'Name a file of SQL.',
      cause,
    });
  }
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
  { directory, migrations }: MigrationFolder,
  recordedBy: Database['bookkeeping'],
): void {
  if (!existsSync(path)) refuse(path, 'does not exist', 'Name a SQL file of the migration folder.');
  if (dirname(path) !== directory || !path.endsWith('.sql'))
    refuse(path, `is no SQL file of ${directory}`, 'Move it there first, or add a name for a new migration.');
  if (migrations.some(({ file }) => file === path))
    refuse(path, alreadyOne[recordedBy], 'There is nothing to register: migrate-tui deploy ENV runs it.');
}

/** Why a file of the folder is a migration as it lies there. */
const alreadyOne: Readonly<Record<Database['bookkeeping'], string>> = {
  drizzle: 'is in the journal already',
  d1: 'is a migration already: wrangler runs every SQL file of the folder, also one that no journal has',
  numbered: 'is a migration already: every numbered file of the folder is one',
};

function refuse(path: string, why: string, next: string): never {
  throw new MigrateError('usage', `${path} ${why}. Nothing was written.`, { next });
}
