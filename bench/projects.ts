import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute path of this repository. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** The built command line, as people run it. */
export const ours = [process.execPath, join(root, 'bin/migrate-tui.js')] as const;

/** A program that a package brings, run with this Node. */
export const peer = (file: string) => [process.execPath, join(root, 'node_modules', file)] as const;

export interface ProjectOptions {
  readonly directory: string;
  readonly migrations: number;
  readonly environments: readonly string[];
  /** SQLite when left out. */
  readonly dialect?: 'sqlite' | 'postgresql';
}

/** The variable that has the URL of an environment's PostgreSQL database. */
export const variableOf = (environment: string): string => `BENCH_${environment.toUpperCase()}_URL`;

/**
 * A project with so many small migrations (a table and an index each), in the layouts of Drizzle and of dbmate, whose
 * environments are libSQL files that do not exist yet, or PostgreSQL databases that `variableOf` tells.
 */
export async function makeProject({
  directory,
  migrations,
  environments,
  dialect = 'sqlite',
}: ProjectOptions): Promise<void> {
  await mkdir(join(directory, 'drizzle/meta'), { recursive: true });
  await mkdir(join(directory, 'dbmate'));
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'));
  // As drizzle-kit writes names.
  const q = dialect === 'sqlite' ? '`' : '"';
  const entries = Array.from({ length: migrations }, (_, idx) => {
    const tag = `${String(idx).padStart(4, '0')}_table_${idx}`;
    return { idx, version: '6', when: 1_760_000_000_000 + idx * 60_000, tag, breakpoints: true };
  });
  for (const { idx, tag } of entries) {
    const table = `CREATE TABLE ${q}t${idx}${q} (${q}id${q} integer PRIMARY KEY NOT NULL, ${q}name${q} text NOT NULL);\n`;
    const index = `CREATE INDEX ${q}t${idx}_name_idx${q} ON ${q}t${idx}${q} (${q}name${q});\n`;
    await writeFile(join(directory, 'drizzle', `${tag}.sql`), `${table}--> statement-breakpoint\n${index}`);
    const down = `DROP TABLE ${q}t${idx}${q};\n`;
    const number = String(20_260_000_000_000 + idx);
    await writeFile(
      join(directory, 'dbmate', `${number}_t${idx}.sql`),
      `-- migrate:up\n${table}${index}\n-- migrate:down\n${down}`,
    );
  }
  const journal = { version: '7', dialect, entries };
  await writeFile(join(directory, 'drizzle/meta/_journal.json'), JSON.stringify(journal));
  await writeFile(
    join(directory, 'package.json'),
    JSON.stringify({ name: 'bench', private: true, type: 'module' }),
  );
  await writeFile(join(directory, 'drizzle.config.ts'), drizzleConfig(dialect));
  const addressOf = (name: string) => (dialect === 'sqlite' ? `file:${name}.db` : `env:${variableOf(name)}`);
  const targets = environments.map((name) => [name, { targets: { app: addressOf(name) } }] as const);
  const config = { databases: { app: { migrations: 'drizzle' } }, environments: Object.fromEntries(targets) };
  await writeFile(join(directory, 'migrate-tui.config.json'), JSON.stringify(config));
}

function drizzleConfig(dialect: string): string {
  const url =
    dialect === 'sqlite'
      ? "'file:' + (process.env.BENCH_DATABASE ?? 'local.db')"
      : `process.env.${variableOf('local')}`;
  return `export default {
  dialect: '${dialect}',
  schema: './schema.ts',
  out: './drizzle',
  dbCredentials: { url: ${url} },
};
`;
}
