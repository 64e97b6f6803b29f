import { afterAll, beforeAll, expect, test } from 'vitest';
import { d1Project, type D1Project } from '../support/d1-project.ts';
import { startD1Server, type D1Server } from '../support/d1-server.ts';

// Three real layouts of projects on D1, with the commands that their own guides name as the judge.

let server: D1Server;
beforeAll(async () => {
  const databases = ['ze-benchmarks-prod', 'nanotype-read-replica', 'nanotype-auth', 'agents'];
  server = await startD1Server({ databases });
});
afterAll(() => server[Symbol.asyncDispose]());

const id = (name: string) => server.database(name).uuid;

test('a worker in a monorepo, with a block for each environment and migrations that drizzle-kit generated', async () => {
  const database = (block: string, name: string, uuid: string) =>
    `[[${block}]]\nbinding = "DB"\ndatabase_name = "${name}"\ndatabase_id = "${uuid}"\nmigrations_dir = "drizzle"\n`;
  const schema = (columns: string) =>
    `import { sqliteTable, text } from 'drizzle-orm/sqlite-core';\nexport const benchmarkRuns = sqliteTable('benchmark_runs', { id: text('id').primaryKey(), suite: text('suite').notNull(), ${columns} });\n`;
  const scenario = "scenario: text('scenario').notNull()";
  await using project = await d1Project(
    {
      'package.json': '{ "private": true }',
      'apps/worker/package.json': '{ "name": "worker", "private": true, "type": "module" }',
      'apps/worker/drizzle.config.ts':
        "import { defineConfig } from 'drizzle-kit';\nexport default defineConfig({ dialect: 'sqlite', schema: './src/db/schema.ts', out: './drizzle' });\n",
      'apps/worker/src/db/schema.ts': schema(scenario),
      'apps/worker/wrangler.toml': [
        'name = "ze-benchmarks"\ncompatibility_date = "2026-01-01"\n',
        database('d1_databases', 'ze-benchmarks-local', 'local'),
        database('env.production.d1_databases', 'ze-benchmarks-prod', id('ze-benchmarks-prod')),
      ].join('\n'),
    },
    { server, below: 'apps/worker' },
  );
  await project.kit('generate', '--name', 'quiet_turbo');
  await project.write({
    'apps/worker/src/db/schema.ts': schema(`${scenario}, newColumn: text('new_column')`),
  });
  await project.kit('generate', '--name', 'another_change');

  expect(await states(project)).toEqual({ local: { DB: 'behind' }, production: { DB: 'behind' } });
  await deploy(project, 'local');
  expect(await list(project, 'ze-benchmarks-local', '--local')).toContain(nothing);
  expect(await states(project)).toEqual({ local: { DB: 'current' }, production: { DB: 'behind' } });
  await deploy(project, 'production');
  const remote = await list(project, 'ze-benchmarks-prod', '--env', 'production', '--remote');
  expect(remote).toContain(nothing);
  expect(await states(project)).toEqual({ local: { DB: 'current' }, production: { DB: 'current' } });
}, 240_000);

test('two databases that share a folder by patterns, and rollback files where wrangler does not look', async () => {
  const binding = (name: string, database: string, words: string) => ({
    binding: name,
    database_name: database,
    database_id: id(database),
    migrations_dir: 'migrations',
    migrations_pattern: `migrations/*_{${words}}*.sql`,
  });
  const table = (name: string) => `CREATE TABLE IF NOT EXISTS ${name} (id TEXT PRIMARY KEY);\n`;
  await using project = await d1Project(
    {
      'package.json': '{ "name": "nanotype", "private": true }',
      'wrangler.jsonc': JSON.stringify({
        name: 'nanotype',
        d1_databases: [
          binding('READ_REPLICA', 'nanotype-read-replica', 'read_replica,add_vector,add_task'),
          binding('AUTH', 'nanotype-auth', 'api_keys,rooms,add_permissions'),
        ],
      }),
      'migrations/0001_read_replica_schema.sql': table('tasks'),
      'migrations/0002_api_keys.sql': table('api_keys'),
      'migrations/0003_add_vector_status.sql': 'ALTER TABLE tasks ADD COLUMN vector_status TEXT;\n',
      'migrations/0004_rooms_table.sql': table('rooms'),
      'migrations/0005_add_permissions_table.sql': table('permissions'),
      'migrations/0006_add_task_user_id.sql': 'ALTER TABLE tasks ADD COLUMN user_id TEXT;\n',
      'migrations.extra/0002_api_keys.rollback.sql': 'DROP TABLE IF EXISTS api_keys;\n',
    },
    { server },
  );
  const both = (state: string) => ({ READ_REPLICA: state, AUTH: state });
  expect(await states(project)).toEqual({ local: both('behind'), remote: both('behind') });
  for (const environment of ['local', 'remote']) {
    await deploy(project, environment);
    for (const name of ['READ_REPLICA', 'AUTH'])
      expect(await list(project, name, `--${environment}`)).toContain(nothing);
  }
  expect(await states(project)).toEqual({ local: both('current'), remote: both('current') });
  const tables = "SELECT name FROM sqlite_schema WHERE name IN ('tasks', 'rooms', 'api_keys') ORDER BY name";
  expect(await server.database('nanotype-auth').run(tables)).toEqual([
    { name: 'api_keys' },
    { name: 'rooms' },
  ]);
  expect(await server.database('nanotype-read-replica').run(tables)).toEqual([{ name: 'tasks' }]);
}, 240_000);

