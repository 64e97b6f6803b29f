import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createClient } from '@libsql/client';
import { describe, expect, test } from 'vitest';
import type { ChangedObject, RunEvent } from '../../src/operations/events.ts';
import { sqliteLease } from '../../src/bookkeeping/lease-sqlite.ts';
import { cli, startCli } from '../support/cli.ts';
import { consent } from '../support/in-process.ts';
import { startHranaServer } from '../support/hrana-server.ts';
import { kitProject, type KitProject } from '../support/kit-project.ts';

const records = [
  'CREATE TABLE d1_migrations (id integer PRIMARY KEY, name text)',
  "INSERT INTO d1_migrations VALUES (1, '0001_a.sql')",
  'CREATE TABLE __drizzle_migrations (id integer, hash text, created_at numeric)',
];

describe.each(['drizzle-0', 'drizzle-1'] as const)('push with the drizzle-kit of %s', (line) => {
  test('says what changed in the database, and keeps tables of records and of the lock', async () => {
    await using project = await kitProject(line);
    expect(await push(project)).toMatchObject({
      changed: [{ type: 'table', name: 'posts', change: 'added' }],
      // There was nothing to keep a copy of yet.
      steps: ['lock', 'push'],
    });
    await execute(project, records);
    await project.columns('title', 'body');
    expect(await push(project)).toMatchObject({
      changed: [{ type: 'table', name: 'posts', change: 'changed' }],
    });
    expect(await tables(project)).toEqual([
      '__drizzle_migrations',
      '__migrate_tui_lease',
      'd1_migrations',
      'posts',
    ]);
    expect(await push(project)).toMatchObject({ changed: [] });
  }, 90_000);

  test('is refused with nothing changed where rows would be lost and nobody can answer', async () => {
    await using project = await kitProject(line);
    await push(project);
    await execute(project, ["INSERT INTO posts (title) VALUES ('kept')", 'CREATE TABLE mine (id integer)']);
    await execute(project, ['INSERT INTO mine VALUES (1)']);
    await project.columns('heading');
    expect((await push(project)).last).toMatchObject({ kind: 'failed', code: 'refused', exitCode: 4 });
    expect(await tables(project)).toEqual(['__migrate_tui_lease', 'mine', 'posts']);
    expect(await rows(project, 'posts')).toEqual([{ id: 1, title: 'kept' }]);
  }, 90_000);
});

test('a push that fails part-way says what changed and how it is taken back', async () => {
  await using project = await kitProject('drizzle-0');
  await failing(project);
  const { last } = await push(project);
  expect(last).toMatchObject({
    kind: 'failed',
    exitCode: 5,
    code: 'stopped-part-way',
    message: expect.stringContaining('failed after it had changed 1 object: table posts of local'),
    next: expect.stringContaining('migrate-tui restore local b1 takes it back'),
  });
  expect(JSON.stringify(last)).not.toContain('twice');
}, 60_000);

test.each(['drizzle-0', 'drizzle-1'] as const)(
  'schema code that the drizzle-kit of %s cannot load ends a push before a backup is taken',
  async (line) => {
    await using project = await kitProject(line);
    await push(project);
    await project.write('schema.ts', "export { posts } from './nowhere.ts';");
    const options = { cwd: project.path, env: { XDG_STATE_HOME: project.file('state') } };
    const refused = await cli(['push', 'local', '--yes'], options);
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toMatch(/The schema cannot be loaded: .*schema\.ts: Cannot find module/);
    expect((await cli(['backups', 'local'], options)).stdout).not.toMatch(/^b1\b/m);
    await project.columns('title', 'body');
    expect((await push(project)).last).toMatchObject({ kind: 'done', backup: 'b1' });
  },
  60_000,
);

test('a push that fails before it changed anything ends with 1', async () => {
  await using project = await kitProject('drizzle-1');
  await failing(project);
  expect((await push(project)).last).toMatchObject({
    kind: 'failed',
    exitCode: 1,
    message: expect.stringContaining('UNIQUE constraint failed'),
  });
}, 60_000);

