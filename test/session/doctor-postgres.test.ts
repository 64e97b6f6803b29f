import { afterAll, beforeAll, expect, test } from 'vitest';
import { answerDoctor } from '../../src/session/answers/doctor.ts';
import { openWorkspace } from '../../src/session/workspace.ts';
import { folder0, writeFiles } from '../support/drizzle-folders.ts';
import { postgresServer, type PostgresServer } from '../support/postgres.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await postgresServer();
});
afterAll(() => server[Symbol.asyncDispose]());

/** What `doctor` says of servers and of scratch databases, one line a check. */
async function said(environments: Readonly<Record<string, unknown>>): Promise<readonly string[]> {
  await using folder = await temporaryFolder();
  await writeFiles(folder.path, {
    'migrate-tui.config.json': JSON.stringify({
      databases: { app: { migrations: 'drizzle', table: '__drizzle_migrations' } },
      environments: Object.fromEntries(
        Object.entries(environments).map(([name, value]) => [name, { targets: { app: value } }]),
      ),
    }),
  });
  await writeFiles(folder.file('drizzle'), folder0([{ tag: '0000_a', sql: 'SELECT 1;' }]));
  const env = {
    ...process.env,
    XDG_STATE_HOME: folder.file('state'),
    DB: server.url('postgres'),
    PW: 'weak',
  };
  const workspace = await openWorkspace({
    cwd: folder.path,
    config: undefined,
    project: undefined,
    env,
    showValues: 'hide',
  });
  const { checks } = await answerDoctor(workspace);
  expect(JSON.stringify(checks)).not.toContain(server.superuser.password);
  return checks
    .filter(({ check }) => /^(?:server|scratch) of /.test(check))
    .map(({ check, state, says }) => `${state} ${check}: ${says}`);
}

test('doctor says which PostgreSQL a server is, and whether a rehearsal may make its database there', async () => {
  await using client = await server.connect();
  await client.query("CREATE ROLE weak LOGIN PASSWORD 'weak'");
  const at = `127.0.0.1:${server.port}`;
  const weak = { url: `postgres://weak@${at}/postgres`, password: 'env:PW' };
  const version = /^\d+\.\d+$/.exec(
    String((await client.query('SHOW server_version')).rows.map(Object.values).flat()[0]),
  )?.[0];
  expect(
    await said({
      strong: 'env:DB',
      weak: { postgres: weak },
      helped: { postgres: weak, scratch: 'env:DB' },
      gone: { postgres: weak, scratch: 'postgres://nobody@127.0.0.1:1' },
      unreached: 'postgres://nobody@127.0.0.1:1/d',
    }),
  ).toEqual([
    `ok server of strong: PostgreSQL ${version}`,
    'ok scratch of strong: rehearsals may make their scratch databases there',
    `ok server of weak: PostgreSQL ${version}`,
    'problem scratch of weak: this user may make no database there, and a rehearsal needs one',
    `ok server of helped: PostgreSQL ${version}`,
    `ok scratch of helped: rehearsals may make their scratch databases at postgres://postgres@${at}/postgres`,
    `ok server of gone: PostgreSQL ${version}`,
    expect.stringMatching(/^problem scratch of gone: .*127\.0\.0\.1:1/),
  ]);
});
