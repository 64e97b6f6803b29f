import { expect, test } from 'vitest';
import { d1Project } from '../support/d1-project.ts';

const config = JSON.stringify({
  name: 'shop',
  main: 'src/index.js',
  compatibility_date: '2026-01-01',
  d1_databases: [
    { binding: 'DB', database_name: 'shop', database_id: 'shop-local', migrations_dir: 'migrations' },
  ],
});

test('a local D1 whose tables refer to each other in a circle is reset, and wrangler goes on from there', async () => {
  await using project = await d1Project({
    'wrangler.jsonc': config,
    'migrations/0001_circle.sql': [
      'CREATE TABLE hens (id integer PRIMARY KEY, egg integer REFERENCES eggs (id));',
      'CREATE TABLE eggs (id integer PRIMARY KEY, hen integer REFERENCES hens (id) ON DELETE RESTRICT);',
    ].join('\n'),
  });
  expect((await project.ours('deploy', 'local', '--yes')).exitCode).toBe(0);
  await project.wrangler(
    'execute',
    'shop',
    '--local',
    '--command',
    'INSERT INTO hens VALUES (1, NULL); INSERT INTO eggs VALUES (1, 1); UPDATE hens SET egg = 1; CREATE TABLE mess (id integer)',
  );
  const { exitCode, last, stdout } = await project.ours('reset', 'local', '--yes');
  expect(exitCode, stdout).toBe(0);
  expect(last).toMatchObject({ kind: 'done', applied: [{ tag: '0001_circle' }] });
  expect(await project.wrangler('migrations', 'list', 'shop', '--local')).toContain('No migrations to apply');
  const rows = await project.wrangler(
    'execute',
    'shop',
    '--local',
    '--json',
    '--command',
    "SELECT (SELECT count(*) FROM hens) + (SELECT count(*) FROM eggs) AS n, (SELECT count(*) FROM sqlite_schema WHERE name = 'mess') AS mess",
  );
  expect(JSON.parse(rows)[0].results).toEqual([{ n: 0, mess: 0 }]);
}, 60_000);
