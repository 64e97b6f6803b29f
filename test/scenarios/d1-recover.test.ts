import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createClient, type Client, type InStatement } from '@libsql/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/lib/package-root.ts';
import { d1Project, type D1Project } from '../support/d1-project.ts';
import { startD1Server, type D1Server } from '../support/d1-server.ts';
import { drizzleLines } from '../support/drizzle-lines.ts';
import { folderContent } from '../support/folder-content.ts';
import { nameOf, startProgram } from '../support/program.ts';
import { misfits } from '../support/schemas.ts';
import { localFile } from '../support/wrangler.ts';

let server: D1Server;
beforeAll(async () => {
  server = await startD1Server({ databases: ['shop'] });
});
afterAll(() => server[Symbol.asyncDispose]());

const fixture = join(packageRoot(), 'test/fixtures/drizzle-0/index');
const before = ['0000_first.sql', '0001_due_date.sql', '0002_seed.sql'];
const today = [
  '20261121042258_first/migration.sql',
  '20261121042300_due_date/migration.sql',
  '20261121042300_seed/migration.sql',
];

describe.each([
  { where: 'local', environment: 'local', confirm: [] },
  { where: 'remote', environment: 'production', confirm: ['--confirm', 'production'] },
] as const)(
  'after drizzle-kit up, what wrangler applied to a $where D1',
  ({ where, environment, confirm }) => {
    test('is named by recover, and its records get the names of today', { timeout: 180_000 }, async () => {
      await using project = await shop();
      await cp(fixture, join(project.root, 'drizzle'), { recursive: true });
      await project.wrangler('migrations', 'apply', 'DB', `--${where}`);
      const applied = await records(project, where);
      expect(applied.map(({ name }) => name)).toEqual(before);
      await up(project);

      const stood = folderContent(join(project.root, '..'));
      const asked = await project.ours('recover', environment);
      expect(folderContent(join(project.root, '..'))).toEqual(stood);
      expect(asked.exitCode, asked.stderr).toBe(3);
      const report = JSON.parse(asked.stdout);
      expect(misfits('recovery', report)).toEqual([]);
      expect(report).toMatchObject({
        schemaVersion: 1,
        kind: 'recovery',
        cases: [
          {
            database: 'app',
            tag: '20261121042258_first',
            verdict: 'recorded under other names: 3 migrations',
            evidence: before.map((name, at) => `${name} is ${today[at]} now`),
            options: [{ id: 're-key', recommended: true, allowed: true }],
          },
        ],
      });

      const deployed = await project.ours('deploy', environment, '--yes', ...confirm);
      expect(`${deployed.exitCode} ${deployed.stdout}`).toContain(
        `migrate-tui recover ${environment} --choose re-key`,
      );
      expect(deployed.exitCode).toBe(4);
      const choose = ['recover', environment, '--choose', 're-key'];
      const silent = await project.ours(...choose, ...(confirm.length > 0 ? ['--yes'] : []));
      expect(silent).toMatchObject({ exitCode: 4, last: { kind: 'failed', code: 'not-confirmed' } });
      expect(silent.last).toHaveProperty(
        'next',
        expect.stringContaining([...choose, '--yes', ...confirm].join(' ')),
      );
      expect(await records(project, where)).toEqual(applied);

      const done = await project.ours(...choose, '--yes', ...confirm);
      expect(done, done.stdout).toMatchObject({
        exitCode: 0,
        last: { kind: 'done', backup: 'b1', applied: [] },
      });
      for (const line of done.lines) expect(misfits('event', line)).toEqual([]);
      expect(await records(project, where)).toEqual(applied.map((row, at) => ({ ...row, name: today[at] })));
      expect(await project.wrangler('migrations', 'list', 'DB', `--${where}`)).toContain(
        'No migrations to apply!',
      );
      const again = await project.ours('recover', environment);
      expect(again.exitCode).toBe(0);
      expect(JSON.parse(again.stdout)).toMatchObject({ cases: [] });
      expect(misfits('recovery', JSON.parse(again.stdout))).toEqual([]);
      expect(await stateOf(project, environment)).toMatchObject({
        state: ['current'],
        applied: 3,
        pending: 0,
      });
      const { exitCode } = await project.ours('deploy', environment, '--yes', ...confirm);
      expect(exitCode).toBe(0);
    });
  },
);

