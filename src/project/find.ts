import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { codeOf } from '../lib/error-code.ts';
import { MigrateError } from '../lib/errors.ts';
import { isNumberedFolder } from '../migrations/numbered-folder.ts';
import { some } from '../migrations/some.ts';
import { foldersBelow } from './folders-below.ts';

/** The files that make a folder a project. */
export interface Found {
  /** Absolute path of the project's folder. */
  readonly root: string;
  /** Absolute path of our own configuration. */
  readonly configFile: string | undefined;
  /** In the order of their names, one for each environment. */
  readonly drizzle: readonly DrizzleFile[];
  /** Absolute path of the wrangler configuration in the folder. */
  readonly wrangler: string | undefined;
  readonly notes: readonly string[];
}

export interface DrizzleFile {
  /** Absolute path. */
  readonly file: string;
  /** `X` of `drizzle.config.X.ts` or `drizzle.X.config.ts`. */
  readonly environment: string | undefined;
}

export interface FindOptions {
  readonly cwd: string;
  /** `--config F`: ours, or a Drizzle or wrangler configuration. */
  readonly config: string | undefined;
  /** `--project DIR`: where to begin instead of `cwd`. */
  readonly project: string | undefined;
}

/**
 * The nearest folder upward with a `migrate-tui.config.*`, else the nearest with a Drizzle or wrangler
 * configuration, up to the git root. Throws `not-found` and says where it looked.
 */
export function findProject({ cwd, config, project }: FindOptions): Found {
  const start = resolve(cwd, project ?? '.');
  if (!existsSync(start)) {
    throw new MigrateError('not-found', `The folder ${start} does not exist.`, {
      next: "Name the project's folder with --project.",
    });
  }
  if (config !== undefined) return named(resolve(cwd, config), project === undefined ? undefined : start);
  const folders = upward(start).map(look);
  const found =
    folders.find(({ configFile }) => configFile !== undefined) ??
    folders.find(({ drizzle, wrangler }) => drizzle.length > 0 || wrangler !== undefined);
  if (found !== undefined) return found;
  const [first = start] = folders.map(({ root }) => root);
  const last = folders.at(-1)?.root ?? start;
  throw new MigrateError(
    'not-found',
    `There is nothing to migrate in ${first}${last === first ? '' : ` or above it, up to ${last}`}: no migrate-tui.config.*, no drizzle.config.*, no wrangler.*.`,
    { next: whereElse(start, cwd) },
  );
}

/** In a monorepo whoever asks at the top means one of the projects below. */
function whereElse(start: string, cwd: string): string {
  const below = foldersBelow(start, hasConfiguration).map((folder) => relative(cwd, folder));
  const [one] = below;
  const [numbered] = one === undefined ? foldersBelow(start, isNumberedFolder) : [];
  if (numbered !== undefined) return forNumbered(relative(start, numbered));
  if (one === undefined)
    return 'Name the folder of the project with --project, or practise with "migrate-tui demo".';
  return below.length === 1
    ? `${some(below)} has a configuration: migrate-tui --project ${one} reads it.`
    : `Found below: ${some(below, 8)}. migrate-tui --project ${one} reads the first.`;
}

/** Files with numbers tell their order, but not where their database is. */
function forNumbered(folder: string): string {
  const config = {
    databases: { app: { migrations: folder } },
    environments: { local: { targets: { app: 'file:local.db' } } },
  };
  return `${folder} has numbered SQL files; a migrate-tui.config.json says where their database is: ${JSON.stringify(config)}`;
}

function hasConfiguration(folder: string): boolean {
  const { configFile, drizzle, wrangler } = look(folder);
  return configFile !== undefined || drizzle.length > 0 || wrangler !== undefined;
}

