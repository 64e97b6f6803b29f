import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../../lib/error-code.ts';
import { MigrateError } from '../../lib/errors.ts';
import { portablePath } from '../../lib/portable-path.ts';
import { unreachable } from '../../lib/unreachable.ts';
import { hasRunnerOfItsOwn } from '../../migrations/numbered-folder.ts';
import { some } from '../../migrations/some.ts';
import { drizzleSchema, numberedTable } from '../defaults.ts';
import { variablesFor, type Variables } from '../dotenv.ts';
import { libsqlAddress } from '../addresses/libsql-url.ts';
import { wranglerOf, writtenD1, writtenWithoutCredentials, type WrittenD1 } from './d1.ts';
import { writtenPostgres, type WrittenPostgres } from './postgres.ts';
import { shownServer } from '../addresses/postgres-url.ts';
import type { Database, Environment, Project, Target } from '../project.ts';
import type { WranglerConfig } from '../wrangler/config.ts';

/** A configuration that says what was found, so that it can be read before it is written. */
export interface InitPlan {
  /** Absolute path. */
  readonly file: string;
  readonly content: string;
}

interface Around {
  readonly root: string;
  readonly env: Variables;
  readonly wrangler: WranglerConfig | undefined;
  /** Names of the databases that are PostgreSQL's. */
  readonly postgres: ReadonlySet<string>;
}

/** The configuration that `init` would write, in the project's language. Throws `refused` when there is one already. */
export function planInit(project: Project, env: Variables = process.env): InitPlan {
  if (project.configFile !== undefined) throw alreadyThere(project.configFile);
  const typescript =
    existsSync(join(project.root, 'tsconfig.json')) ||
    project.sources.some(({ file }) => /\.[cm]?ts$/.test(file));
  const file = join(project.root, `migrate-tui.config.${typescript ? 'ts' : 'mjs'}`);
  const { root, databases } = project;
  const postgres = new Set(databases.flatMap(({ name, dialect }) => (dialect === 'postgres' ? [name] : [])));
  return { file, content: contentFor(project, { root, env, wrangler: wranglerOf(root), postgres }) };
}

/** Writes it. Throws `refused` rather than replace a file, `storage` when it cannot be written. */
export function writeInit({ file, content }: InitPlan): void {
  try {
    writeFileSync(file, content, { flag: 'wx' });
  } catch (error) {
    const code = codeOf(error) ?? String(error);
    if (code === 'EEXIST') throw alreadyThere(file);
    throw new MigrateError('storage', `${file} cannot be written: ${code}.`, {
      next: 'Make its folder writable.',
      cause: error,
    });
  }
}

function alreadyThere(file: string): MigrateError {
  return new MigrateError('refused', `${file} is there already; nothing was written.`, {
    next: 'Edit it, or move it away first.',
  });
}

