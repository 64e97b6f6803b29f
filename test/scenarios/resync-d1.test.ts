import { expect, test } from 'vitest';
import { everyFile } from '../support/every-file.ts';
import type { D1Project } from '../support/d1-project.ts';
import { d1ForFile } from '../support/d1-for-file.ts';
import { d1Shop, insist } from '../support/d1-shop.ts';

const cloudflare = d1ForFile('shop');

test('a local D1 takes what the database at Cloudflare has, masked on the way, and wrangler goes on from there', async () => {
  await using project = await shop();
  const { exitCode, last, stdout } = await project.ours(
    'resync',
    'local',
    '--from',
    'remote',
    '--yes',
    '--exclude',
    'logs',
  );
  expect(exitCode, stdout).toBe(0);
  expect(last).toMatchObject({ kind: 'done', applied: [{ tag: '0003_later' }] });
  expect(await project.wrangler('migrations', 'list', 'shop', '--local')).toContain('No migrations to apply');
  expect(
    await local(project, 'SELECT count(*) AS n, count(DISTINCT email) AS d, count(phone) AS p FROM people'),
  ).toEqual([{ n: 5000, d: 5000, p: 0 }]);
  expect(await local(project, "SELECT count(*) AS n FROM found WHERE found MATCH 'real'")).toEqual([
    { n: 0 },
  ]);
  expect(await local(project, "SELECT count(*) AS n FROM found WHERE found MATCH 'invalid'")).toEqual([
    { n: 5000 },
  ]);
  expect(await local(project, 'SELECT count(*) AS n FROM logs')).toEqual([{ n: 0 }]);
  for (const folder of [project.root, project.home]) {
    const holding = (await everyFile(folder)).filter(({ bytes }) => bytes.includes('@real.example'));
    expect(holding.map(({ path }) => path)).toEqual([]);
  }
  // A second time, over what is there now; and from there into another local one.
  expect((await project.ours('resync', 'local', '--from', 'remote', '--yes')).exitCode).toBe(0);
  const copied = await project.ours('resync', 'other', '--from', 'local', '--yes');
  expect(copied.exitCode, copied.stdout).toBe(0);
  expect((await project.ours('status', 'other', '--check')).exitCode).toBe(0);
}, 120_000);

test('a database at Cloudflare is never replaced, and none of another kind is copied', async () => {
  await using project = await shop();
  const there = await project.ours('resync', 'remote', '--from', 'local', '--yes', '--confirm', 'remote');
  expect(there).toMatchObject({ exitCode: 4 });
  const mixed = await project.ours('resync', 'file', '--from', 'remote', '--yes');
  expect(mixed.exitCode).toBe(4);
  expect(mixed.stdout + mixed.stderr).toContain('of different kinds');
}, 60_000);

async function local(project: D1Project, sql: string): Promise<unknown> {
  const said = await project.wrangler('execute', 'shop', '--local', '--json', '--command', sql);
  return JSON.parse(said)[0].results;
}

/** A database at Cloudflare with two of three migrations and people in it; nothing local. */
async function shop(): Promise<D1Project> {
  const project = await d1Shop(cloudflare.server, {
    'wrangler.json': JSON.stringify({
      name: 'shop',
      main: 'src/index.js',
      compatibility_date: '2026-01-01',
      d1_databases: [
        {
          binding: 'DB',
          database_name: 'shop',
          database_id: cloudflare.database.uuid,
          migrations_dir: 'migrations',
        },
      ],
    }),
    'migrate-tui.config.json': JSON.stringify({
      environments: {
        local: { targets: { DB: { d1Local: 'DB' } } },
        other: { targets: { DB: { d1Local: 'DB', persistTo: 'other' } } },
        file: { targets: { DB: 'file:file.db' } },
        remote: { targets: { DB: { d1: 'shop' } } },
      },
      masks: { 'people.email': 'hash', 'people.phone': 'null' },
    }),
    'migrations/0001_users.sql':
      'CREATE TABLE people (id integer PRIMARY KEY AUTOINCREMENT, email text UNIQUE, phone text);\nCREATE TABLE logs (id integer PRIMARY KEY, at text);\n',
    'migrations/0002_found.sql':
      "CREATE VIRTUAL TABLE found USING fts5(email, content='people', content_rowid='id');\n",
  });
  await insist(project, 'apply', 'remote', '--yes');
  await cloudflare.database.run(
    `INSERT INTO people (email, phone) WITH RECURSIVE i (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < 5000)
      SELECT 'person' || n || '@real.example', '+49 30 ' || n FROM i`,
    "INSERT INTO found (found) VALUES ('rebuild')",
    "INSERT INTO logs (at) VALUES ('now')",
  );
  await project.write({ 'migrations/0003_later.sql': 'ALTER TABLE people ADD note text;\n' });
  return project;
}
