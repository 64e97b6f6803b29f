import { createClient } from '@libsql/client';
import { expect, test } from 'vitest';
import { d1Project } from '../support/d1-project.ts';
import { startD1Server } from '../support/d1-server.ts';
import { d1Shop, insist } from '../support/d1-shop.ts';
import { localFile } from '../support/wrangler.ts';

const timeout = 120_000;

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

test('on D1 at Cloudflare, rehearsed in a copy or inside the database itself', { timeout }, async () => {
  await using api = await startD1Server({ databases: ['shop'] });
  const configured = (more: object) => ({
    'migrate-tui.config.json': JSON.stringify({
      databases: { DB: { migrations: 'migrations', bookkeeping: 'numbered' } },
      environments: { staging: { targets: { DB: { d1: 'shop' } }, ...more } },
    }),
  });
  await using project = await d1Shop(api, configured({}));
  const database = api.database('shop');
  await database.run(ranFirst);
  expect(await insist(project, 'deploy', 'staging', '--yes')).toMatchObject({ applied: [] });
  await project.write({
    ...configured({ rehearse: 'in-target' }),
    'migrations/0002_keys.sql': 'CREATE TABLE keys (id text);',
    'migrations/0002_keys.rollback.sql': 'DROP TABLE keys;',
  });
  expect(await insist(project, 'deploy', 'staging', '--yes')).toMatchObject({
    applied: [{ tag: '0002_keys' }],
  });
  await insist(project, 'mark', 'staging', '2', 'pending', '--yes');
  await insist(project, 'mark', 'staging', '2', 'applied', '--yes');
  const rows = await database.run('SELECT version, name, length(applied_at) AS digits FROM _migrations');
  expect(rows).toEqual([
    { version: 1, name: '0001_users', digits: 10 },
    { version: 2, name: '0002_keys', digits: 10 },
  ]);
});

const ranFirst = `CREATE TABLE users (id text);
CREATE TABLE _migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL);
INSERT INTO _migrations VALUES (1, '0001_users', 1700000000);`;