test(
  'a recover of a local D1 that is killed has renamed all records or none, and the next one does the rest',
  { timeout: 180_000 },
  async () => {
    await using project = await shop();
    await cp(fixture, join(project.root, 'drizzle'), { recursive: true });
    expect((await project.ours('deploy', 'local', '--yes')).exitCode).toBe(0);
    await up(project);
    using client = localClient(project);
    const names = async () =>
      (await client.execute('SELECT name FROM d1_migrations ORDER BY id')).rows.map(({ name }) => name);
    const rekey = ['recover', 'local', '--choose', 're-key', '--yes', '--json'];
    for (const at of [
      'step-started lock',
      'step-finished lock',
      'step-started recover',
      'step-finished recover',
    ]) {
      await client.batch(
        before.map((name, row) => ({
          sql: 'UPDATE d1_migrations SET name = ? WHERE id = ?',
          args: [name, row + 1],
        })),
        'write',
      );
      await using running = await startProgram(rekey, { cwd: project.root, env: project.env });
      await running.line((line) => nameOf(line) === at);
      running.signal('SIGKILL');
      await running.ended;
      const left = await names();
      expect([before, today]).toContainEqual(left);
      const asked = await project.ours('recover', 'local');
      const found: readonly { readonly situation: string }[] = JSON.parse(asked.stdout).cases;
      const situations = found.map(({ situation }) => situation);
      expect(situations.includes('renamed-records'), at).toBe(left[0] === before[0]);
      expect(asked.exitCode, at).toBe(situations.length > 0 ? 3 : 0);
      const again = await project.ours(...rekey.slice(0, -1));
      expect(again.exitCode, again.stdout).toBe(left[0] === before[0] ? 0 : 4);
      expect(await names()).toEqual(today);
    }
  },
);

test(
  'what drizzle-orm applied beside wrangler is not run a second time, and recorded for wrangler by reconcile',
  { timeout: 180_000 },
  async () => {
    await using project = await shop();
    await cp(fixture, join(project.root, 'drizzle'), { recursive: true });
    await project.wrangler('migrations', 'apply', 'DB', '--local');
    await project.write({
      'drizzle/0003_more.sql': "INSERT INTO customers (id, email) VALUES (NULL, 'by drizzle');\n",
      'drizzle/meta/_journal.json': journalWith(project, '0003_more'),
    });
    using client = localClient(project);
    // Drizzle's own table was never filled: its migrator starts at the newest that it is told of.
    await client.batch(drizzleRecords(project, 3), 'write');
    await drizzleLines['drizzle-0'].migrate(client, join(project.root, 'drizzle'));
    const rows = 'SELECT id, email FROM customers';
    const first = (await client.execute(rows)).rows;
    expect(first).toHaveLength(1);

    const asked = await project.ours('recover', 'local');
    expect(asked.exitCode, asked.stderr).toBe(3);
    expect(misfits('recovery', JSON.parse(asked.stdout))).toEqual([]);
    expect(JSON.parse(asked.stdout).cases).toMatchObject([
      {
        tag: '0003_more',
        verdict: 'recorded by Drizzle only: 1 migration',
        options: [{ id: 'reconcile', recommended: true, allowed: true }],
      },
    ]);
    const deployed = await project.ours('deploy', 'local', '--yes');
    expect(deployed, deployed.stdout).toMatchObject({ exitCode: 4, last: { code: 'refused' } });
    expect(deployed.last).toHaveProperty('next', expect.stringContaining('recover local --choose reconcile'));

    const done = await project.ours('recover', 'local', '--choose', 'reconcile', '--yes');
    expect(done, done.stdout).toMatchObject({ exitCode: 0, last: { kind: 'done' } });
    expect((await client.execute(rows)).rows).toEqual(first);
    expect(await project.wrangler('migrations', 'list', 'DB', '--local')).toContain(
      'No migrations to apply!',
    );
    expect((await project.ours('recover', 'local')).exitCode).toBe(0);
    expect(await stateOf(project, 'local')).toMatchObject({ state: ['current'], applied: 4, pending: 0 });
  },
);

