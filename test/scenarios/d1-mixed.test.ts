import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/lib/package-root.ts';
import { d1Project, type D1Project } from '../support/d1-project.ts';
import { d1ForFile } from '../support/d1-for-file.ts';

const cloudflare = d1ForFile('events');

describe('an environment with a libSQL file and D1, here and at Cloudflare', () => {
  test('is one deploy with one backup set, and nothing is taken twice when nobody writes', async () => {
    await using project = await mixed();
    await firstDeploy(project);
    const { exitCode, lines, stdout } = await project.ours('deploy', 'staging', '--yes');
    expect(exitCode, stdout).toBe(0);
    expect(lines.filter(({ kind }) => kind === 'backup-renewed')).toEqual([]);
    expect(lines.at(-1)).toMatchObject({ kind: 'done', applied: { length: 3 }, backup: 'b2' });
    const backups = JSON.parse((await project.ours('backups', 'staging')).stdout);
    expect(backups.backups[0]).toMatchObject({
      id: 'b2',
      databases: [
        { database: 'app', sha256: expect.any(String) },
        { database: 'cache', sha256: expect.any(String) },
        { database: 'events', position: expect.any(String) },
      ],
    });
    expect(backups.backups[0].databases[2]).not.toHaveProperty('sha256');
  });

  test('whose D1 fails at its migration keeps what was applied before it, and says what was not begun', async () => {
    await using project = await mixed();
    await firstDeploy(project);
    cloudflare.server.fault(
      { kind: 'status', status: 401, code: 10_000, when: 'before' },
      { on: 'write', after: 1, times: Infinity },
    );
    const { exitCode, last } = await project.ours('deploy', 'staging', '--yes');
    cloudflare.server.noFault();
    expect(last).toMatchObject({
      kind: 'failed',
      exitCode: 5,
      applied: [
        { database: 'app', tag: '0001_more' },
        { database: 'cache', tag: '0001_more' },
      ],
      failed: { database: 'events', tag: '0001_more' },
    });
    expect(exitCode).toBe(5);
    expect(await states(project)).toEqual(['app current', 'cache current', 'events behind']);
    await cloudflare.database.run('UPDATE __migrate_tui_lease SET expires_at = 0');
    const again = await project.ours('deploy', 'staging', '--yes');
    expect(again.last, again.stdout).toMatchObject({ kind: 'done', applied: { length: 1 } });
  });

  test('whose D1 gives no position leaves no backup behind, and every target as it was', async () => {
    await using project = await mixed();
    await firstDeploy(project);
    cloudflare.server.fault(
      { kind: 'status', status: 400, code: 7500, when: 'before' },
      { on: 'bookmark', times: Infinity },
    );
    const { exitCode, last } = await project.ours('deploy', 'staging', '--yes');
    cloudflare.server.noFault();
    expect({ exitCode, last }).toMatchObject({ exitCode: 1, last: { kind: 'failed', applied: [] } });
    expect(await states(project)).toEqual(['app behind', 'cache behind', 'events behind']);
    expect(readdirSync(backupsOf(project))).toEqual(['b1']);
  });

  test('whose D1 does not answer is not begun at all', async () => {
    await using project = await mixed();
    await firstDeploy(project);
    cloudflare.server.fault({ kind: 'cut', when: 'before' }, { times: Infinity });
    const { exitCode, last } = await project.ours('deploy', 'staging', '--yes');
    cloudflare.server.noFault();
    expect({ exitCode, last }).toMatchObject({ exitCode: 1, last: { kind: 'failed', code: 'unreachable' } });
    expect(await states(project)).toEqual(['app behind', 'cache behind', 'events behind']);
  });

  test.each([
    { database: 'app', left: ['app behind', 'cache current', 'events current'] },
    { database: 'cache', left: ['app current', 'cache behind', 'events current'] },
    { database: 'events', left: ['app current', 'cache current', 'events behind'] },
  ])('gets $database alone back, and the others stay', async ({ database, left }) => {
    await using project = await mixed();
    await firstDeploy(project);
    await project.ours('deploy', 'staging', '--yes');
    expect((await project.ours('restore', 'staging', 'b2', '--yes')).exitCode).toBe(2);
    const { exitCode, stdout } = await project.ours(
      'restore',
      'staging',
      'b2',
      '--yes',
      '--database',
      database,
    );
    expect(exitCode, stdout).toBe(0);
    expect(await states(project)).toEqual(left);
  });

  test('gets back a copy of before backups said what kind they are', async () => {
    await using project = await mixed();
    await firstDeploy(project);
    await project.ours('deploy', 'staging', '--yes', '--database', 'app');
    const file = join(backupsOf(project), 'b2', 'manifest.json');
    const manifest = JSON.parse(readFileSync(file, 'utf8'));
    for (const one of manifest.databases) delete one.kind;
    writeFileSync(file, JSON.stringify(manifest));
    const { exitCode, stdout } = await project.ours('restore', 'staging', 'b2', '--yes', '--database', 'app');
    expect(exitCode, stdout).toBe(0);
    expect(await states(project)).toEqual(['app behind', 'cache behind', 'events behind']);
  });
});

