import { afterAll, beforeAll, expect, test } from 'vitest';
import { folder0 } from '../support/drizzle-folders.ts';
import { done, numberedProject } from '../support/numbered-project.ts';
import { runNumbered } from '../support/numbered-runner.ts';
import { postgresServer, type PostgresServer } from '../support/postgres.ts';
import { askingOver } from '../support/postgres-asking.ts';

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
