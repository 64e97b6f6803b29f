import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { MigrateError } from '../../lib/errors.ts';
import type { Migration } from '../../migrations/migration.ts';
import type { Chosen, LintedFolder } from './folder.ts';

/**
 * The migrations that paths lead to, however they are written: relative to the working folder or absolute, through
 * links, a companion for its migration, a folder for all that is in it.
 *
 * @throws MigrateError `not-found` for a path that leads nowhere, `usage` for what is no migration of the project
 */
export function chosenByFiles(
  folders: readonly LintedFolder[],
  { files, cwd }: { readonly files: readonly string[]; readonly cwd: string },
): Chosen {
  const index = indexOf(folders);
  const chosen = new Map<string, Set<string>>();
  for (const written of files) {
    const path = realPath(resolve(cwd, written), written);
    const found = isFolder(path) ? inFolder(index, path) : (index.get(path) ?? []);
    if (found.length === 0) throw noMigration(folders, { path, written, cwd });
    for (const { database, tag } of found) chosen.set(database, (chosen.get(database) ?? new Set()).add(tag));
  }
  return chosen;
}

/** The same for paths of which any may be something else; real ones, as git prints them. */
export function chosenAmong(folders: readonly LintedFolder[], paths: Iterable<string>): Chosen {
  const index = indexOf(folders);
  const chosen = new Map<string, Set<string>>();
  for (const path of paths) {
    for (const { database, tag } of index.get(path) ?? [])
      chosen.set(database, (chosen.get(database) ?? new Set()).add(tag));
  }
  return chosen;
}

interface Place {
  readonly database: string;
  readonly tag: string;
}

type Index = ReadonlyMap<string, readonly Place[]>;

/** Every file of every migration by its real path; databases may share a folder. */
function indexOf(folders: readonly LintedFolder[]): Index {
  const index = new Map<string, Place[]>();
  for (const { database, folder } of folders) {
    for (const migration of folder.migrations) {
      // A link in the folder is meant as much as what it leads to.
      const paths = filesOf(migration).flatMap((file) => [inRealFolder(file), realPathIfThere(file)]);
      for (const path of new Set(paths)) {
        const places = index.get(path) ?? [];
        places.push({ database: database.name, tag: migration.tag });
        index.set(path, places);
      }
    }
  }
  return index;
}

function filesOf({ file, rollback, verify }: Migration): readonly string[] {
  return [file, rollback?.file, verify?.file].flatMap((each) => (each === undefined ? [] : [each]));
}

function inFolder(index: Index, folder: string): readonly Place[] {
  const beginning = folder.endsWith(sep) ? folder : `${folder}${sep}`;
  return [...index].flatMap(([path, places]) => (path.startsWith(beginning) ? places : []));
}

function realPath(path: string, written: string): string {
  try {
    return realpathSync(path);
  } catch (cause) {
    throw new MigrateError('not-found', `The file ${written} does not exist.`, {
      next: 'Paths are relative to the folder that the command is run in.',
      cause,
    });
  }
}

/** A link that leads nowhere stays as it is: whoever reads it says so. */
function realPathIfThere(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function inRealFolder(file: string): string {
  return join(realPathIfThere(dirname(file)), basename(file));
}

function isFolder(path: string): boolean {
  return statSync(path).isDirectory();
}

function noMigration(
  folders: readonly LintedFolder[],
  { path, written, cwd }: { readonly path: string; readonly written: string; readonly cwd: string },
): MigrateError {
  const shown = (directory: string) => relative(cwd, directory) || '.';
  const around = folders.find(({ database }) =>
    path.startsWith(`${realPathIfThere(database.directory)}${sep}`),
  );
  if (around) {
    const { name, directory } = around.database;
    return new MigrateError(
      'usage',
      `${written} lies in ${shown(directory)} and is no migration of the database ${name}: nothing runs it.`,
      { next: 'migrate-tui check says what in the folder is no migration.' },
    );
  }
  const names = [...new Set(folders.map(({ database }) => shown(database.directory)))];
  return new MigrateError('usage', `${written} lies in no migration folder of the project.`, {
    next: names.length === 1 ? `Its folder is ${names.join()}.` : `Its folders are ${names.join(', ')}.`,
  });
}