function contentFor(project: Project, around: Around): string {
  const environments = project.environments.flatMap((environment) => environmentLines(environment, around));
  const usesEnv = environments.some((line) => /^ *[^ /].*\benv\('/.test(line));
  return [
    `import { defineConfig${usesEnv ? ', env' : ''} } from 'migrate-tui';`,
    '',
    ...project.sources.map(({ file, says }) => comment(`${file}: ${says}`)),
    'export default defineConfig({',
    '  databases: {',
    ...project.databases.flatMap((database) => [
      ...sharingLines(database, project),
      ...runnerLines(database, project.root),
      databaseLine(database, project.root),
    ]),
    '  },',
    '  // In the order of promotion.',
    '  environments: {',
    ...environments,
    '  },',
    '});',
    '',
  ].join('\n');
}

/** Above the last of the databases that each get all of one folder: how it is divided. */
function sharingLines(database: Database, { databases, root }: Project): readonly string[] {
  const sharers = databases.filter(
    ({ directory, pattern, only }) =>
      directory === database.directory && pattern === database.pattern && only === undefined,
  );
  if (sharers.length < 2 || sharers.at(-1) !== database) return [];
  const folder = portablePath(root, database.directory) || '.';
  return [
    comment(`${some(sharers.map(({ name }) => name))} share ${folder}/, and each gets all of it.`, 4),
    comment(
      `only: ['*_${database.name.toLowerCase()}_*'] gives ${database.name} the files that fit, and the others the rest.`,
      4,
    ),
  ];
}

/** As wrangler's the folder could not be read, and what is written here is to be readable. */
function runnerLines(database: Database, root: string): readonly string[] {
  if (!isOfRunner(database)) return [];
  const folder = portablePath(root, database.directory) || '.';
  return [
    comment(`Rollback files lie among those of ${folder}/, and wrangler would run them as migrations:`, 4),
    comment(`it is taken for the folder of another runner, which records in ${numberedTable}.`, 4),
  ];
}

function isOfRunner({ bookkeeping, directory }: Database): boolean {
  return bookkeeping === 'd1' && hasRunnerOfItsOwn(directory);
}

function databaseLine(database: Database, root: string): string {
  const { name, directory, tableSchema, only } = database;
  const { bookkeeping, table } = isOfRunner(database)
    ? { bookkeeping: 'numbered', table: numberedTable }
    : database;
  const keys = [
    `migrations: ${quoted(portablePath(root, directory) || '.')}`,
    ...(bookkeeping === 'drizzle' ? [] : [`bookkeeping: '${bookkeeping}'`]),
    `table: ${quoted(table)}`,
    ...(tableSchema === undefined || tableSchema === drizzleSchema
      ? []
      : [`tableSchema: ${quoted(tableSchema)}`]),
    ...(only === undefined ? [] : [`only: [${only.map(quoted).join(', ')}]`]),
  ];
  return `    ${key(name)}: { ${keys.join(', ')} },`;
}

function environmentLines(environment: Environment, around: Around): readonly string[] {
  return [
    `    ${key(environment.name)}: {`,
    ...(environment.protected
      ? ['      // Writing needs --confirm with the name.', '      protected: true,']
      : []),
    '      targets: {',
    ...environment.targets.flatMap((target) => targetLines(target, around)),
    '      },',
    '    },',
  ];
}

function targetLines(target: Target, around: Around): readonly string[] {
  const { says, value } = writtenTarget(target, around);
  return [...(says === undefined ? [] : [comment(says, 8)]), `        ${key(target.database)}: ${value},`];
}

interface WrittenTarget {
  /** What stands above it as a comment. */
  readonly says?: string;
  /** As TypeScript. */
  readonly value: string;
}

function writtenTarget(target: Target, around: Around): WrittenTarget {
  const { environment, address } = target;
  const { root, env, wrangler } = around;
  switch (address.kind) {
    case 'libsql-file':
      return { value: quoted(fileUrl(address.path, root)) };
    case 'libsql-memory':
      return { value: quoted(':memory:') };
    case 'libsql-remote':
      return writtenRemote(target, address, around);
    case 'postgres': {
      const variables = variablesFor(root, environment, env);
      const written = writtenPostgres(address, { variables, prefix: prefixOf(target) });
      const from = written.uses === 'text' ? '' : fromVariables(environment);
      return { says: `${shownServer(address)}${from}`, value: postgresText(written) };
    }
    case 'pglite':
      return { value: quoted(pgliteUrl(address.folder, root)) };
    case 'd1-local':
    case 'd1-remote':
      return { value: d1Text(writtenD1({ ...target, address }, wrangler, around)) };
    case 'unavailable':
      return writtenUnavailable(target, address, around);
    default:
      return unreachable(address);
  }
}

/** Of the variables that a target is given names for. */
function prefixOf({ environment, database }: Target): string {
  const names = database === 'app' ? [environment] : [environment, database];
  return names.map((name) => `${name}_`.toUpperCase().replaceAll(/\W/g, '_')).join('');
}

const fromVariables = (environment: string) => `, from the environment or .env.${environment}`;

function writtenRemote(
  target: Target,
  { url, authToken }: Extract<Target['address'], { kind: 'libsql-remote' }>,
  { root, env }: Around,
): WrittenTarget {
  const variables = variablesFor(root, target.environment, env);
  const prefix = prefixOf(target);
  const urlName = nameOf(variables, (value) => isSameUrl(value, url)) ?? `${prefix}URL`;
  const token = authToken?.reveal();
  const tokenName = nameOf(variables, (value) => value === token) ?? `${prefix}TOKEN`;
  return {
    says: `${new URL(url).host}${fromVariables(target.environment)}`,
    value:
      token === undefined
        ? `env('${urlName}')`
        : `{ url: env('${urlName}'), authToken: env('${tokenName}') }`,
  };
}

function writtenUnavailable(
  target: Target,
  { why, lacks }: Extract<Target['address'], { kind: 'unavailable' }>,
  { wrangler, postgres }: Around,
): WrittenTarget {
  const d1 = writtenWithoutCredentials(target, wrangler);
  if (d1 !== undefined) {
    // That this machine has no token for it is not the configuration's business.
    return { value: d1Text(d1), ...(lacks !== undefined && { says: why }) };
  }
  const prefix = prefixOf(target);
  const url = `env('${prefix}URL')`;
  const value = postgres.has(target.database) ? url : `{ url: ${url}, authToken: env('${prefix}TOKEN') }`;
  return { says: why, value };
}

function d1Text(keys: WrittenD1): string {
  const written = Object.entries(keys).map(
    ([name, value]) => `${name}: ${value.kind === 'text' ? quoted(value.text) : `env('${value.name}')`}`,
  );
  return `{ ${written.join(', ')} }`;
}

function postgresText(written: WrittenPostgres): string {
  switch (written.uses) {
    case 'text':
      return quoted(written.url);
    case 'variable':
      return `env('${written.url}')`;
    case 'password':
      return `{ postgres: { url: ${quoted(written.url)}, password: env('${written.password}') } }`;
    default:
      return unreachable(written);
  }
}

/** With `./` before a folder, so that it reads as one. */
function pgliteUrl(folder: string | undefined, root: string): string {
  if (folder === undefined) return 'pglite::memory:';
  const inside = portablePath(root, folder);
  return `pglite:${inside.startsWith('..') ? folder : `./${inside}`}`;
}

function nameOf(variables: Variables, fits: (value: string) => boolean): string | undefined {
  return Object.entries(variables).find(
    ([name, value]) => value && /^[A-Za-z_]\w*$/.test(name) && fits(value),
  )?.[0];
}

function isSameUrl(value: string, url: string): boolean {
  const found = libsqlAddress(value, { folder: '/', authToken: undefined });
  return found?.kind === 'libsql-remote' && found.url === url;
}

/** Relative where the file lies in the project; what a URL would read otherwise is escaped. */
function fileUrl(path: string, root: string): string {
  const inside = portablePath(root, path);
  const shown = inside.startsWith('..') ? path : inside;
  return `file:${shown.replaceAll('%', '%25').replaceAll('?', '%3F').replaceAll('#', '%23')}`;
}

function comment(text: string, indent = 0): string {
  return `${' '.repeat(indent)}// ${text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')}`;
}

function key(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name);
}

function quoted(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}
