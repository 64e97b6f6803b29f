import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeFiles } from './drizzle-folders.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { localFile, wrangler } from './wrangler.ts';

/** A project with one D1 database and a migration folder, on which the real wrangler works locally. */
export interface WranglerFolder extends AsyncDisposable {
  /** Of its migrations. */
  readonly folder: string;
  /** Sets `migrations_pattern`, below the folder. */
  setPattern(pattern: string): Promise<void>;
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
  const setPattern = async (next: string | undefined) => {
    const binding = {
      binding: 'DB',
      database_name: 'db',
      database_id: id,
      migrations_dir: 'migrations',
      ...(next === undefined ? {} : { migrations_pattern: `migrations/${next}` }),
      ...(table === undefined ? {} : { migrations_table: table }),
    };
    const config = { name: 'test', compatibility_date: '2026-01-01', d1_databases: [binding] };
    await writeFile(project.file('wrangler.json'), JSON.stringify(config));
  };
  await setPattern(pattern);
  await writeFiles(folder, files);
  const database = localFile(project.path, id);
  await mkdir(dirname(database), { recursive: true });
  return {
    folder,
    database,
    setPattern,
    async list() {
      const says = await migrations(project.path, ['list', 'DB', '--local']);
      return { names: namesIn(says), says };
    },
    async apply() {
      await migrations(project.path, ['apply', 'DB', '--local']);
    },
    [Symbol.asyncDispose]: () => project[Symbol.asyncDispose](),
  };
}

const id = '5d0c0d2c-0000-4000-8000-000000000001';

async function migrations(cwd: string, args: readonly string[]): Promise<string> {
  const { exitCode, output } = await wrangler(cwd, ['d1', 'migrations', ...args]);
  if (exitCode !== 0) throw new Error(output);
  return output;
}

/** The rows of its table: one cell each. */
function namesIn(says: string): readonly string[] {
  const rows = [...says.matchAll(/^│ (.*?) +│$/gm)].map(([, name]) => name ?? '');
  return rows.slice(1);
}
