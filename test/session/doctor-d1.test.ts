import { mkdir, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cli } from '../support/cli.ts';
import { startD1Server, type D1Server } from '../support/d1-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let server: D1Server;
beforeAll(async () => {
  server = await startD1Server({ databases: ['shop'] });
}, 60_000);
afterAll(() => server[Symbol.asyncDispose]());

test('doctor says of each database at Cloudflare what its token may do, and never shows the token', async () => {
  await using folder = await temporaryFolder();
  await mkdir(folder.file('migrations'));
  await writeFile(folder.file('migrations/0001_a.sql'), 'CREATE TABLE a (x);\n');
  await writeFile(folder.file('wrangler.json'), JSON.stringify(config(server.database('shop').uuid)));
  const asked = await cli(['doctor', '--json'], {
    cwd: folder.path,
    env: { ...server.env, XDG_STATE_HOME: folder.file('state') },
  });
  const { checks }: { readonly checks: readonly { readonly check: string; readonly says: string }[] } =
    JSON.parse(asked.stdout);
  const says = checks.filter(({ check }) => check === 'token of remote').map((check) => check.says);
  expect(says).toEqual([
    'is active, without an end',
    'reads D1 shop; to change it, it needs the permission D1 Edit, which only a change shows',
    'reaches nothing else that was asked for',
  ]);
  expect(asked.stdout + asked.stderr).not.toContain(server.token);
  expect(server.requests.filter(({ kind }) => kind === 'write')).toEqual([]);
}, 30_000);

function config(database_id: string) {
  const database = { binding: 'DB', database_name: 'shop', database_id, migrations_dir: 'migrations' };
  return { name: 'shop', d1_databases: [database] };
}
