import { createClient } from '@libsql/client';
import { execa } from 'execa';
import { existsSync } from 'node:fs';
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { cli } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const lines = [
  { kit: '0.31', modules: join(root, 'node_modules'), options: {} },
  {
    kit: '0.31',
    modules: join(root, 'node_modules'),
    options: { breakpoints: false, migrations: { prefix: 'timestamp', table: 'applied' } },
  },
  { kit: '0.31', modules: join(root, 'node_modules'), options: { migrations: { prefix: 'unix' } } },
  { kit: '1.0', modules: join(root, 'test/peers/drizzle-1/node_modules'), options: {} },
  {
    kit: '1.0',
    modules: join(root, 'test/peers/drizzle-1/node_modules'),
    options: { migrations: { table: 'applied' } },
  },
] as const;

test.each(lines)(
  'what drizzle-kit $kit generates with $options is deployed without a config of ours, left alone by drizzle-kit migrate, and restored',
  async ({ modules, options }) => {
    await using project = await handMade(modules, options);
    // Drizzle 1.0 names a folder by the second: of one second they run in the order of these names.
    await project.kit('generate', '--name', 'begin');
    const files = await project.files();

    const first = await project.ask('status');
    expect(first).toMatchObject({
      environments: [{ name: 'local', targets: [{ state: ['behind'], applied: 0, pending: 1 }] }],
    });
    expect(await project.files()).toEqual(files);

    expect(await project.change('deploy', 'local', '--yes')).toMatchObject({ kind: 'done' });
    await project.untouchedByKit();

    await project.run("INSERT INTO users (name) VALUES ('mira'), ('noor')");
    const before = await project.rows();
    await project.kit('generate', '--custom', '--name', 'fill');
    await project.fill(
      'fill',
      "UPDATE users SET name = upper(name);\n--> statement-breakpoint\nINSERT INTO users (name) VALUES ('zoe');",
    );
    await project.schema("name: text('name').notNull().default('nobody'), age: integer('age')");
    await project.kit('generate', '--name', 'second');
    const second = await project.change('deploy', 'local', '--yes');
    expect(second).toMatchObject({ kind: 'done', applied: { length: 2 } });
    await project.untouchedByKit();

    const { runs } = await project.ask('runs');
    expect(runs).toMatchObject([
      { operation: 'deploy', outcome: 'done', backup: second['backup'] },
      { outcome: 'done' },
    ]);
    expect(await project.ask('status')).toMatchObject({
      environments: [{ targets: [{ state: ['current'], pending: 0 }] }],
    });

    expect(await project.change('restore', 'local', String(second['backup']), '--yes')).toMatchObject({
      kind: 'done',
    });
    expect(await project.rows()).toEqual(before);
    await project.kit('migrate');
    expect((await project.rows()).length).toBe(before.length + 1);
    expect(await project.ask('status')).toMatchObject({
      environments: [{ targets: [{ state: ['current'] }] }],
    });
  },
  180_000,
);

// With this prefix drizzle-kit 0.31 forgets its own snapshot and writes the whole schema again.
test('a second migration that makes the same tables again is refused, and the database stays', async () => {
  await using project = await handMade(join(root, 'node_modules'), { migrations: { prefix: 'none' } });
  await project.kit('generate', '--name', 'first');
  expect(await project.change('deploy', 'local', '--yes')).toMatchObject({ kind: 'done' });
  await project.untouchedByKit();
  await project.run("INSERT INTO users (name) VALUES ('mira')");
  const before = await project.rows();
  await project.schema("name: text('name').notNull(), age: integer('age')");
  await project.kit('generate', '--name', 'second');
  await expect(project.change('deploy', 'local', '--yes')).rejects.toThrow(
    /"exitCode":4,"code":"rehearsal-failed","message":"[^"]*table `users` already exists\. _first, which is recorded as applied, makes it/,
  );
  expect(await project.rows()).toEqual(before);
}, 180_000);

interface HandMade extends AsyncDisposable {
  kit(...args: readonly string[]): Promise<void>;
  /** What a person changes in the schema file: the columns after `id`. */
  schema(columns: string): Promise<void>;
  /** Writes the SQL of the generated `--custom` file with this name. */
  fill(name: string, sql: string): Promise<void>;
  files(): Promise<readonly string[]>;
  ask(...args: readonly string[]): Promise<Readonly<Record<string, unknown>>>;
  /** The last event. */
  change(...args: readonly string[]): Promise<Readonly<Record<string, unknown>>>;
  run(sql: string): Promise<void>;
  rows(): Promise<readonly string[]>;
  /** `drizzle-kit migrate` changes nothing, records included. */
  untouchedByKit(): Promise<void>;
}

