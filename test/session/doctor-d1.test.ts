import { mkdir, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cli } from '../support/cli.ts';
import { startD1Server, type D1Server } from '../support/d1-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let server: D1Server;
beforeAll(async () => {
  server = await startD1Server({ databases: ['shop', 'shop-staging'] });
}, 60_000);
afterAll(() => server[Symbol.asyncDispose]());

test('doctor says once of a token for Cloudflare what it may do, and never shows the token', async () => {
  await using folder = await temporaryFolder();
  await mkdir(folder.file('migrations'));
  await writeFile(folder.file('migrations/0001_a.sql'), 'CREATE TABLE a (x);\n');
  await writeFile(folder.file('wrangler.json'), JSON.stringify(config()));
  const asked = await cli(['doctor', '--json'], {
    cwd: folder.path,
    env: { ...server.env, XDG_STATE_HOME: folder.file('state') },
  });
  const { checks }: { readonly checks: readonly { readonly check: string; readonly says: string }[] } =
    JSON.parse(asked.stdout);
  const tokens = checks.filter(({ check }) => check.startsWith('token'));
  expect(new Set(tokens.map(({ check }) => check))).toEqual(new Set(['token of staging, remote']));
  const history = 'whose history goes back 30 days, 7 on the free plan';
  const edit = 'to change it, it needs the permission D1 Edit, which only a change shows';
  expect(tokens.map(({ says }) => says)).toEqual([
    'is active, without an end',
    `reads D1 shop-staging, ${history}; ${edit}`,
    `reads D1 shop, ${history}; ${edit}`,
    'reaches nothing else that was asked for',
  ]);
  expect(server.requests.filter(({ path }) => path.includes('/tokens/verify'))).toHaveLength(1);
  expect(asked.stdout + asked.stderr).not.toContain(server.token);
  expect(server.requests.filter(({ kind }) => kind === 'write')).toEqual([]);
}, 30_000);

function config() {
  return {
    name: 'shop',
    d1_databases: [database('shop')],
    env: { staging: { d1_databases: [database('shop-staging')] } },
  };
}

function database(name: string) {
  const { uuid } = server.database(name);
  return { binding: 'DB', database_name: name, database_id: uuid, migrations_dir: 'migrations' };
}
