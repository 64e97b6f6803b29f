import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RecoveryCase } from '../../src/operations/reports.ts';
import { d1Project, type D1Project } from '../support/d1-project.ts';
import { startResident } from '../support/resident.ts';
import { misfits } from '../support/schemas.ts';
import { startD1Server } from '../support/d1-server.ts';
import { localFile } from '../support/wrangler.ts';

const program = startResident();
afterAll(() => program[Symbol.asyncDispose]());

const id = '6d5f0b1e-3c1a-4c57-9a6e-0d9b6f1c2a11';
const history = {
  'migrations/0000_users.sql': 'CREATE TABLE users (id integer PRIMARY KEY, email text NOT NULL);\n',
  'migrations/0001_index.sql': 'CREATE UNIQUE INDEX users_email ON users (email);\n',
  'migrations/0002_age.sql': 'ALTER TABLE users ADD age integer;\n',
};
const anew = {
  'migrations/0000_dawn.sql':
    'CREATE TABLE users (id integer PRIMARY KEY, email text NOT NULL, age integer);\nCREATE UNIQUE INDEX users_email ON users (email);\n',
  'migrations/0001_rooms.sql': 'CREATE TABLE rooms (id integer PRIMARY KEY);\n',
};

describe('on a local D1 that wrangler migrated', () => {
  let project: D1Project;
  beforeAll(async () => {
    project = await d1Project({ ...configs, ...history });
    await project.wrangler('migrations', 'apply', 'DB', '--local');
  }, 120_000);
  afterAll(() => project[Symbol.asyncDispose]());

  test('nothing is found', async () => {
    expect(await cases(project)).toEqual([]);
  });

  test(
    'records without a file are named by their names, and one is removed on request',
    { timeout: 60_000 },
    async () => {
      await sql(project, "INSERT INTO d1_migrations (name) VALUES ('0003_lost.sql'), ('0004_lost.sql')");
      expect(await cases(project)).toMatchObject([
        {
          situation: 'orphans',
          tag: '0003_lost.sql',
          options: [{ id: 'remove-record', recommended: false }],
        },
        { situation: 'orphans', tag: '0004_lost.sql' },
      ]);
      expect(await choose(project, 'remove-record', '--only', '0003')).toBe(0);
      expect(await names(project)).toEqual([...Object.keys(history).map(nameOf), '0004_lost.sql']);
      expect(await choose(project, 'remove-record')).toBe(0);
      expect(await cases(project)).toEqual([]);
    },
  );

  test(
    'a folder that was made anew is recognised, and wrangler goes on from its records',
    { timeout: 120_000 },
    async () => {
      await rm(join(project.root, 'migrations'), { recursive: true });
      await project.write(anew);
      const found = await cases(project);
      expect(found).toMatchObject([
        {
          situation: 'regenerated-folder',
          tag: '0000_dawn',
          options: [{ id: 'rebuild-records', recommended: true }],
        },
      ]);
      expect(found[0]?.evidence[0]).toContain('(0000_users.sql, 0001_index.sql, 0002_age.sql)');
      expect(await choose(project, 'rebuild-records')).toBe(0);
      expect(await names(project)).toEqual(['0000_dawn.sql']);
      expect(await cases(project)).toEqual([]);
      const applied = await project.wrangler('migrations', 'apply', 'DB', '--local');
      expect(applied).toContain('0001_rooms.sql');
      expect(applied).not.toContain('0000_dawn.sql');
      expect(await names(project)).toEqual(['0000_dawn.sql', '0001_rooms.sql']);
    },
  );

  test(
    'an edited file is known from the record of runs alone, and there is nothing to accept',
    { timeout: 60_000 },
    async () => {
      await project.write({ 'migrations/0002_more.sql': 'CREATE TABLE more (id integer PRIMARY KEY);\n' });
      const deployed = await run(project, 'deploy', 'local', '--yes', '--json');
      expect(deployed.exitCode, deployed.stdout).toBe(0);
      expect(await cases(project)).toEqual([]);
      await project.write({
        'migrations/0002_more.sql': 'CREATE TABLE more (id integer PRIMARY KEY, x text);\n',
      });
      const found = await cases(project);
      expect(found).toMatchObject([
        {
          situation: 'changed',
          tag: '0002_more',
          options: [{ id: 'accept-file', recommended: false, allowed: false }],
        },
      ]);
      expect(found[0]?.evidence[0]).toMatch(/^d1_migrations keeps no hash; /);
      expect(found[0]?.options[0]?.why).toContain('There is nothing to accept');
      expect(await choose(project, 'accept-file')).toBe(4);
    },
  );
});