function named(file: string, root: string | undefined): Found {
  if (!existsSync(file)) {
    throw new MigrateError('not-found', `The configuration ${file} does not exist.`, {
      next: 'Correct the path after --config.',
    });
  }
  const around = look(root ?? dirname(file));
  if (/^wrangler.*\.(?:toml|jsonc?)$/.test(basename(file)))
    return { ...around, configFile: undefined, wrangler: file };
  const drizzle = drizzleName.exec(basename(file));
  return drizzle === null
    ? { ...around, configFile: file }
    : { ...around, configFile: undefined, drizzle: [{ file, environment: environmentOf(drizzle) }] };
}

/** The wrangler configuration that is nearest to a folder, upward as far as the git root. */
export function nearestWrangler(folder: string): string | undefined {
  return upward(folder)
    .map((above) => wranglerIn(above, listing(above)).used)
    .find((file) => file !== undefined);
}

/** The folder and those above it, as far as the one that holds `.git`. */
function upward(start: string): readonly string[] {
  const folders: string[] = [];
  for (let folder = start; ; folder = dirname(folder)) {
    folders.push(folder);
    if (existsSync(join(folder, '.git')) || dirname(folder) === folder) return folders;
  }
}

function look(root: string): Found {
  const names = listing(root);
  const own = ownNames.filter((name) => names.includes(name));
  const notes = own.length < 2 ? [] : [`${own[0]} is used; ${own.slice(1).join(', ')} is ignored.`];
  const { drizzle, ignored } = drizzleFiles(root, names);
  const wrangler = wranglerIn(root, names);
  return {
    root,
    configFile: own[0] === undefined ? undefined : join(root, own[0]),
    drizzle,
    wrangler: wrangler.used,
    notes: [...notes, ...ignored, ...wrangler.notes],
  };
}

const ownNames = ['ts', 'mts', 'js', 'mjs', 'json'].map((extension) => `migrate-tui.config.${extension}`);

/** wrangler prefers them in this order. */
const wranglerNames = ['wrangler.json', 'wrangler.jsonc', 'wrangler.toml'];

function wranglerIn(root: string, names: readonly string[]) {
  const [used, ...others] = wranglerNames.filter((name) => names.includes(name));
  return {
    used: used === undefined ? undefined : join(root, used),
    notes: others.map((name) => `${used} is used, as by wrangler; ${name} is ignored.`),
  };
}

/** drizzle-kit prefers `.ts`, then `.js`, then `.json`; one that only shows how to write it is no configuration. */
const extensions = ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs', 'json'];
const drizzleName = /^drizzle(?:[-._]([\w-]+))?\.config(?:\.([\w-]+))?\.([cm]?[jt]s|json)$/;
const sample = /^(?:example|sample|template|dist|d)$/;

function drizzleFiles(root: string, names: readonly string[]) {
  const chosen = new Map<string, DrizzleFile & { readonly name: string }>();
  const ignored: string[] = [];
  const rank = (name: string) => extensions.findIndex((extension) => name.endsWith(`.${extension}`));
  for (const name of names.toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))) {
    const match = drizzleName.exec(name);
    if (match === null || sample.test(match[2] ?? match[1] ?? '')) continue;
    const environment = environmentOf(match);
    const other = chosen.get(environment ?? '');
    if (other === undefined) chosen.set(environment ?? '', { file: join(root, name), environment, name });
    else ignored.push(`${other.name} is used; ${name} is ignored.`);
  }
  const drizzle = Array.from(chosen.values(), ({ file, environment }) => ({ file, environment }));
  return { drizzle, ignored };
}

function environmentOf(match: RegExpExecArray): string | undefined {
  return match[2] ?? match[1];
}

function listing(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    const code = codeOf(error);
    // A folder above may be closed to this user; the one asked for may be a file, or not be there yet.
    if (code !== undefined && unlisted.has(code)) return [];
    throw error;
  }
}

const unlisted: ReadonlySet<string> = new Set([
  'EACCES',
  'EPERM',
  'ENOTDIR',
  'ENOENT',
  'ENAMETOOLONG',
  'ELOOP',
]);
