import { copyFileSync, linkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { expect, test } from 'vitest';
import type { Change } from '../../src/operations/change.ts';
import { byHand } from '../support/by-hand.ts';
import { carryOut, consent, selection, statusIn } from '../support/in-process.ts';
import { otherProgram } from '../support/processes.ts';
import { program } from '../support/program.ts';
import { contentOf } from '../support/remote-project.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';

test.for(['delete', 'wal'])(
  'a program that has local open in %s mode goes on with the new rows',
  async (mode) => {
    using project = await deployed();
    await byHand(project, [`PRAGMA journal_mode = ${mode}`, 'CREATE TABLE mine (id integer)']);
    await using server = otherProgram(
      join(project.root, 'local.db'),
      `say('open ' + db.prepare('SELECT count(*) AS n FROM mine').get().n);
     await told();
     say(db.prepare('SELECT group_concat(name) AS names FROM teams').get().names);`,
    );
    expect(await server.line()).toBe('open 0');
    expect(await resync(project)).toMatchObject({ kind: 'done' });
    server.tell('look');
    expect(await server.line()).toBe('red,blue');
  },
);

test.for(['delete', 'wal'])(
  'a source in %s mode that is written to meanwhile is copied at one moment',
  async (mode) => {
    using project = await deployed();
    await byHand(
      project,
      [`PRAGMA journal_mode = ${mode}`, 'CREATE TABLE pairs (a integer, b integer)'],
      'staging',
    );
    await byHand(project, many, 'staging');
    project.configure({ masks: { 'members.team_id': 'keep', 'pairs.a': 'keep' } });
    for (const exclude of [[], ['members']]) {
      await using writer = otherProgram(
        join(project.root, 'staging.db'),
        `say('at it');
       for (let i = 0; ; i += 1) {
         db.exec('BEGIN IMMEDIATE; INSERT INTO pairs VALUES (1, 1); INSERT INTO pairs VALUES (1, 1); COMMIT');
         await pause(2);
       }`,
      );
      await writer.line();
      expect(await resync(project, { exclude })).toMatchObject({ kind: 'done' });
      await writer.stop();
      const [row] = await rowsIn(project, 'SELECT count(*) % 2 AS odd, count(*) > 20000 AS many FROM pairs');
      expect(row).toEqual({ odd: 0, many: 1 });
    }
  },
);

test.for([[[]], [['members']]] as const)(
  'a full disk leaves local as it was, leaving out %j',
  async ([exclude]) => {
    using project = await deployed();
    await byHand(project, ['CREATE TABLE pairs (a integer, b blob)'], 'staging');
    await byHand(
      project,
      [`INSERT INTO pairs SELECT 1, randomblob(1000) FROM (${numbers(3000)})`],
      'staging',
    );
    await byHand(project, ['CREATE TABLE mine (id integer)']);
    const before = await contentOf(join(project.root, 'local.db'));
    const args = ['resync', 'local', '--from', 'staging', '--yes', '--json'];
    const { exitCode, last } = await program([...args, ...exclude.flatMap((table) => ['--exclude', table])], {
      cwd: project.root,
      env: project.env,
      // 512 bytes each.
      shell: 'ulimit -f 4000 && exec "$@"',
    });
    expect({ exitCode, last }).toMatchObject({ exitCode: 1, last: { kind: 'failed', code: 'storage' } });
    expect(await contentOf(join(project.root, 'local.db'))).toBe(before);
  },
);

test('a source that is migrated or changed after it was read is not copied', async () => {
  using project = await deployed();
  project.configure({ masks: { 'teams.name': 'hash' } });
  const change = (sql: string) =>
    project.configure({
      hooks: {
        beforeBackup: {
          local: `node -e "new (require('node:sqlite').DatabaseSync)('staging.db').exec(process.argv[1])" "${sql}"`,
        },
      },
    });
  await byHand(project, ['CREATE TABLE mine (id integer)']);
  const before = await contentOf(join(project.root, 'local.db'));
  change('ALTER TABLE teams ADD secret text');
  for (const exclude of [[], ['members']]) {
    expect(await resync(project, { exclude })).toMatchObject({ exitCode: 4, code: 'target-changed' });
    change('ALTER TABLE teams ADD secret2 text');
  }
  change('DELETE FROM __drizzle_migrations');
  expect(await resync(project)).toMatchObject({ exitCode: 4, code: 'target-changed' });
  expect(await contentOf(join(project.root, 'local.db'))).toBe(before);
});

test('one file under two names is no source', async () => {
  using project = await deployed();
  symlinkSync(join(project.root, 'staging.db'), join(project.root, 'local.db'));
  await expect(resync(project)).rejects.toMatchObject({ code: 'refused', message: /are one file/ });
  using linked = await deployed();
  linkSync(join(linked.root, 'staging.db'), join(linked.root, 'local.db'));
  await expect(resync(linked)).rejects.toMatchObject({ code: 'refused', message: /are one file/ });
});

test('a source that is not there, or is empty, is said', async () => {
  using project = smallProject();
  expect(await resync(project)).toMatchObject({ exitCode: 4, message: /app of staging does not exist/ });
  await byHand(project, ['CREATE TABLE t (id)', 'DROP TABLE t'], 'staging');
  expect(await resync(project)).toMatchObject({ exitCode: 4, message: /app of staging has no table/ });
});

test('a file whose schema is in the words of libSQL comes over with its vector index', async () => {
  using project = await deployed();
  project.configure({ masks: { 'docs.author': 'hash' } });
  await byHand(
    project,
    [
      'CREATE TABLE docs (id integer PRIMARY KEY, author text, v F32_BLOB(2))',
      'CREATE INDEX docs_v ON docs (libsql_vector_idx(v))',
      "INSERT INTO docs VALUES (1, 'ada@real.example', vector32('[1,2]')), (2, 'bob', vector32('[9,9]'))",
    ],
    'staging',
  );
  for (const masked of [true, false]) {
    if (!masked) project.configure({ masks: {} });
    expect(await resync(project)).toMatchObject({ kind: 'done' });
    const rows = await rowsIn(
      project,
      "SELECT docs.id, author FROM vector_top_k('docs_v', vector32('[1,2]'), 1) AS k JOIN docs ON docs.rowid = k.id",
    );
    expect(rows).toEqual([
      { id: 1, author: masked ? expect.stringMatching(/^masked_.*@masked\.invalid$/) : 'ada@real.example' },
    ]);
  }
});

test('a lock that somebody holds on local keeps a resync out; one on the source does not', async () => {
  using project = await deployed();
  copyFileSync(join(project.root, 'staging.db'), join(project.root, 'local.db'));
  const lock =
    "UPDATE __migrate_tui_lease SET run = 'x', held_by = 'noor', host = 'elsewhere', expires_at = 9e15, taken_at = 0";
  await byHand(project, [lock], 'staging');
  expect(await resync(project)).toMatchObject({ kind: 'done' });
  expect((await statusIn(project, 'local')).state).toEqual(['current']);
  await byHand(project, [lock]);
  await expect(resync(project)).rejects.toMatchObject({ code: 'locked' });
});

test('a D1 at Cloudflare that no token reaches is refused for the token, not for its kind', async () => {
  using project = smallProject();
  const database = {
    binding: 'DB',
    database_name: 'db',
    database_id: 'b0000000-0000-4000-8000-000000000001',
  };
  const worker = { name: 'w', d1_databases: [{ ...database, migrations_dir: 'drizzle' }] };
  writeFileSync(join(project.root, 'wrangler.json'), JSON.stringify(worker));
  project.configureEnvironment('local', { targets: { app: { d1Local: 'DB' } } });
  project.configureEnvironment('staging', {
    targets: { app: { d1: database.database_id, account: 'a', token: 'env:NO_SUCH_TOKEN' } },
  });
  const last = await resync(project);
  expect(last).toMatchObject({ exitCode: expect.toSatisfy((code) => code !== 0 && code !== 5) });
  expect(last.message).toContain('NO_SUCH_TOKEN');
});

function numbers(count: number): string {
  return `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count}) SELECT i FROM n`;
}

const many = [`INSERT INTO pairs SELECT 0, 0 FROM (${numbers(60_000)})`];

async function deployed(): Promise<SmallProject> {
  const project = smallProject();
  await carryOut(project, { kind: 'deploy', environment: 'staging', selection, consent });
  return project;
}

type ResyncChange = Extract<Change, { kind: 'resync' }>;

async function resync(project: SmallProject, more: Partial<ResyncChange> = {}) {
  const change = {
    environment: 'local',
    from: 'staging',
    databases: undefined,
    exclude: [],
    consent,
  } as const;
  const last = (await carryOut(project, { kind: 'resync', ...change, ...more })).at(-1);
  if (last?.kind !== 'done' && last?.kind !== 'failed') throw new Error('It did not end.');
  return last;
}

async function rowsIn({ root }: SmallProject, sql: string) {
  const client = createClient({ url: `file:${join(root, 'local.db')}` });
  const { rows } = await client.execute(sql);
  client.close();
  return rows.map((row) => ({ ...row }));
}
