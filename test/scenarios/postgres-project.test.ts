import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DrizzleLine } from '../../src/migrations/migration.ts';
import { cli, type Ended } from '../support/cli.ts';
import { folder0, writeFiles } from '../support/drizzle-folders.ts';
import { kitProject, type KitProject } from '../support/kit-project.ts';
import { postgresServer, type PostgresDatabase, type PostgresServer } from '../support/postgres.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await postgresServer();
});
afterAll(() => server[Symbol.asyncDispose]());

interface Shop extends AsyncDisposable {
  readonly project: KitProject;
  readonly database: PostgresDatabase;
  readonly run: (command: string) => Promise<Ended>;
}

const schema = `
  import { pgTable, serial, text } from 'drizzle-orm/pg-core';
  export const users = pgTable('users', { id: serial('id').primaryKey(), email: text('email').notNull() });
`;

/** A project whose code has one table. */
async function shop(line: DrizzleLine, more: Readonly<Record<string, unknown>> = {}): Promise<Shop> {
  const resources = new AsyncDisposableStack();
  const database = resources.use(await server.createDatabase());
  const project = resources.use(await kitProject(line));
  await project.write(
    'drizzle.config.json',
    JSON.stringify({
      dialect: 'postgresql',
      schema: './schema.ts',
      out: './drizzle',
      dbCredentials: { url: database.url },
      ...more,
    }),
  );
  await rm(project.file('drizzle.config.ts'));
  await project.write('schema.ts', schema);
  const env = { XDG_STATE_HOME: project.file('state'), XDG_CACHE_HOME: project.file('cache') };
  const run = (command: string) => cli(command.split(' '), { cwd: project.path, env });
  return { project, database, run, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

const generate = async ({ project }: Shop) =>
  (await project.session()).generate({
    database: undefined,
    name: 'first',
    terminal: 'none',
    signal: undefined,
  });

const everythingSaid = ({ stdout, stderr }: Ended) => stdout + stderr;

test.for(['drizzle-0', 'drizzle-1'] as const)(
  'a project on PostgreSQL with %s is found, deployed and compared by its Drizzle configuration alone',
  async (line) => {
    await using at = await shop(line, { migrations: { table: 'done', schema: 'ops' } });
    await generate(at);
    const deployed = await at.run('deploy local --yes');
    expect(deployed, everythingSaid(deployed)).toMatchObject({ exitCode: 0 });
    await using client = await at.database.connect();
    expect((await client.query('SELECT count(*)::int AS n FROM ops.done')).rows).toEqual([{ n: 1 }]);
    const status = await at.run('status');
    expect(status.stdout).toContain(`postgres://postgres@127.0.0.1:${server.port}/${at.database.name}`);
    expect(status.stdout).toMatch(/local +✓ current +1 applied/);
    const exported = await at.run('schema local');
    expect(exported.stdout).toContain('CREATE TABLE users');
    expect(exported.stdout).not.toMatch(/done|ops|__migrate_tui/);
    for (const said of [deployed, status, exported])
      expect(everythingSaid(said)).not.toContain(server.superuser.password);
  },
);

test('drizzle-kit pushes to the environment that was named, and leaves records alone', async () => {
  await using at = await shop('drizzle-1');
  await using client = await at.database.connect();
  await client.query(
    'CREATE SCHEMA drizzle; CREATE TABLE drizzle.__drizzle_migrations (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint)',
  );
  const pushed = await at.run('push local --yes');
  expect(pushed, everythingSaid(pushed)).toMatchObject({ exitCode: 0 });
  expect(everythingSaid(pushed)).not.toContain(server.superuser.password);
  const tables = await client.query(
    "SELECT schemaname || '.' || tablename AS t FROM pg_tables WHERE schemaname !~ '^(pg_|information_)' ORDER BY 1",
  );
  expect(tables.rows.map(({ t }: { t: string }) => t)).toEqual([
    '__migrate_tui.lease',
    'drizzle.__drizzle_migrations',
    'public.users',
  ]);
});

test('records that drizzle-kit 0.x would take for a part of the schema are not pushed past', async () => {
  await using at = await shop('drizzle-0', { migrations: { schema: 'public' } });
  const pushed = await at.run('push local --yes');
  expect(pushed.exitCode).toBe(4);
  expect(pushed.stderr).toContain(
    'takes the records in public.__drizzle_migrations for a part of the schema',
  );
});

test('a folder of PGlite, which one program may have open, is not pushed to by two', async () => {
  await using at = await shop('drizzle-0', { driver: 'pglite', dbCredentials: { url: './pg' } });
  const pushed = await at.run('push local --yes');
  expect(pushed.exitCode).toBe(4);
  expect(pushed.stderr).toContain(
    'local/app is a folder of PGlite, which one program may have open at a time',
  );
  const pulled = await at.run('pull local --yes');
  expect(pulled.exitCode).toBe(2);
  expect(pulled.stderr).toContain('does not exist, so local has nothing to pull');
});

describe('with a migration by hand', () => {
  const written = (sql: string) => folder0([{ tag: '0000_own', sql }]);

  test('rows of a protected server elsewhere are said to be copied, how many and where to', async () => {
    await using at = await shop('drizzle-0');
    await writeFiles(at.project.file('drizzle'), written('CREATE TABLE users (id int);'));
    await using client = await at.database.connect();
    await client.query('CREATE TABLE there (id int)');
    // Reached over loopback all the same, under an address that does not say so.
    await at.project.write('.env', `DB=${at.database.url.replace('127.0.0.1', '0.0.0.0')}\n`);
    const production = { protected: true, targets: { app: { postgres: 'env:DB', scratch: 'env:DB' } } };
    await at.project.write(
      'migrate-tui.config.json',
      JSON.stringify({ databases: { app: { migrations: 'drizzle' } }, environments: { production } }),
    );
    const asked = everythingSaid(await at.run('dry-run production'));
    const where = `this machine and postgres://postgres@0.0.0.0:${server.port}/${at.database.name}.`;
    expect(asked).toMatch(/copies the rows of production \(1 table, about [\d.]+ MiB\) to/);
    expect(asked).toContain(where);
    expect(asked).not.toContain(server.superuser.password);
  });

  test('a file that PostgreSQL would not parse is named by status, and refused by the dry-run', async () => {
    await using at = await shop('drizzle-0');
    await writeFiles(at.project.file('drizzle'), written('CREATE TABLE a (x int);\nSELEC 2;\n'));
    const says =
      'drizzle/0000_own.sql: has in line 2 what PostgreSQL does not take: syntax error at or near "SELEC"';
    const { stdout } = await at.run('status --json');
    expect(JSON.parse(stdout)).toMatchObject({ databases: [{ notes: expect.arrayContaining([says]) }] });
    const deployed = await at.run('deploy local --yes');
    expect(deployed.exitCode).toBe(4);
    expect(everythingSaid(deployed)).toContain('syntax error at or near "SELEC"');
    await using client = await at.database.connect();
    expect((await client.query("SELECT to_regclass('a') AS there")).rows).toEqual([{ there: null }]);
  });
});