/** The project of a worker with Drizzle 0.x, before `drizzle-kit up`. */
async function shop(): Promise<D1Project> {
  return d1Project(configs(undefined), { server });
}

function configs(pattern: string | undefined): Readonly<Record<string, string>> {
  const { uuid } = server.database('shop');
  const binding = {
    binding: 'DB',
    database_name: 'shop',
    database_id: uuid,
    migrations_dir: 'drizzle',
    ...(pattern === undefined ? {} : { migrations_pattern: pattern }),
  };
  const ours = {
    databases: { app: { migrations: 'drizzle', bookkeeping: 'd1' } },
    environments: {
      local: { targets: { app: { d1Local: 'DB' } } },
      production: { protected: true, targets: { app: { d1: 'shop' } } },
    },
  };
  return {
    'wrangler.json': JSON.stringify({
      name: 'shop',
      compatibility_date: '2026-01-01',
      d1_databases: [binding],
    }),
    'migrate-tui.config.json': JSON.stringify(ours),
  };
}

const kit = join(packageRoot(), 'test/peers/drizzle-1/node_modules/drizzle-kit/bin.cjs');

/** The real drizzle-kit of 1.0 moves the files into folders; wrangler's config is told as its docs say. */
async function up(project: D1Project): Promise<void> {
  await promisify(execFile)(process.execPath, [kit, 'up', '--dialect', 'sqlite', '--out', './drizzle'], {
    cwd: project.root,
  });
  await project.write(configs('drizzle/*/migration.sql'));
}

async function stateOf(project: D1Project, environment: string): Promise<unknown> {
  const { stdout } = await project.ours('status', environment);
  return JSON.parse(stdout).environments[0].targets[0];
}

async function records(project: D1Project, where: string): Promise<readonly Record<string, unknown>[]> {
  const sql = 'SELECT * FROM d1_migrations ORDER BY id';
  const text = await project.wrangler('execute', 'DB', `--${where}`, '--json', '--command', sql);
  return JSON.parse(text)[0].results;
}

/** The file in which wrangler keeps the local database. */
function localClient({ root }: D1Project): Client & Disposable {
  const client = createClient({ url: `file:${localFile(root, server.database('shop').uuid)}` });
  return Object.assign(client, { [Symbol.dispose]: () => client.close() });
}

const drizzleFolder = ({ root }: D1Project) => join(root, 'drizzle');

/** Drizzle's table as its migrator leaves it, with the first migrations of the folder. */
function drizzleRecords(project: D1Project, count: number): InStatement[] {
  const files = drizzleLines['drizzle-0'].read(drizzleFolder(project)).slice(0, count);
  return [
    'CREATE TABLE IF NOT EXISTS __drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric)',
    ...files.map(({ hash, folderMillis }) => ({
      sql: 'INSERT INTO __drizzle_migrations (hash, created_at) VALUES (?, ?)',
      args: [hash, folderMillis],
    })),
  ];
}

function journalWith(project: D1Project, tag: string): string {
  const journal = JSON.parse(readFileSync(join(drizzleFolder(project), 'meta/_journal.json'), 'utf8'));
  const last = journal.entries.at(-1);
  const entry = { ...last, idx: last.idx + 1, when: last.when + 1000, tag };
  return JSON.stringify({ ...journal, entries: [...journal.entries, entry] });
}
