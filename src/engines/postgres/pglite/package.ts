import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MigrateError } from '../../../lib/errors.ts';
import { extensionsFor, type PgliteExtensions } from './extensions.ts';
import { keepPristine, keptPristine } from './pristine.ts';
import { pgliteRoots } from './root.ts';

/** What is used of PGlite; https://pglite.dev/docs/api */
export interface Pglite {
  query(
    sql: string,
    parameters: readonly unknown[],
    options: {
      readonly parsers?: Converters;
      readonly serializers?: Converters;
      /** What COPY reads from `/dev/blob`. */
      readonly blob?: Blob;
    },
  ): Promise<{
    readonly rows: readonly Record<string, unknown>[];
    readonly command?: string;
    readonly affectedRows?: number;
    /** What COPY wrote to `/dev/blob`. */
    readonly blob?: Blob;
  }>;
  exec(sql: string): Promise<readonly { readonly command?: string }[]>;
  isInTransaction(): boolean;
  close(): Promise<void>;
  /** A database as a file. */
  dumpDataDir(compression: 'gzip'): Promise<Blob>;
  /** Its own, by the number of a type: whatever is not among them stays text. */
  readonly parsers: Readonly<Record<string, unknown>>;
  readonly serializers: Readonly<Record<string, unknown>>;
}

export type Converters = Readonly<Record<string, (value: never) => unknown>>;

/**
 * Starts PGlite: the project's own, as a newer one may not read an older one's folder. It is looked for from the
 * database upward, then from the project, then from where the command was run, then beside this program.
 *
 * @param folder where the database is; undefined: in memory
 * @throws MigrateError `config` when the project has none, `unreachable` when it does not start there
 */
export async function startPglite(folder: string | undefined): Promise<Pglite> {
  const path = findPglite(folder);
  if (path === undefined) {
    throw new MigrateError('config', 'The project has no PGlite, which its database is kept by', {
      next: 'npm i -D @electric-sql/pglite',
    });
  }
  const loaded: unknown = await import(pathToFileURL(path).href);
  if (!isPglite(loaded)) throw new Error(`${path} has no class PGlite`);
  const isNew = folder === undefined || (await isEmpty(folder));
  const pristine = isNew ? await keptPristine(path) : undefined;
  try {
    const started = await loaded.PGlite.create({
      extensions: await extensionsFor(path),
      ...(folder === undefined ? {} : { dataDir: folder }),
      ...(pristine ? { loadDataDir: pristine } : {}),
    });
    if (isNew && !pristine) await keepPristine(path, started);
    return started;
  } catch (cause) {
    throw new MigrateError('unreachable', `PGlite does not start on ${folder ?? 'a database in memory'}`, {
      cause,
      next: 'Check that the folder was made by the version of PGlite that the project has.',
    });
  }
}

async function isEmpty(folder: string): Promise<boolean> {
  return (await readdir(folder).catch(() => [])).length === 0;
}

/**
 * The path of the package's main module; undefined when no folder leads to one.
 *
 * @param database the folder of a database, from which it is looked for first
 */
export function findPglite(database?: string): string | undefined {
  const folders = [...(database === undefined ? [] : [dirname(database)]), ...pgliteRoots()];
  for (const from of [...folders.map((folder) => join(folder, 'package.json')), import.meta.url]) {
    try {
      return createRequire(from).resolve('@electric-sql/pglite');
    } catch {
      // Not installed there.
    }
  }
  return undefined;
}

interface PgliteModule {
  readonly PGlite: {
    create(options: {
      readonly dataDir?: string;
      readonly extensions: PgliteExtensions;
      readonly loadDataDir?: Blob;
    }): Promise<Pglite>;
  };
}

function isPglite(loaded: unknown): loaded is PgliteModule {
  return (
    typeof loaded === 'object' && loaded !== null && 'PGlite' in loaded && typeof loaded.PGlite === 'function'
  );
}