test('a drizzle config for D1 over HTTP, with its variables in .dev.vars', async () => {
  const config = (rest: string) =>
    `import { defineConfig } from 'drizzle-kit';\nexport default defineConfig({ dialect: 'sqlite', schema: './src/db/schema/index.ts', out: './drizzle', ${rest} });\n`;
  await using project = await d1Project(
    {
      'package.json': '{ "name": "agents", "private": true, "type": "module" }',
      '.dev.vars': `CLOUDFLARE_ACCOUNT_ID=${server.account}\nCLOUDFLARE_DATABASE_ID=${id('agents')}\nCLOUDFLARE_D1_TOKEN=${server.token}\n`,
      'drizzle.config.ts': config(
        "driver: 'd1-http', dbCredentials: { accountId: process.env.CLOUDFLARE_ACCOUNT_ID!, databaseId: process.env.CLOUDFLARE_DATABASE_ID!, token: process.env.CLOUDFLARE_D1_TOKEN! }",
      ),
      'drizzle.config.local.ts': config("dbCredentials: { url: 'file:./local.db' }"),
      'src/db/schema/index.ts':
        "import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';\nexport const users = sqliteTable('users', { id: integer('id').primaryKey() });\nexport const agents = sqliteTable('agents', { id: integer('id').primaryKey(), owner: integer('owner').references(() => users.id, { onDelete: 'cascade' }), name: text('name') });\n",
      'wrangler.jsonc': JSON.stringify({
        name: 'agents',
        d1_databases: [{ binding: 'DB', database_name: 'agents', migrations_dir: './drizzle/' }],
      }),
    },
    { server, env: { CLOUDFLARE_API_BASE_URL: server.url } },
  );
  await project.kit('generate', '--name', 'agents');
  expect(await states(project)).toMatchObject({ local: { DB: 'behind' }, remote: { DB: 'behind' } });
  for (const environment of ['local', 'remote']) {
    await deploy(project, environment);
    expect(await list(project, 'agents', `--${environment}`)).toContain(nothing);
  }
  expect(await states(project)).toMatchObject({ local: { DB: 'current' }, remote: { DB: 'current' } });
}, 240_000);

const nothing = 'No migrations to apply!';

const list = (project: D1Project, ...args: readonly string[]) =>
  project.wrangler('migrations', 'list', ...args);

async function deploy(project: D1Project, environment: string): Promise<void> {
  // A production that was found is protected by its name.
  const confirm = environment === 'production' ? ['--confirm', environment] : [];
  const { last, stdout, stderr } = await project.ours('deploy', environment, '--yes', ...confirm);
  expect(last, stdout + stderr).toMatchObject({ kind: 'done' });
}

/** `{ local: { DB: 'behind' } }` */
async function states(project: D1Project): Promise<Record<string, Record<string, string>>> {
  const { stdout } = await project.ours('status');
  const report: Report = JSON.parse(stdout);
  return Object.fromEntries(
    report.environments.map(({ name, targets }) => [
      name,
      Object.fromEntries(targets.map(({ database, state }) => [database, state.join(' ')])),
    ]),
  );
}

interface Report {
  readonly environments: readonly {
    readonly name: string;
    readonly targets: readonly { readonly database: string; readonly state: readonly string[] }[];
  }[];
}
