import { basename, dirname, posix, resolve } from 'node:path';
import { MigrateError } from '../lib/errors.ts';
import { d1Table } from './defaults.ts';
import { readWranglerText, type KeyPath } from './wrangler-text.ts';

/** What a wrangler configuration says about D1 databases. */
export interface WranglerConfig {
  /** Absolute path. */
  readonly file: string;
  /** Absolute path of its folder: what its paths are relative to, and where wrangler keeps local state. */
  readonly folder: string;
  readonly top: WranglerBlock;
  /** The `env.NAME` blocks, in the order of the file. They inherit no database from the top level. */
  readonly environments: ReadonlyMap<string, WranglerBlock>;
}

export interface WranglerBlock {
  /** Name of the worker, from which wrangler makes the name of a database that has none. */
  readonly worker: string | undefined;
  readonly account: string | undefined;
  readonly databases: readonly WranglerD1[];
}

/** One of `d1_databases`. */
export interface WranglerD1 {
  readonly binding: string;
  readonly name: string | undefined;
  readonly id: string | undefined;
  readonly previewId: string | undefined;
  /** Whether `wrangler dev` uses the database at Cloudflare for it. */
  readonly remote: boolean;
  readonly migrations: WranglerMigrations;
}

/** Where wrangler finds the migrations of a database, and where it records them. */
export interface WranglerMigrations {
  /** Absolute path. */
  readonly directory: string;
  /** Said by `migrations_dir`, or wrangler's own `migrations`. */
  readonly from: 'config' | 'default';
  readonly table: string;
  /** `migrations_pattern` relative to the folder, when it says more than every `.sql` file right in it. */
  readonly pattern: string | undefined;
}

/** Reads one. Throws `config` with file, line, key, reason and fix. */
export function readWranglerConfig(file: string): WranglerConfig {
  const { value, lineOf } = readWranglerText(file);
  const read = new Reader(file, lineOf);
  const root = read.table(value, []);
  const worker = read.text(root['name'], ['name']);
  const account = read.text(root['account_id'], ['account_id']);
  const blocks = root['env'] === undefined ? {} : read.table(root['env'], ['env']);
  return {
    file,
    folder: dirname(file),
    top: { worker, account, databases: databasesOf(root, [], read) },
    environments: new Map(
      Object.entries(blocks).map(([name, given]) => {
        const path = ['env', name];
        const block = read.table(given, path);
        const own = read.text(block['name'], [...path, 'name']);
        return [
          name,
          {
            worker: own ?? (worker === undefined ? undefined : `${worker}-${name}`),
            account: read.text(block['account_id'], [...path, 'account_id']) ?? account,
            databases: databasesOf(block, path, read),
          },
        ];
      }),
    ),
  };
}

function databasesOf(block: Table, path: KeyPath, read: Reader): readonly WranglerD1[] {
  const at = [...path, 'd1_databases'];
  if (block['d1_databases'] === undefined) return [];
  const databases = read
    .list(block['d1_databases'], at)
    .map((given, index) => databaseOf(given, [...at, index], read));
  for (const [index, { binding }] of databases.entries()) {
    if (databases.findIndex((one) => one.binding === binding) === index) continue;
    throw read.bad(
      [...at, index, 'binding'],
      `is ${JSON.stringify(binding)}, which another database has already`,
      'Give each binding a name of its own',
    );
  }
  return databases;
}

function databaseOf(given: unknown, path: KeyPath, read: Reader): WranglerD1 {
  const table = read.table(given, path);
  const text = (key: string) => read.text(table[key], [...path, key]);
  const binding = text('binding');
  if (binding === undefined)
    throw read.bad([...path, 'binding'], 'is missing', 'Add the name under which the worker sees it');
  return {
    binding,
    name: text('database_name'),
    id: text('database_id'),
    previewId: text('preview_database_id'),
    remote: read.flag(table['remote'], [...path, 'remote']),
    migrations: migrationsOf(
      {
        directory: text('migrations_dir'),
        pattern: text('migrations_pattern'),
        table: text('migrations_table'),
      },
      path,
      read,
    ),
  };
}

function migrationsOf(
  given: { readonly [Key in 'directory' | 'pattern' | 'table']: string | undefined },
  path: KeyPath,
  read: Reader,
): WranglerMigrations {
  const folder = normal(given.directory ?? 'migrations');
  return {
    directory: resolve(dirname(read.file), folder),
    from: given.directory === undefined ? 'default' : 'config',
    table: given.table || d1Table,
    pattern: patternOf(given, folder, [...path, 'migrations_pattern'], read),
  };
}

function patternOf(
  given: { readonly [Key in 'directory' | 'pattern']: string | undefined },
  folder: string,
  path: KeyPath,
  read: Reader,
): string | undefined {
  if (given.pattern === undefined) return undefined;
  if (given.directory === undefined)
    throw read.bad(
      path,
      'stands without migrations_dir, which wrangler refuses',
      'Add migrations_dir beside it',
    );
  const pattern = normal(given.pattern);
  const prefix = folder === '.' ? '' : `${folder}/`;
  if (!pattern.startsWith(prefix))
    throw read.bad(
      path,
      `does not begin with ${prefix}, the folder of migrations_dir`,
      `Begin it with ${prefix} or change migrations_dir`,
    );
  const inside = pattern.slice(prefix.length);
  return inside === '*.sql' ? undefined : inside;
}

/** As wrangler does: forward slashes, no `./`, no slash at the end. */
function normal(path: string): string {
  return posix.normalize(path.replaceAll('\\', '/')).replace(/(?<=.)\/$/, '');
}

type Table = Readonly<Record<string, unknown>>;

/** Takes values of the right kind out of one file, or says where the wrong one stands. */
class Reader {
  readonly file: string;
  readonly #lineOf: (path: KeyPath) => number | undefined;

  constructor(file: string, lineOf: (path: KeyPath) => number | undefined) {
    this.file = file;
    this.#lineOf = lineOf;
  }

  table(value: unknown, path: KeyPath): Table {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
    // wrangler takes an empty file for one that says nothing.
    if (value === undefined && path.length === 0) return {};
    throw this.bad(path, 'must be a table of keys', 'Correct it');
  }

  list(value: unknown, path: KeyPath): readonly unknown[] {
    if (Array.isArray(value)) return value;
    throw this.bad(path, 'must be a list', 'Write one entry for each database');
  }

  text(value: unknown, path: KeyPath): string | undefined {
    if (value === undefined || typeof value === 'string') return value;
    throw this.bad(path, 'must be a text', 'Correct it');
  }

  flag(value: unknown, path: KeyPath): boolean {
    if (value === undefined || typeof value === 'boolean') return value ?? false;
    throw this.bad(path, 'must be true or false', 'Correct it');
  }

  bad(path: KeyPath, problem: string, fix: string): MigrateError {
    const line = this.#lineOf(path);
    const place = line === undefined ? '' : `:${line}`;
    return new MigrateError('config', `${basename(this.file)}${place}: ${shown(path)} ${problem}.`, {
      next: `${fix} in ${this.file}.`,
    });
  }
}

/** `env.staging.d1_databases[0].binding` */
function shown(path: KeyPath): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('');
  return text.replace(/^\./, '') || 'The file';
}