test('the environment that is named is reached, whatever the configuration reads', async () => {
  await using project = await kitProject('drizzle-0');
  await project.write(
    'migrate-tui.config.json',
    JSON.stringify({
      databases: { app: { migrations: 'drizzle' } },
      environments: {
        local: { targets: { app: 'file:app.db' } },
        other: { targets: { app: 'file:other.db' } },
        production: { protected: true, targets: { app: 'file:production.db' } },
      },
    }),
  );
  await push(project, 'other');
  expect(existsSync(project.file('app.db'))).toBe(false);
  expect(existsSync(project.file('other.db'))).toBe(true);
  await expect(push(project, 'production')).rejects.toMatchObject({
    code: 'protected',
    next: 'Run migrate-tui generate, then migrate-tui deploy production.',
  });
  expect(existsSync(project.file('production.db'))).toBe(false);
}, 60_000);

test('without --yes it is refused with the command that does it; with it baseline is offered', async () => {
  await using project = await kitProject('drizzle-0');
  const options = { cwd: project.path, env: { XDG_STATE_HOME: project.file('state') } };
  const refused = await cli(['push', 'local'], options);
  expect(refused.exitCode).toBe(4);
  expect(refused.stderr).toContain('migrate-tui push local --yes');
  expect(existsSync(project.file('app.db'))).toBe(false);
  const done = await cli(['push', 'local', '--yes'], options);
  expect(done.exitCode).toBe(0);
  expect(done.stdout).toContain('migrate-tui baseline local');
}, 60_000);

test('where migrations make the same as a push the command that records them is said, and works', async () => {
  await using project = await kitProject('drizzle-0');
  const options = { cwd: project.path, env: { XDG_STATE_HOME: project.file('state') } };
  await generated(project);
  const { stdout } = await cli(['push', 'local', '--yes'], options);
  const [, ...words] = /migrate-tui (baseline) (local) (--at) (0000_first) (--yes)/.exec(stdout) ?? [];
  expect((await cli(words, options)).stdout).toContain('local is at 0000_first');
  expect((await cli(['status', 'local', '--check'], options)).exitCode).toBe(0);
}, 60_000);

test('a database that a run on another machine has locked is refused as it is', async () => {
  await using project = await kitProject('drizzle-0');
  const taken = sqliteLease.take({ run: '7.elsewhere', by: 'kim', host: 'far', backup: undefined });
  const client = createClient({ url: `file:${project.file('app.db')}` });
  for (const { sql } of sqliteLease.create) await client.execute(sql);
  await client.execute({ sql: taken.sql, args: taken.args?.map(String) ?? [] });
  client.close();
  await expect(push(project)).rejects.toMatchObject({
    code: 'locked',
    message: expect.stringContaining('kim@far has held the lock'),
  });
  expect(await tables(project)).toEqual(['__migrate_tui_lease']);
}, 60_000);

test('a push whose run was killed is named, with the backup that takes it back', async () => {
  await using project = await kitProject('drizzle-0');
  await push(project);
  await generated(project);
  const options = { cwd: project.path, env: { XDG_STATE_HOME: project.file('state') } };
  await cli(['baseline', 'local', '--at', '0000', '--yes'], options);
  const schema = await readFile(project.file('schema.ts'), 'utf8');
  await project.write(
    'schema.ts',
    `if (process.argv.includes('push')) { require('node:fs').writeFileSync('loading', String(process.pid)); for (;;) {} }`,
  );
  const child = startCli(['push', 'local', '--yes'], options);
  await expect.poll(() => existsSync(project.file('loading')), { timeout: 20_000 }).toBe(true);
  child.kill('SIGKILL');
  await new Promise((resolve) => child.on('close', resolve));
  process.kill(Number(await readFile(project.file('loading'), 'utf8')), 'SIGKILL');
  await project.write('schema.ts', schema);
  const { stdout } = await cli(['status'], options);
  expect(stdout).toContain('was cut off while drizzle-kit pushed: what it had changed by then stays.');
  expect(stdout).toContain('migrate-tui restore local b2');
  const { stdout: cases } = await cli(['recover', 'local'], options);
  expect(cases).toContain('what it had changed stays, and is recorded nowhere');
  expect((await push(project)).last).toMatchObject({ kind: 'done' });
}, 60_000);

