import { dirname, posix, resolve } from 'node:path';
import { d1Table } from '../defaults.ts';
import { isPlainName } from '../plain-name.ts';
import { WranglerReader, type Table } from './reader.ts';
import { readWranglerText, type KeyPath } from './text.ts';

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
  const read = new WranglerReader(file, lineOf);
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
        if (block['d1_databases'] !== undefined) insistOnPlain(name, path, read);
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

function databasesOf(block: Table, path: KeyPath, read: WranglerReader): readonly WranglerD1[] {
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

/** Bindings are the names of our databases, the blocks those of our environments. */
function insistOnPlain(name: string, path: KeyPath, read: WranglerReader): void {
  if (isPlainName(name)) return;
  throw read.bad(
    path,
    `is the name ${JSON.stringify(name)}, which a shell or a path would take apart`,
    'Rename it, with letters, digits, _ and -',
  );
}

function databaseOf(given: unknown, path: KeyPath, read: WranglerReader): WranglerD1 {
  const table = read.table(given, path);
  const text = (key: string) => read.text(table[key], [...path, key]);
  const binding = text('binding');
  if (binding === undefined || binding === '')
    throw read.bad([...path, 'binding'], 'is missing', 'Add the name under which the worker sees it');
  insistOnPlain(binding, [...path, 'binding'], read);
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
  read: WranglerReader,
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
  read: WranglerReader,
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
