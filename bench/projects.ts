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
}

/**
 * A project with so many small migrations (a table and an index each), in the layouts of Drizzle and of dbmate,
 * whose environments are libSQL files that do not exist yet.
 */
export async function makeProject({ directory, migrations, environments }: ProjectOptions): Promise<void> {
  await mkdir(join(directory, 'drizzle/meta'), { recursive: true });
  await mkdir(join(directory, 'dbmate'));
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'));
  const entries = Array.from({ length: migrations }, (_, idx) => {
    const tag = `${String(idx).padStart(4, '0')}_table_${idx}`;
    return { idx, version: '6', when: 1_760_000_000_000 + idx * 60_000, tag, breakpoints: true };
  });
  for (const { idx, tag } of entries) {
    const table = `CREATE TABLE \`t${idx}\` (\`id\` integer PRIMARY KEY NOT NULL, \`name\` text NOT NULL);\n`;
    const index = `CREATE INDEX \`t${idx}_name_idx\` ON \`t${idx}\` (\`name\`);\n`;
    await writeFile(join(directory, 'drizzle', `${tag}.sql`), `${table}--> statement-breakpoint\n${index}`);
    const down = `DROP TABLE \`t${idx}\`;\n`;
    const number = String(20_260_000_000_000 + idx);
    await writeFile(
      join(directory, 'dbmate', `${number}_t${idx}.sql`),
      `-- migrate:up\n${table}${index}\n-- migrate:down\n${down}`,
    );
  }
  const journal = { version: '7', dialect: 'sqlite', entries };
  await writeFile(join(directory, 'drizzle/meta/_journal.json'), JSON.stringify(journal));
  await writeFile(
    join(directory, 'package.json'),
    JSON.stringify({ name: 'bench', private: true, type: 'module' }),
  );
  await writeFile(join(directory, 'drizzle.config.ts'), drizzleConfig);
  const targets = environments.map((name) => [name, { targets: { app: `file:${name}.db` } }] as const);
  const config = { databases: { app: { migrations: 'drizzle' } }, environments: Object.fromEntries(targets) };
  await writeFile(join(directory, 'migrate-tui.config.json'), JSON.stringify(config));
}

const drizzleConfig = `export default {
  dialect: 'sqlite',
  schema: './schema.ts',
  out: './drizzle',
  dbCredentials: { url: 'file:' + (process.env.BENCH_DATABASE ?? 'local.db') },
};
`;