test.each(['drizzle-0', 'drizzle-1'] as const)(
  'a remote database is reached with its token by the drizzle-kit of %s, and the token is in no output and no log',
  async (line) => {
    const token = 'tok-9f8e7d6c5b4a';
    await using project = await kitProject(line);
    await using server = await startHranaServer({ token });
    await project.write(
      'migrate-tui.config.json',
      JSON.stringify({
        databases: { app: { migrations: 'drizzle' } },
        environments: { staging: { targets: { app: { url: server.url, authToken: 'env:STAGING_TOKEN' } } } },
      }),
    );
    const run = (given: string) =>
      cli(['push', 'staging', '--yes', '--log', 'log.jsonl'], {
        cwd: project.path,
        env: { XDG_STATE_HOME: project.file('state'), STAGING_TOKEN: given },
      });
    const done = await run(token);
    expect(done.exitCode, done.stderr).toBe(0);
    expect(done.stdout).toContain('added       table posts');
    const wrong = await run('tok-of-another-place');
    expect(wrong.exitCode).toBe(1);
    const log = await readFile(project.file('log.jsonl'), 'utf8');
    expect(log).toContain('"drizzle-kit push"');
    expect(`${done.stdout}${wrong.stdout}${wrong.stderr}${log}`).not.toMatch(/tok-/);
  },
  60_000,
);

/** A new column, and an index that the rows do not allow: 0.31 adds the column first, 1.0 makes the index first. */
async function failing(project: KitProject): Promise<void> {
  await push(project);
  await execute(project, ["INSERT INTO posts (title) VALUES ('twice'), ('twice')"]);
  await project.write(
    'schema.ts',
    [
      "import { integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';",
      "export const posts = sqliteTable('posts', { id: integer('id').primaryKey(), title: text('title'), body: text('body') },",
      "  (t) => [uniqueIndex('posts_title').on(t.title)]);",
    ].join('\n'),
  );
}

interface Pushed {
  readonly changed: readonly ChangedObject[];
  readonly steps: readonly string[];
  readonly last: Extract<RunEvent, { kind: 'done' | 'failed' }>;
}

async function push(project: KitProject, environment = 'local'): Promise<Pushed> {
  await using session = await project.session();
  const run = await session.start(
    { kind: 'push', environment, database: undefined, terminal: 'none', consent },
    { signal: new AbortController().signal, decide: () => Promise.resolve({ kind: 'declined' }) },
  );
  const events: RunEvent[] = [];
  for await (const event of run.events()) events.push(event);
  const finished = events.filter((event) => event.kind === 'step-finished');
  return {
    changed: finished.flatMap(({ changed }) => changed ?? []),
    steps: finished.map(({ step }) => step),
    last: await run.finished,
  };
}

async function generated(project: KitProject): Promise<void> {
  await using session = await project.session();
  await session.generate({ database: undefined, name: 'first', terminal: 'none', signal: undefined });
}

async function execute(project: KitProject, statements: readonly string[]): Promise<void> {
  const client = createClient({ url: `file:${project.file('app.db')}` });
  for (const sql of statements) await client.execute(sql);
  client.close();
}

async function rows(project: KitProject, table: string): Promise<readonly unknown[]> {
  const client = createClient({ url: `file:${project.file('app.db')}` });
  const found = await client.execute(`SELECT * FROM ${table}`);
  client.close();
  return found.rows.map((row) => ({ ...row }));
}

async function tables(project: KitProject): Promise<readonly unknown[]> {
  const client = createClient({ url: `file:${project.file('app.db')}` });
  const { rows } = await client.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
  client.close();
  return rows.map(({ name }) => name);
}