test(
  'two databases of one environment are each rehearsed in workerd, on rows of their own',
  { timeout: 120_000 },
  async () => {
    const bindings = ['ONE', 'TWO'].map((binding) => ({
      binding,
      database_id: `id-${binding}`,
      migrations_dir: binding,
    }));
    await using project = await d1Project({
      'package.json': '{}',
      'wrangler.json': JSON.stringify({ name: 'two', d1_databases: bindings }),
      'ONE/0001_a.sql': 'CREATE TABLE things (id integer PRIMARY KEY);\nINSERT INTO things VALUES (1), (2);',
      'TWO/0001_a.sql': 'CREATE TABLE others (id integer PRIMARY KEY, name text);',
    });
    await symlink(join(packageRoot(), 'node_modules'), join(project.root, 'node_modules'));
    expect((await project.ours('deploy', 'local', '--yes')).exitCode).toBe(0);
    await project.write({
      'ONE/0002_b.sql': 'DELETE FROM things WHERE id = 2;',
      'TWO/0002_b.sql': "INSERT INTO others (name) VALUES ('b'), ('c');",
    });
    const { exitCode, lines, stdout } = await project.ours('deploy', 'local', '--yes');
    expect(exitCode, stdout).toBe(0);
    const rehearsed = lines.filter(({ kind, step }) => kind === 'step-finished' && step === 'dry-run');
    expect(rehearsed).toMatchObject([
      { database: 'ONE', says: expect.stringContaining('the same in workerd') },
      { database: 'TWO', says: expect.stringContaining('the same in workerd') },
    ]);
  },
);

const all = ['app', 'cache', 'events'];

/** Three databases of one kind each, with two migrations; the second one is written by `firstDeploy`. */
async function mixed(): Promise<D1Project> {
  const config = {
    databases: {
      app: { migrations: 'app' },
      cache: { migrations: 'cache', bookkeeping: 'd1' },
      events: { migrations: 'events', bookkeeping: 'd1' },
    },
    environments: {
      staging: {
        targets: { app: 'file:app.db', cache: { d1Local: 'CACHE' }, events: { d1: 'events' } },
        timeouts: { connect: '3s' },
      },
    },
  };
  const wrangler = { name: 'mixed', d1_databases: [{ binding: 'CACHE', database_id: 'cache-local' }] };
  const project = await d1Project(
    { 'migrate-tui.config.json': JSON.stringify(config), 'wrangler.json': JSON.stringify(wrangler) },
    { server: cloudflare.server },
  );
  for (const name of all) await project.write(drizzleFolder(name, ['0000_things']));
  return project;
}

async function firstDeploy(project: D1Project): Promise<void> {
  const { exitCode, stdout } = await project.ours('deploy', 'staging', '--yes');
  expect(exitCode, stdout).toBe(0);
  for (const name of all) await project.write(drizzleFolder(name, ['0000_things', '0001_more']));
}

const statements: Readonly<Record<string, string>> = {
  '0000_things':
    "CREATE TABLE things (id integer PRIMARY KEY, name text);\n--> statement-breakpoint\nINSERT INTO things (name) VALUES ('a');",
  '0001_more': 'ALTER TABLE things ADD COLUMN more text;',
};

function drizzleFolder(name: string, tags: readonly string[]): Readonly<Record<string, string>> {
  const entries = tags.map((tag, idx) => ({
    idx,
    version: '6',
    when: 1_750_000_000_000 + idx * 1000,
    tag,
    breakpoints: true,
  }));
  return {
    ...Object.fromEntries(tags.map((tag) => [`${name}/${tag}.sql`, statements[tag] ?? ''])),
    [`${name}/meta/_journal.json`]: JSON.stringify({ version: '7', dialect: 'sqlite', entries }),
  };
}

async function states(project: D1Project): Promise<readonly string[]> {
  const { environments } = JSON.parse((await project.ours('status', 'staging')).stdout);
  const targets: readonly { readonly database: string; readonly state: readonly string[] }[] =
    environments[0].targets;
  return targets.map(({ database, state }) => `${database} ${state.join(' ')}`);
}

function backupsOf({ home }: D1Project): string {
  const state = join(home, 'state', 'migrate-tui');
  const [name = ''] = readdirSync(state);
  return join(state, name, 'backups');
}
