import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { MigrateError } from '../../lib/errors.ts';
import { stopped } from '../../lib/sentences.ts';
import { installCommand } from '../install-command.ts';
import { variablesFor, type Variables } from '../dotenv.ts';
import { evaluateFile } from '../evaluation/evaluate-file.ts';
import { findProject, type FindOptions } from '../find.ts';
import type { Database } from '../project.ts';
import { readDrizzle, type DrizzleReading } from './read.ts';

/** The drizzle-kit that a project has installed. */
export interface DrizzleKit {
  readonly version: string;
  /** Absolute path of the script that Node runs. */
  readonly program: string;
}

/** A Drizzle configuration as drizzle-kit is to see it. */
export interface KitConfig {
  /** Absolute path. */
  readonly file: string;
  /** Where drizzle-kit is run: the paths in the configuration begin here. */
  readonly folder: string;
  /** What the file says, without the credentials of any database. */
  readonly says: Readonly<Record<string, unknown>>;
  /** What its schema files may read. */
  readonly variables: Variables;
}

/** The drizzle-kit of the nearest `node_modules`, upward. Throws `config` with the command that installs it. */
export function findDrizzleKit(folder: string): DrizzleKit {
  for (let at = folder; ; at = dirname(at)) {
    const home = join(at, 'node_modules', 'drizzle-kit');
    const manifest = manifestOf(home);
    if (manifest !== undefined) return { version: manifest.version, program: join(home, manifest.program) };
    if (dirname(at) === at) {
      throw new MigrateError('config', `drizzle-kit is not installed in ${folder} or above it.`, {
        next: `Install it: ${installCommand(folder)} drizzle-kit`,
      });
    }
  }
}

function manifestOf(home: string): { readonly version: string; readonly program: string } | undefined {
  try {
    const { version, bin }: { version?: unknown; bin?: unknown } = JSON.parse(
      readFileSync(join(home, 'package.json'), 'utf8'),
    );
    const program: unknown = typeof bin === 'object' && bin !== null ? Reflect.get(bin, 'drizzle-kit') : bin;
    return typeof version === 'string' && typeof program === 'string' ? { version, program } : undefined;
  } catch {
    // Not there, or half installed: the next folder upward is asked.
    return undefined;
  }
}

/**
 * The Drizzle configuration that writes into a database's folder, the environment's own before others; undefined when
 * none does. Throws `config` when one that cannot be read may be the one.
 */
export async function kitConfigFor(
  { directory }: Pick<Database, 'directory'>,
  options: FindOptions & {
    readonly env: Variables;
    /** Whose configuration is preferred. */
    readonly environment?: string;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<KitConfig | undefined> {
  const { env, environment, signal } = options;
  const { drizzle } = findProject(options);
  const readings = await readDrizzle(drizzle, { env, signal });
  const fitting = readings.filter(
    (reading) => reading.kind === 'read' && reading.config.directory === directory,
  );
  const chosen = fitting.find((reading) => nameOf(reading) === environment) ?? fitting[0];
  if (chosen === undefined) {
    const failed = readings.find((reading) => reading.kind === 'failed');
    if (failed) throw readings.length === 1 ? failed.error : mayBe(failed.error, directory);
    return undefined;
  }
  return await configOf(chosen, directory, { env, signal });
}

/** Both are said: which folder has no configuration, and which of the others cannot be looked at. */
function mayBe({ message, next }: MigrateError, directory: string): MigrateError {
  return new MigrateError(
    'config',
    `No Drizzle configuration that can be read writes into ${directory}; ${stopped(message)}`,
    next === undefined ? {} : { next },
  );
}

function nameOf(reading: DrizzleReading): string | undefined {
  return reading.environment ?? (reading.kind === 'read' ? reading.config.place : undefined);
}

async function configOf(
  { file, environment }: DrizzleReading,
  directory: string,
  { env, signal }: { readonly env: Variables; readonly signal: AbortSignal | undefined },
): Promise<KitConfig> {
  const folder = dirname(file);
  const variables = variablesFor(folder, environment, env);
  const exported = await evaluateFile({ file, environment, variables, env, signal });
  const all = typeof exported === 'object' && exported !== null ? { ...exported } : {};
  const { dbCredentials: _, ...says } = { dbCredentials: undefined, ...all };
  return { file, folder, says: { ...says, out: relative(folder, directory) || '.' }, variables };
}
