import { describe, expect, test } from 'vitest';
import { d1ForFile } from '../support/d1-for-file.ts';
import { d1Shop, insist } from '../support/d1-shop.ts';

const cloudflare = d1ForFile('shop');

test('a token that may only read sees the state, and a deploy with it changes nothing', async () => {
  const env = { ...cloudflare.server.env, CLOUDFLARE_API_TOKEN: cloudflare.server.readToken };
  await using project = await d1Shop(cloudflare.server, {}, env);
  const { stdout } = await project.ours('status', 'remote');
  expect(JSON.parse(stdout)).toMatchObject({
    environments: [{ targets: [{ state: ['behind'], pending: 1 }] }],
  });
  const { exitCode, last } = await project.ours('deploy', 'remote', '--yes');
  expect({ exitCode, last }).toMatchObject({ exitCode: 1, last: { kind: 'failed', applied: [] } });
  expect(last?.['message']).toContain('refuses the token');
  // Each variable that it may have come from.
  expect(last?.['next']).toContain('CLOUDFLARE_API_TOKEN, CF_API_TOKEN or CLOUDFLARE_D1_TOKEN');
  expect(await objects()).toEqual([]);
});

test('an export of somebody else holds the database: a deploy waits for its end, or says what is in the way', async () => {
  await using project = await d1Shop(cloudflare.server);
  const held = {
    kind: 'status',
    status: 400,
    message: 'Currently processing a long-running export.',
  } as const;
  cloudflare.server.fault({ ...held, when: 'before' }, { on: 'raw', after: 3, times: 3 });
  await insist(project, 'deploy', 'remote', '--yes');
  expect(cloudflare.server.faultIsOver()).toBe(true);
  await project.write({ 'migrations/0002_posts.sql': 'CREATE TABLE posts (id integer PRIMARY KEY);\n' });
  cloudflare.server.fault({ ...held, when: 'before' }, { on: 'write', times: Infinity });
  const { exitCode, last } = await project.ours('deploy', 'remote', '--yes');
  cloudflare.server.noFault();
  expect({ exitCode, last }).toMatchObject({
    exitCode: 1,
    last: { kind: 'failed', code: 'busy', applied: [] },
  });
  expect(last?.['message']).toContain('held by an export');
  expect(await objects()).not.toContain('posts');
});

test('a lock that cannot be read back is given back, and the next deploy need not wait for it', async () => {
  await using project = await d1Shop(cloudflare.server);
  const refused = { kind: 'status', status: 401, code: 10_000, when: 'before' } as const;
  cloudflare.server.before('query', async () => cloudflare.server.fault(refused, { on: 'raw' }));
  const { exitCode, last } = await project.ours('deploy', 'remote', '--yes');
  expect({ exitCode, last }).toMatchObject({ exitCode: 1, last: { code: 'unreachable', applied: [] } });
  expect(await cloudflare.database.run('SELECT run FROM __migrate_tui_lease')).toEqual([{ run: null }]);
  await insist(project, 'deploy', 'remote', '--yes');
});

const trigger = (begin: string, body: string) =>
  `CREATE TABLE log (a);\nCREATE TRIGGER t AFTER INSERT ON users ${begin}\n  ${body}\nEND;\n`;

describe('what the service cuts in another way than a local D1 is found before anything is sent', () => {
  test.each([
    ['a lower-case begin', trigger('begin', 'INSERT INTO log VALUES (1);')],
    ['Windows line ends', trigger('BEGIN', 'INSERT INTO log VALUES (1);').replaceAll('\n', '\r\n')],
    [
      'a CASE',
      trigger('BEGIN', 'UPDATE log SET a = CASE a WHEN 1 THEN 2 END;\n  DELETE FROM log WHERE a = 1;'),
    ],
  ])('%s in a trigger', async (_, sql) => {
    await using project = await d1Shop(cloudflare.server, {
      'migrations/0002_log.sql': sql,
      ...protectedRemote,
    });
    const { exitCode, last } = await project.ours('deploy', 'remote', '--yes', '--confirm', 'remote');
    expect({ exitCode, last }).toMatchObject({ exitCode: 4, last: { kind: 'failed', applied: [] } });
    expect(JSON.stringify(last)).toContain('d1-parser:0002_log');
    expect(await objects()).toEqual([]);
    await insist(project, 'deploy', 'local', '--yes');
  });
});

test('a file without its last semicolon is deployed', async () => {
  await using project = await d1Shop(cloudflare.server, {
    'migrations/0002_log.sql': 'CREATE TABLE log (a)',
  });
  await insist(project, 'deploy', 'remote', '--yes');
  expect(await objects()).toContain('log');
});

test('a file with a transaction of its own is refused by the dry-run', async () => {
  const sql = 'BEGIN TRANSACTION;\nCREATE TABLE log (a);\nCOMMIT;\n';
  await using project = await d1Shop(cloudflare.server, { 'migrations/0002_log.sql': sql });
  const { exitCode, last } = await project.ours('deploy', 'remote', '--yes');
  expect({ exitCode, last }).toMatchObject({ exitCode: 4, last: { code: 'rehearsal-failed', applied: [] } });
  expect(await objects()).toEqual([]);
});

const protectedRemote = {
  'migrate-tui.config.json': JSON.stringify({
    databases: { DB: { migrations: 'migrations', bookkeeping: 'd1' } },
    environments: {
      local: { targets: { DB: { d1Local: 'DB' } } },
      remote: { protected: true, targets: { DB: { d1: 'shop' } } },
    },
  }),
};

async function objects(): Promise<readonly unknown[]> {
  const rows = await cloudflare.database.run(
    "SELECT name FROM sqlite_schema WHERE name NOT LIKE '\\_cf%' ESCAPE '\\' ORDER BY name",
  );
  return rows.map(({ name }) => name);
}