/** A project as somebody makes it by hand, with a schema file and a drizzle config, whose packages are those of `modules`. */
async function handMade(modules: string, options: Readonly<Record<string, unknown>>): Promise<HandMade> {
  const folder = await temporaryFolder();
  const project = folder.file('project');
  await mkdir(project);
  await symlink(modules, join(project, 'node_modules'));
  const config = {
    dialect: 'turso',
    schema: './schema.ts',
    out: './drizzle',
    dbCredentials: { url: 'file:local.db' },
    ...options,
  };
  await writeFile(
    join(project, 'package.json'),
    '{ "name": "by-hand", "private": true, "type": "module" }\n',
  );
  await writeFile(
    join(project, 'drizzle.config.ts'),
    `import { defineConfig } from 'drizzle-kit';\n\nexport default defineConfig(${JSON.stringify(config, undefined, 2)});\n`,
  );
  const schema = (columns: string) =>
    writeFile(
      join(project, 'schema.ts'),
      `import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';\n\nexport const users = sqliteTable('users', { id: integer('id').primaryKey(), ${columns} });\n`,
    );
  await schema("name: text('name').unique()");
  const env = { XDG_STATE_HOME: folder.file('state'), XDG_CACHE_HOME: folder.file('cache') };
  const said = async (args: readonly string[]) => {
    const { stdout, stderr, exitCode } = await cli([...args, '--json'], { cwd: project, env });
    const last: Readonly<Record<string, unknown>> = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    expect(exitCode, `${stdout}${stderr}`).toBe(0);
    return last;
  };
  const kit = async (...args: readonly string[]) => {
    await execa(process.execPath, [join(modules, 'drizzle-kit', 'bin.cjs'), ...args], {
      cwd: project,
      stdin: 'ignore',
    });
  };
  const content = () => dump(join(project, 'local.db'));
  // Each folder by itself: a recursive listing would follow the link to the packages.
  const files = async () => {
    const generated = existsSync(join(project, 'drizzle'))
      ? await readdir(join(project, 'drizzle'), { recursive: true })
      : [];
    return [...(await readdir(project)), ...generated.map((name) => join('drizzle', name))].toSorted();
  };
  return {
    kit,
    schema,
    files,
    async fill(name, sql) {
      const found = (await files()).find(
        (file) => file.endsWith(`${name}.sql`) || file.endsWith(join(`_${name}`, 'migration.sql')),
      );
      await writeFile(join(project, found ?? ''), sql);
    },
    ask: (...args) => said(args),
    change: (...args) => said(args),
    run: (sql) => withClient(join(project, 'local.db'), async (client) => void (await client.execute(sql))),
    rows: async () => (await content()).filter((line) => line.startsWith('users ')),
    async untouchedByKit() {
      const before = await content();
      await kit('migrate');
      expect(await content()).toEqual(before);
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** Schema and rows, one line each, without the product's own table. */
function dump(path: string): Promise<readonly string[]> {
  return withClient(path, async (client) => {
    const tables = await client.execute(
      "SELECT name, sql FROM sqlite_schema WHERE tbl_name NOT LIKE '\\_\\_migrate%' ESCAPE '\\' ORDER BY name",
    );
    const found: string[] = [];
    for (const { name, sql } of tables.rows) {
      if (typeof name !== 'string') continue;
      found.push(`${name}: ${JSON.stringify(sql)}`);
      if (typeof sql !== 'string' || !sql.startsWith('CREATE TABLE')) continue;
      const { rows } = await client.execute(`SELECT * FROM "${name}"`);
      found.push(...rows.map((row) => `${name} ${JSON.stringify(Object.values(row))}`));
    }
    return found;
  });
}

async function withClient<T>(
  path: string,
  work: (client: ReturnType<typeof createClient>) => Promise<T>,
): Promise<T> {
  const client = createClient({ url: `file:${path}` });
  try {
    return await work(client);
  } finally {
    client.close();
  }
}
