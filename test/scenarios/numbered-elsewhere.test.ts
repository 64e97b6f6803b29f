import { createClient } from '@libsql/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { d1Project } from '../support/d1-project.ts';
import { folder0 } from '../support/drizzle-folders.ts';
import { done, numberedProject } from '../support/numbered-project.ts';
import { runNumbered } from '../support/numbered-runner.ts';
import { postgresServer, type PostgresServer } from '../support/postgres.ts';
import { askingOver } from '../support/postgres-asking.ts';
import { localFile } from '../support/wrangler.ts';

const timeout = 120_000;

let server: PostgresServer;
beforeAll(async () => {
  server = await postgresServer();
});
afterAll(() => server[Symbol.asyncDispose]());

test(
  'on PostgreSQL Drizzle’s folder and numbered files are deployed in one run, and their runner goes on',
  { timeout },
  async () => {
    await using app = await server.createDatabase();
    await using auth = await server.createDatabase();
    await using project = await numberedProject({
      databases: {
        app: { migrations: 'drizzle' },
        auth: { migrations: 'migrations', only: ['*api_keys*', '*rooms*'] },
        rest: { migrations: 'migrations' },
      },
      environments: { local: { targets: { app: 'env:APP_URL', auth: 'env:AUTH_URL' } } },
    });
    const drizzle = folder0(
      [{ tag: '0000_users', sql: 'CREATE TABLE users (id int PRIMARY KEY);' }],
      'postgresql',
    );
    await project.write({ '.env': `APP_URL=${app.url}\nAUTH_URL=${auth.url}\n` });
    await project.write(
      Object.fromEntries(Object.entries(drizzle).map(([name, text]) => [`drizzle/${name}`, text])),
    );
    expect(await done(project, 'deploy local --yes')).toMatchObject({
      applied: [
        { database: 'app', tag: '0000_users' },
        { database: 'auth', tag: '0002_api_keys' },
      ],
    });
    await using client = await auth.connect();
    const read = async () =>
      (await client.query('SELECT version, name FROM public._migrations ORDER BY 1')).rows;
    expect(await read()).toEqual([{ version: '2', name: '0002_api_keys' }]);
    await done(project, 'verify local');
    expect(JSON.parse((await project.ours('drift local --database auth')).stdout)).toMatchObject({
      equal: true,
    });
    await project.write({
      'migrations/0004_rooms.sql': 'CREATE TABLE rooms (id int);\nINSERT INTO rooms VALUES (1);\n',
    });
    const query = askingOver(client);
    await query({ sql: "INSERT INTO _migrations VALUES (1, 'of another', 1), (3, 'of another', 1)" });
    expect(await runNumbered(query, `${project.root}/migrations`, { table: '_migrations' })).toEqual([
      '0004_rooms.sql',
    ]);
    await query({ sql: 'DELETE FROM _migrations WHERE version IN (1, 3)' });
    await done(project, 'mark local 4 pending --database auth --yes');
    await query({ sql: 'DROP TABLE rooms' });
    expect(await done(project, 'deploy local --yes')).toMatchObject({
      applied: [{ tag: '0004_rooms' }],
      backup: expect.any(String),
    });
    await done(project, 'reset local --database auth --yes');
    expect(await read()).toHaveLength(2);
  },
);

test(
  'on a local D1 beside a wrangler configuration numbered says which table decides',
  { timeout },
  async () => {
    await using project = await d1Project(
      {
        'wrangler.json': JSON.stringify({
          name: 'w',
          d1_databases: [{ binding: 'DB', database_name: 'nanotype', database_id: 'the-id' }],
        }),
        'migrate-tui.config.json': JSON.stringify({
          databases: { DB: { migrations: 'migrations', bookkeeping: 'numbered' } },
          environments: { local: { targets: { DB: { d1Local: 'DB' } } } },
        }),
        'migrations/0001_users.sql': 'CREATE TABLE users (id text);',
        'migrations/0001_users.rollback.sql': 'DROP TABLE users;',
        'migrations/0002_keys.sql': 'CREATE TABLE keys (id text);',
      },
      { env: {} },
    );
    // The runner's own way: the file, then its number.
    await project.wrangler('execute', 'DB', '--local', '--command', ranFirst);
    const deployed = await project.ours('deploy', 'local', '--yes');
    expect(deployed.last, deployed.stdout).toMatchObject({ kind: 'done', applied: [{ tag: '0002_keys' }] });
    const verified = await project.ours('verify', 'local');
    expect(verified.exitCode, verified.stdout).toBe(0);
    const client = createClient({ url: `file:${localFile(project.root, 'the-id')}` });
    const { rows } = await client.execute(
      'SELECT version, name, length(applied_at) AS digits FROM _migrations',
    );
    client.close();
    expect(rows.map((row) => Object.values(row))).toEqual([
      [1, '0001_users', 10],
      [2, '0002_keys', 10],
    ]);
  },
);

const ranFirst = `CREATE TABLE users (id text);
CREATE TABLE _migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL);
INSERT INTO _migrations VALUES (1, '0001_users', 1700000000);`;
