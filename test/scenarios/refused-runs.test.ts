import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { folder0, writeFiles } from '../support/drizzle-folders.ts';
import { oddProject, type OddProject } from '../support/odd-project.ts';
import { startResident } from '../support/resident.ts';

const program = startResident();
afterAll(() => program[Symbol.asyncDispose]());
let odd: OddProject;
beforeEach(async () => {
  odd = oddProject(program);
  await odd.write(folder0([users]));
  await odd.migrate();
});
afterEach(() => odd[Symbol.dispose]());

const at = (second: number) => 1_700_000_000_000 + second * 1000;
const users = { tag: '0000_users', sql: 'CREATE TABLE users (id integer PRIMARY KEY);', when: at(0) };

async function runs(): Promise<readonly { readonly run: number; readonly outcome: string }[]> {
  const { stdout } = await odd.program('runs', '--json');
  return JSON.parse(stdout).runs.map(({ run, operation, outcome }: Record<string, unknown>) => ({
    run,
    operation,
    outcome,
  }));
}

test('what was refused before it began, or only looked at, is in no list of runs', async () => {
  for (const args of [
    ['mark', 'staging', '0000', 'pending'],
    ['reset', 'staging'],
    ['reset', 'production', '--yes'],
    ['baseline', 'staging'],
    ['recover', 'staging', '--choose', 'resume', '--yes'],
    ['apply', 'production', '--yes'],
  ]) {
    const { exitCode, stdout, stderr } = await odd.program(...args);
    expect([0, 4], args.join(' ') + stderr).toContain(exitCode);
    expect(stdout + stderr, args.join(' ')).not.toMatch(/\(run \d+\)/);
  }
  expect(await runs()).toEqual([]);
  for (const kept of ['runs', 'logs']) {
    const folder = join(odd.root, '.migrate-tui', kept);
    expect(existsSync(folder) ? readdirSync(folder) : []).toEqual([]);
  }
});

test('a way out that was tried and not agreed to stands as rehearsed, a plan that nobody may carry out as refused', async () => {
  await odd.write(
    folder0([
      users,
      {
        tag: '0001_more',
        sql: 'CREATE TABLE a (id);\n--> statement-breakpoint\nCREATE TABLE b (id);',
        when: at(1),
      },
    ]),
  );
  await odd.sql('CREATE TABLE a (id)');
  expect(await odd.program('recover', 'staging', '--choose', 'resume')).toMatchObject({ exitCode: 4 });
  await odd.sql('DROP TABLE a');
  const plan = await odd.program('dry-run', 'staging', '--out', 'plan.json');
  expect(plan.exitCode, plan.stderr).toBe(0);
  await odd.sql('CREATE TABLE c (id)');
  expect(await odd.program('deploy', 'staging', '--yes', '--plan', 'plan.json')).toMatchObject({
    exitCode: 4,
  });
  expect(await runs()).toMatchObject([
    { operation: 'deploy', outcome: 'refused' },
    { operation: 'dry-run', outcome: 'done' },
    { operation: 'recover', outcome: 'rehearsed' },
  ]);
  const text = (await odd.program('runs')).stdout;
  expect(text).toMatch(/✗ refused +deploy/);
  expect(text).toMatch(/✓ rehearsed +recover/);
});

test('a dry-run whose migration fails has failed', async () => {
  await odd.write(
    folder0([users, { tag: '0001_more', sql: 'INSERT INTO nowhere VALUES (1);', when: at(1) }]),
  );
  expect(await odd.program('dry-run', 'staging')).toMatchObject({ exitCode: 4 });
  expect(await runs()).toMatchObject([{ operation: 'dry-run', outcome: 'failed' }]);
});

test('a way out is a run of the one database that it wrote', async () => {
  odd.project.configure({
    databases: { app: { migrations: 'drizzle' }, other: { migrations: 'other' } },
    environments: { staging: { targets: { app: 'file:staging.db', other: 'file:other.db' } } },
  });
  await odd.write(folder0([users]));
  await odd.sql('DELETE FROM __drizzle_migrations');
  await writeFiles(join(odd.root, 'other'), folder0([users]));
  const done = await odd.choose('record');
  expect(done.exitCode, done.stdout + done.stderr).toBe(0);
  expect((await odd.program('show', '1')).stdout).toContain('Run 1, recover of staging, app: ✓ done');
});
