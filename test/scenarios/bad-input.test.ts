import { chmodSync, mkdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { folderContent } from '../support/folder-content.ts';
import { startHranaServer } from '../support/hrana-server.ts';
import { watchPeakMemory } from '../support/peak-memory.ts';
import { program } from '../support/program.ts';
import { misfits } from '../support/schemas.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { unprivileged } from '../support/unprivileged.ts';

let project: SmallProject;
beforeEach(() => {
  project = smallProject();
});
afterEach(() => project[Symbol.dispose]());

const deploy = ['deploy', 'staging', '--yes'];
const journal = 'drizzle/meta/_journal.json';

interface Expected {
  readonly exitCode: number;
  readonly code: string;
  /** Parts of what is said. */
  readonly says: readonly string[];
  readonly next: string;
}

/** Runs it, expects one clear failure as the last line, and every byte of the project as before. */
async function refused(args: readonly string[], expected: Expected, shell?: string): Promise<void> {
  const before = folderContent(project.root);
  const { exitCode, last, stderr } = await run(args, shell);
  expect(last).toMatchObject({ kind: 'failed', exitCode: expected.exitCode, code: expected.code });
  expect(exitCode).toBe(expected.exitCode);
  expect(misfits('failure', last)).toEqual([]);
  const message = String(last?.['message']);
  for (const part of expected.says) expect(message).toContain(part);
  expect(String(last?.['next'])).toContain(expected.next);
  expect(message + stderr).not.toMatch(/^error:|\n\s+at /i);
  expect(folderContent(project.root)).toEqual(before);
}

function run(args: readonly string[], shell?: string) {
  const options = { cwd: project.root, env: project.env };
  return program([...args, '--json'], shell === undefined ? options : { ...options, shell });
}

const asAnybody = `exec ${unprivileged.join(' ')} "$@"`;

function write(name: string, text: string): void {
  writeFileSync(join(project.root, name), text);
}

/** Instead of the project's own JSON file. */
function configModule(text: string): void {
  rmSync(join(project.root, 'migrate-tui.config.json'));
  write('migrate-tui.config.mjs', text);
}

function journalOf(...tags: readonly string[]): string {
  return JSON.stringify({ entries: tags.map((tag, idx) => ({ idx, tag, when: idx + 1 })) });
}

describe('a folder of migrations', () => {
  const cases: Readonly<Record<string, readonly [() => void, Expected]>> = {
    'that is not there': [
      () => rmSync(join(project.root, 'drizzle'), { recursive: true }),
      { exitCode: 2, code: 'migrations', says: ['/drizzle does not exist'], next: 'Name the folder' },
    ],
    'whose journal is empty': [
      () => write(journal, ''),
      { exitCode: 2, code: 'migrations', says: [`${journal}:1`, 'ends too early'], next: 'version control' },
    ],
    'whose journal is not JSON': [
      () => write(journal, '{ "entries": [\n  { "idx": 0,, }\n]}'),
      { exitCode: 2, code: 'migrations', says: [`${journal}:2`, 'unexpected ","'], next: 'Correct' },
    ],
    'whose journal names a missing file': [
      () => unlinkSync(join(project.root, 'drizzle/0001_members.sql')),
      {
        exitCode: 2,
        code: 'migrations',
        says: [`${journal}:1 names 0001_members`, 'no file 0001_members.sql'],
        next: 'Bring 0001_members.sql back',
      },
    ],
    'with a tag that leads out of it': [
      () => write(journal, journalOf('../../outside')),
      { exitCode: 2, code: 'migrations', says: ['"../../outside"', 'path separator'], next: 'Correct' },
    ],
    'with a tag that would move the cursor': [
      () => write(journal, journalOf('0000_\u001b[2Jx')),
      { exitCode: 2, code: 'migrations', says: ['0000_␛[2Jx', 'cannot be seen'], next: 'Correct' },
    ],
  };
  test.each(Object.entries(cases))('%s', async (_, [prepare, expected]) => {
    prepare();
    await refused(deploy, expected);
  });

  test('whose journal has no entries has nothing to deploy', async () => {
    write(journal, journalOf());
    expect(await run(deploy)).toMatchObject({ exitCode: 0, last: { kind: 'done', applied: [] } });
  });

  test('with a file that may not be read', async () => {
    chmodSync(join(project.root, 'drizzle/0001_members.sql'), 0);
    const says = ['0001_members.sql cannot be read: permission denied'];
    const before = { exitCode: 2, code: 'migrations', says, next: 'Look at' };
    const { exitCode, last } = await run(deploy, asAnybody);
    expect({ exitCode, last }).toMatchObject({ exitCode: 2, last: { kind: 'failed', code: before.code } });
    expect(last?.['message']).toContain(says[0]);
  });
});

describe('a configuration', () => {
  const cases: Readonly<Record<string, readonly [() => void, Expected]>> = {
    'that is not JSON': [
      () => write('migrate-tui.config.json', '{\n  "databases": oops\n}'),
      { exitCode: 2, code: 'config', says: ['migrate-tui.config.json', 'line 2'], next: 'Correct' },
    ],
    'that throws': [
      () => configModule("\nthrow new Error('no lunch today');\n"),
      { exitCode: 2, code: 'config', says: ['no lunch today', 'line 2'], next: 'migrate-tui.config.mjs' },
    ],
    'whose target is in a variable that is not set': [
      () => project.configureEnvironment('staging', { targets: { app: 'env:NOT_SET_URL' } }),
      { exitCode: 2, code: 'config', says: ['NOT_SET_URL is not set', 'Set it in'], next: '' },
    ],
    'that never ends': [
      () => configModule('await new Promise((resolve) => setTimeout(resolve, 1e6));\nexport default {};'),
      {
        exitCode: 2,
        code: 'config',
        says: ['migrate-tui.config.mjs did not finish'],
        next: 'something that waits',
      },
    ],
  };
  test.each(Object.entries(cases))(
    '%s',
    async (_, [prepare, expected]) => {
      prepare();
      await refused(deploy, expected);
    },
    30_000,
  );
});

describe('words', () => {
  const cases: Readonly<Record<string, readonly [readonly string[], Expected]>> = {
    'an unknown environment': [
      ['deploy', 'stagin', '--yes'],
      { exitCode: 2, code: 'not-found', says: ['no environment stagin'], next: 'local, staging, production' },
    ],
    'an unknown database': [
      [...deploy, '--database', 'ap'],
      { exitCode: 2, code: 'not-found', says: ['staging has no database ap'], next: 'It has app' },
    ],
    'an unknown tag': [
      [...deploy, '--to', '0009'],
      { exitCode: 2, code: 'not-found', says: ['No migration begins with 0009'], next: '0001_members' },
    ],
    'an unknown backup': [
      ['restore', 'staging', 'b9', '--yes'],
      {
        exitCode: 2,
        code: 'not-found',
        says: ['staging has no backup b9'],
        next: 'migrate-tui backup staging',
      },
    ],
    'a plan that is not there': [
      [...deploy, '--plan', 'nowhere.json'],
      { exitCode: 2, code: 'not-found', says: ['nowhere.json does not exist'], next: 'dry-run' },
    ],
  };
  test.each(Object.entries(cases))('%s', async (_, [args, expected]) => {
    await refused(args, expected);
  });

  test('a plan that is none, and one of another environment', async () => {
    write('plan.json', 'hello');
    const args = [...deploy, '--plan', 'plan.json'];
    await refused(args, { exitCode: 2, code: 'config', says: ['plan.json:1 is not JSON'], next: 'dry-run' });
    write('plan.json', '{ "kind": "shopping list" }');
    await refused(args, { exitCode: 2, code: 'config', says: ['no rehearsed plan'], next: 'dry-run' });
    await run(['dry-run', 'local', '--out', 'other.json']);
    const says = ['was rehearsed for local, not for staging'];
    const other = [...deploy, '--plan', 'other.json'];
    await refused(other, { exitCode: 4, code: 'refused', says, next: 'migrate-tui dry-run staging' });
  });
});

describe('a database', () => {
  test('that is none', async () => {
    write('staging.db', 'a page of text is no database, however long it may be; '.repeat(40));
    const says = ['staging.db is not an SQLite database'];
    await refused(deploy, { exitCode: 1, code: 'unreachable', says, next: 'Correct the path' });
  });

  test('that is a folder', async () => {
    mkdirSync(join(project.root, 'staging.db'));
    const says = ['staging.db is a folder'];
    await refused(deploy, { exitCode: 1, code: 'unreachable', says, next: 'Correct the path' });
  });

  test('that may not be written, whose folder may not be written, and that may not be read', async () => {
    await run(deploy);
    project.add('0002_rooms', ['CREATE TABLE rooms (id integer PRIMARY KEY);']);
    const file = join(project.root, 'staging.db');
    chmodSync(file, 0o444);
    const says = ['staging.db cannot be written: permission denied'];
    await refused(deploy, { exitCode: 1, code: 'storage', says, next: 'the right to write' }, asAnybody);
    chmodSync(file, 0o644);
    chmodSync(project.root, 0o555);
    const folder = ['cannot be written: permission denied'];
    const next = 'folder';
    await refused(deploy, { exitCode: 1, code: 'storage', says: folder, next }, asAnybody);
    chmodSync(project.root, 0o755);
    const before = folderContent(project.root);
    chmodSync(file, 0);
    const { exitCode, last } = await run(deploy, asAnybody);
    expect({ exitCode, last }).toMatchObject({ exitCode: 1, last: { kind: 'failed', code: 'unreachable' } });
    expect(last?.['message']).toContain('cannot be read: permission denied');
    chmodSync(file, 0o644);
    expect(folderContent(project.root)).toEqual(before);
  });

  test('with a lock table of another shape', async () => {
    await run(deploy);
    project.add('0002_rooms', ['CREATE TABLE rooms (id integer PRIMARY KEY);']);
    {
      using database = new DatabaseSync(join(project.root, 'staging.db'));
      database.exec('DROP TABLE __migrate_tui_lease; CREATE TABLE __migrate_tui_lease (who text)');
    }
    const says = ['__migrate_tui_lease', 'is not the lock'];
    await refused(deploy, { exitCode: 4, code: 'refused', says, next: 'DROP TABLE __migrate_tui_lease' });
    const { exitCode, last } = await run(['status']);
    expect({ exitCode, last }).toMatchObject({ exitCode: 0, last: { kind: 'status' } });
  });
});

describe('a server', () => {
  test('that refuses the token, which nothing shows', async () => {
    await using server = await startHranaServer({ token: 'the right one' });
    write('.env', 'STAGING_TOKEN=a-wrong-token');
    const app = { url: server.url, authToken: 'env:STAGING_TOKEN' };
    project.configureEnvironment('staging', { targets: { app } });
    const says = [`${server.url} refuses the token`];
    await refused(deploy, { exitCode: 1, code: 'unreachable', says, next: 'environment variable' });
    const { stdout, stderr } = await run(['status', 'staging']);
    expect(stdout + stderr).not.toContain('a-wrong-token');
    expect(server.requests.flatMap(({ sql }) => sql)).toEqual([]);
  });

  test('whose name nobody knows', async () => {
    project.configureEnvironment('staging', { targets: { app: 'libsql://nowhere.invalid' } });
    const says = ['libsql://nowhere.invalid cannot be reached'];
    await refused(deploy, { exitCode: 1, code: 'unreachable', says, next: 'host' });
  });
});

describe('a migration of 50 MB', () => {
  test('is deployed in bounded memory', async () => {
    const rows = Array.from({ length: 1000 }, () => `('${'x'.repeat(1000)}')`).join(',');
    const inserts = Array.from({ length: 50 }, () => `INSERT INTO big VALUES ${rows};`);
    project.add('0002_big', ['CREATE TABLE big (a text);', ...inserts]);
    await using folder = await temporaryFolder();
    const peak = watchPeakMemory(folder.path);
    const options = { cwd: project.root, env: { ...project.env, ...peak.env } };
    expect(await program([...deploy, '--json'], options)).toMatchObject({
      exitCode: 0,
      last: { kind: 'done' },
    });
    const mebibytes = peak.read() / 1024 / 1024;
    // The file is read whole, and its statements stand beside it: some copies of 50 MB, not dozens.
    expect(mebibytes).toBeGreaterThan(50);
    expect(mebibytes).toBeLessThan(1024);
    using database = new DatabaseSync(join(project.root, 'staging.db'), { readOnly: true });
    expect(database.prepare('SELECT count(*) AS n FROM big').get()).toEqual({ n: 50_000 });
  }, 180_000);
});
