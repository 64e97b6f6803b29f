import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { startResident } from '../support/resident.ts';

const program = startResident();
afterAll(() => program[Symbol.asyncDispose]());

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'migrate-tui-new-rollback-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('a numbered file is made with its rollback file, drafted from the statements that it gets', async () => {
  project('numbered');
  write('draft.sql', 'ALTER TABLE users ADD COLUMN email TEXT;\nUPDATE users SET name = upper(name);\n');
  const made = await run('new', 'emails', '--from', 'draft.sql', '--rollback');
  expect(made.exitCode, made.stdout).toBe(0);
  expect(made.last).toMatchObject({
    message: expect.stringMatching(
      /^0002_emails is in the folder of app; .* migrations\/0002_emails\.rollback\.sql takes 0002_emails back with 1 statement; 1 statement of it is left open there\.$/,
    ),
  });
  expect(read('migrations/0002_emails.rollback.sql').split('\n').slice(1)).toEqual([
    '-- Left open: what takes back statement 2, line 2: UPDATE users SET name = upper(name)',
    'ALTER TABLE "users" DROP COLUMN "email";',
    '',
  ]);
});

test('an empty migration gets an empty rollback file, with which nothing is taken back', async () => {
  project('numbered');
  expect((await run('new', 'later', '--rollback')).exitCode).toBe(0);
  expect(readdirSync(join(root, 'migrations')).toSorted()).toEqual([
    '0001_users.sql',
    '0002_later.rollback.sql',
    '0002_later.sql',
  ]);
  write('migrations/0002_later.sql', 'SELECT 1;\n');
  expect((await run('deploy', 'local', '--yes')).exitCode).toBe(0);
  const back = await run('rollback', 'local', '--to', '1', '--yes');
  expect(back.last).toMatchObject({
    exitCode: 4,
    message: expect.stringContaining('0002_later.rollback.sql holds no statement'),
  });
});

test('where wrangler runs the folder the rollback file lies beside the folder', async () => {
  project('d1');
  const made = await run('new', '--rollback-of', '1');
  expect(made.exitCode, made.stdout).toBe(0);
  expect(read('migrations.extra/0001_users.rollback.sql')).toContain('DROP TABLE "users";');
  expect(readdirSync(join(root, 'migrations'))).toEqual(['0001_users.sql']);
});

test('one that is there stays as it is, and so does everything where the tag or the words fit nothing', async () => {
  project('numbered');
  write('migrations/0001_users.down.sql', 'DROP TABLE users;\n');
  const again = await run('new', '--rollback-of', '0001_users');
  expect(again).toMatchObject({
    exitCode: 2,
    last: {
      message: '0001_users has a rollback file: migrations/0001_users.down.sql. Nothing was written.',
    },
  });
  expect((await run('new', '--rollback-of', '7')).last).toMatchObject({ code: 'not-found' });
  expect((await run('new', 'x', '--rollback-of', '1')).last).toMatchObject({ code: 'usage' });
  expect(readdirSync(join(root, 'migrations'))).toEqual(['0001_users.down.sql', '0001_users.sql']);
});

function project(bookkeeping: 'numbered' | 'd1'): void {
  const config = {
    databases: { app: { migrations: 'migrations', bookkeeping } },
    environments: { local: { targets: { app: 'file:local.db' } } },
  };
  write('migrate-tui.config.json', JSON.stringify(config));
  write('migrations/0001_users.sql', 'CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);\n');
}

function write(name: string, text: string): void {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), text);
}

const read = (name: string) => readFileSync(join(root, name), 'utf8');

function run(...argv: readonly string[]) {
  return program.run([...argv, '--json'], { cwd: root, env: { XDG_STATE_HOME: join(root, 'state') } });
}
