import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { miniflarePath } from '../../src/project/miniflare-path.ts';
import { writeFiles } from './drizzle-folders.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A project with one D1 database and a migration folder, on which the real wrangler works locally. */
export interface WranglerFolder extends AsyncDisposable {
  /** Of its migrations. */
  readonly folder: string;
  /** Replaces the migration folder. */
  write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void>;
  /** The names that `wrangler d1 migrations list` has as not applied; `says` is all that it says. */
  list(): Promise<{ readonly names: readonly string[]; readonly says: string }>;
  /** `wrangler d1 migrations apply`. */
  apply(): Promise<void>;
  /** The SQLite file in which wrangler keeps the database; its folder is there. */
  readonly database: string;
}

/** @param pattern `migrations_pattern` below the folder */
export async function wranglerFolder(
  files: Readonly<Record<string, string | Uint8Array>>,
  { pattern, table }: { readonly pattern?: string; readonly table?: string } = {},
): Promise<WranglerFolder> {
  const project = await temporaryFolder();
  const folder = project.file('migrations');
  await writeFile(
    project.file('wrangler.json'),
    JSON.stringify({
      name: 'test',
      compatibility_date: '2026-01-01',
      d1_databases: [
        {
          binding: 'DB',
          database_name: 'db',
          database_id: id,
          migrations_dir: 'migrations',
          ...(pattern === undefined ? {} : { migrations_pattern: `migrations/${pattern}` }),
          ...(table === undefined ? {} : { migrations_table: table }),
        },
      ],
    }),
  );
  await writeFiles(folder, files);
  const database = miniflarePath(project.file('.wrangler/state'), id);
  await mkdir(dirname(database), { recursive: true });
  return {
    folder,
    database,
    async write(next) {
      await rm(folder, { recursive: true });
      await writeFiles(folder, next);
    },
    async list() {
      const says = await wrangler(project.path, ['list', 'DB', '--local']);
      return { names: namesIn(says), says };
    },
    async apply() {
      await wrangler(project.path, ['apply', 'DB', '--local']);
    },
    [Symbol.asyncDispose]: () => project[Symbol.asyncDispose](),
  };
}

const id = '5d0c0d2c-0000-4000-8000-000000000001';

const program = join(
  dirname(createRequire(import.meta.url).resolve('wrangler/package.json')),
  'bin/wrangler.js',
);

async function wrangler(cwd: string, args: readonly string[]): Promise<string> {
  const env = {
    ...process.env,
    CI: '1',
    NO_COLOR: '1',
    WRANGLER_SEND_METRICS: 'false',
    // Its own logs and settings stay in the project, and no login is found.
    XDG_CONFIG_HOME: cwd,
    WRANGLER_LOG_PATH: join(cwd, 'logs'),
    CLOUDFLARE_API_TOKEN: undefined,
  };
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [program, 'd1', 'migrations', ...args],
    { cwd, env },
  );
  return `${stdout}\n${stderr}`;
}

/** The rows of its table: one cell each. */
function namesIn(says: string): readonly string[] {
  const rows = [...says.matchAll(/^│ (.*?) +│$/gm)].map(([, name]) => name ?? '');
  return rows.slice(1);
}
