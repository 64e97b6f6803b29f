import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { startResident } from '../support/resident.ts';

const program = startResident();
afterAll(() => program[Symbol.asyncDispose]());

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'migrate-tui-lint-rollback-'));
  mkdirSync(join(root, 'migrations'));
  configure('file:local.db');
  migration('0001_users', 'CREATE TABLE users (id integer PRIMARY KEY, name text);', 'DROP TABLE users;');
  migration(
    '0002_emails',
    "ALTER TABLE users ADD COLUMN email text;\nCREATE INDEX users_email ON users (email);\nINSERT INTO users (name) VALUES ('root');",
    "DELETE FROM users WHERE name = 'root';\nDROP INDEX users_email;\nALTER TABLE users DROP COLUMN email;",
  );
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('rollback files that lead back are passed over, also where another tool numbers the files', async () => {
  expect(await findings()).toEqual([]);
});

test('what a rollback file leaves, and what it takes that was there before, is an error at its line', async () => {
  rollback('0002_emails', '-- to be completed\nDROP INDEX users_email;\nALTER TABLE users DROP COLUMN name;');
  expect(await findings()).toEqual([
    {
      rule: 'rollback-differs',
      severity: 'error',
      file: 'migrations/0002_emails.rollback.sql',
      line: 3,
      message:
        '0002_emails.rollback.sql leaves column users.email and does not bring back column users.name: the schema would not be what the files up to 0001_users make.',
    },
    {
      rule: 'rollback-destroys-rows',
      severity: 'error',
      file: 'migrations/0002_emails.rollback.sql',
      line: 3,
      message:
        '0002_emails.rollback.sql: users.name was there before 0002_emails, and is dropped with its values.',
    },
  ]);
  expect((await lint()).exitCode).toBe(3);
});

test.each([
  ['DELETE FROM users;', 'error', 'All rows of users go, also those from before 0002_emails.'],
  [
    'DROP TABLE users;\nCREATE TABLE users (id integer PRIMARY KEY, name text);',
    'error',
    'users was there before 0002_emails, and is dropped with its rows.',
  ],
])('rows that were there before are not taken back: %s', async (sql, severity, says) => {
  const undo = 'DROP INDEX users_email;\nALTER TABLE users DROP COLUMN email;';
  rollback('0002_emails', sql.startsWith('DROP') ? sql : `${sql}\n${undo}`);
  expect(await findings()).toMatchObject([
    { rule: 'rollback-destroys-rows', severity, line: 1, message: `0002_emails.rollback.sql: ${says}` },
  ]);
});

test('some rows of a table that the migration added none to are a warning', async () => {
  migration(
    '0003_views',
    'CREATE VIEW v AS SELECT id FROM users;',
    'DELETE FROM users WHERE id > 5;\nDROP VIEW v;',
  );
  expect(await findings()).toMatchObject([{ rule: 'rollback-destroys-rows', severity: 'warning', line: 1 }]);
  expect((await lint()).exitCode).toBe(0);
});

test('a table that a rollback file makes anew with its rows is no loss', async () => {
  migration(
    '0003_nicks',
    'ALTER TABLE users RENAME COLUMN name TO nick;',
    'CREATE TABLE __new_users (id integer PRIMARY KEY, name text, email text);\nINSERT INTO __new_users (id, name, email) SELECT id, nick, email FROM users;\nDROP TABLE users;\nALTER TABLE __new_users RENAME TO users;\nCREATE INDEX users_email ON users (email);',
  );
  expect((await findings()).filter(({ file }) => String(file).includes('rollback'))).toEqual([]);
});

test('a rollback file that SQLite refuses is found, also under the rules of D1', async () => {
  rollback('0002_emails', 'DROP INDEX user_email;');
  const refused = {
    rule: 'refused-statement',
    severity: 'error',
    file: 'migrations/0002_emails.rollback.sql',
    line: 1,
    message: expect.stringContaining(
      '0002_emails.rollback.sql: SQLite refuses this: no such index: user_email',
    ),
  };
  expect(await findings()).toMatchObject([refused]);
  configure({ d1Local: 'DB' });
  expect(await findings()).toMatchObject([refused]);
});

test('files that nobody asks for are not tried out, and a rule that is off says nothing', async () => {
  rollback('0002_emails', 'DROP INDEX users_email;');
  expect(await findings('migrations/0001_users.sql')).toEqual([]);
  expect(await findings('migrations/0002_emails.rollback.sql')).toHaveLength(1);
  configure('file:local.db', { 'rollback-differs': 'off' });
  expect(await findings()).toEqual([]);
});

test('of PostgreSQL the texts are read', async () => {
  configure('pglite:data');
  migration('0003_more', 'CREATE INDEX i ON users (name);', 'DROP INDEX i;\nTRUNCATE users;\nDROP NOTHING;');
  const found = (await findings()).filter(({ file }) => String(file).endsWith('0003_more.rollback.sql'));
  expect(found).toMatchObject([
    { rule: 'refused-statement', severity: 'error', line: 3 },
    { rule: 'rollback-destroys-rows', severity: 'error', line: 2 },
  ]);
});

function configure(target: unknown, rules: Readonly<Record<string, string>> = {}): void {
  const config = {
    databases: { app: { migrations: 'migrations' } },
    environments: { local: { targets: { app: target } } },
    rules: { 'rename-column': 'off', ...rules },
  };
  writeFileSync(join(root, 'migrate-tui.config.json'), JSON.stringify(config));
}

function migration(tag: string, sql: string, undo: string): void {
  writeFileSync(join(root, 'migrations', `${tag}.sql`), sql);
  rollback(tag, undo);
}

function rollback(tag: string, sql: string): void {
  writeFileSync(join(root, 'migrations', `${tag}.rollback.sql`), sql);
}

function lint(...files: readonly string[]) {
  return program.run(['lint', ...files, '--format', 'json'], { cwd: root, env: {} });
}

async function findings(...files: readonly string[]) {
  const { stdout, stderr } = await lint(...files);
  const { findings: found }: { readonly findings: readonly Readonly<Record<string, unknown>>[] } = JSON.parse(
    stdout || `{"findings":[${JSON.stringify(stderr)}]}`,
  );
  return found.map(({ rule, severity, file, line, message }) => ({ rule, severity, file, line, message }));
}