test(
  'on a D1 at Cloudflare the same is told and mended, with the name of what is protected',
  { timeout: 120_000 },
  async () => {
    await using server = await startD1Server({ databases: ['shop'] });
    await using project = await d1Project(
      {
        ...history,
        'migrate-tui.config.json': JSON.stringify({
          databases: { app: { migrations: 'migrations', bookkeeping: 'd1' } },
          environments: { production: { protected: true, targets: { app: { d1: 'shop' } } } },
        }),
      },
      { server },
    );
    const deployed = await run(project, 'deploy', 'production', '--yes', '--confirm', 'production', '--json');
    expect(deployed.exitCode, deployed.stdout).toBe(0);
    await rm(join(project.root, 'migrations'), { recursive: true });
    await project.write(anew);
    const situations = async () => {
      const { stdout } = await run(project, 'recover', 'production', '--json');
      const found: readonly RecoveryCase[] = JSON.parse(stdout).cases;
      return found.map(({ situation }) => situation);
    };
    expect(await situations()).toEqual(['regenerated-folder']);
    const rebuild = ['recover', 'production', '--choose', 'rebuild-records', '--yes', '--json'];
    expect(await run(project, ...rebuild)).toMatchObject({ exitCode: 4, last: { code: 'not-confirmed' } });
    const done = await run(project, ...rebuild, '--confirm', 'production');
    expect(done.exitCode, done.stdout).toBe(0);
    expect(await situations()).toEqual([]);
    const status = await run(project, 'status', 'production', '--json');
    expect(JSON.parse(status.stdout).environments[0].targets[0]).toMatchObject({ applied: 1, pending: 1 });
  },
);

const configs = {
  'wrangler.json': JSON.stringify({
    name: 'shop',
    compatibility_date: '2026-01-01',
    d1_databases: [{ binding: 'DB', database_name: 'shop', database_id: id, migrations_dir: 'migrations' }],
  }),
  'migrate-tui.config.json': JSON.stringify({
    databases: { app: { migrations: 'migrations', bookkeeping: 'd1' } },
    environments: { local: { targets: { app: { d1Local: 'DB' } } } },
  }),
};

const nameOf = (path: string) => path.slice('migrations/'.length);

function run(project: D1Project, ...args: readonly string[]) {
  return program.run(args, { cwd: project.root, env: project.env });
}

async function cases(project: D1Project): Promise<readonly RecoveryCase[]> {
  const { exitCode, stdout, stderr } = await run(project, 'recover', 'local', '--json');
  const report = JSON.parse(stdout);
  expect(misfits('recovery', report), `${stdout}${stderr}`).toEqual([]);
  expect(exitCode).toBe(report.cases.length > 0 ? 3 : 0);
  return report.cases;
}

async function choose(
  project: D1Project,
  option: string,
  ...args: readonly string[]
): Promise<number | null> {
  return (await run(project, 'recover', 'local', '--choose', option, '--yes', ...args, '--json')).exitCode;
}

async function sql(project: D1Project, text: string) {
  const client = createClient({ url: `file:${localFile(project.root, id)}` });
  try {
    return (await client.execute(text)).rows;
  } finally {
    client.close();
  }
}

async function names(project: D1Project): Promise<readonly unknown[]> {
  return (await sql(project, 'SELECT name FROM d1_migrations ORDER BY id')).map(({ name }) => name);
}
