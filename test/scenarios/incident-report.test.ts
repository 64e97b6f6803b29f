import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startCli } from '../support/cli.ts';
import { folderContent } from '../support/folder-content.ts';
import { cellsOf, sectionOf } from '../support/markdown-page.ts';
import { startResident } from '../support/resident.ts';
import { misfits } from '../support/schemas.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';
import { localFile } from '../support/wrangler.ts';

const program = startResident();
afterAll(() => program[Symbol.asyncDispose]());
let project: SmallProject;
beforeEach(() => {
  project = smallProject();
});
afterEach(() => project[Symbol.dispose]());

/** Straight to the target, where a statement then fails in earnest. */
const unrehearsed = [
  'deploy',
  'staging',
  '--yes',
  '--without',
  'dry-run',
  '--reason',
  'a test',
  '--confirm',
  'staging',
];

const environment = () => ({ ...project.env, MIGRATE_TUI_USER: 'ann', SECRET_TOKEN: 'tok-3n' });
const ours = (...args: readonly string[]) => program.run(args, { cwd: project.root, env: environment() });

/** What nobody may read in a report: rows, values of statements, credentials. */
const secrets = ['quetzal', 'ocelot', '4711815', 'tok-3n', 'pangolin'] as const;

const secretive = [
  "CREATE TABLE notes (id integer PRIMARY KEY, word text DEFAULT 'quetzal')",
  "INSERT INTO notes VALUES (4711815, 'ocelot') -- a word of pangolin",
  "INSERT INTO notes VALUES (4711815, 'ocelot')",
  'CREATE INDEX notes_word ON notes (word)',
];

describe('the report of a deploy whose statement fails', () => {
  test('tells the whole of it, without a value, and changes nothing', async () => {
    project.configureEnvironment('elsewhere', {
      targets: { app: { url: 'libsql://x.example', authToken: 'env:SECRET_TOKEN' } },
    });
    await done('apply', 'staging', '--yes');
    project.add('0002_notes', secretive);
    const failed = await ours(...unrehearsed, '--show-values');
    expect(failed.exitCode, failed.stderr).toBe(1);
    const before = contentNow();

    const { exitCode, stdout, stderr } = await ours('show', '2', '--report');
    expect(exitCode, stderr).toBe(0);
    expect(contentNow()).toEqual(before);
    expectNoSecret(stdout);

    expect(sectionOf(stdout, 'In short')).toMatch(
      /run 2, deploy of `staging` by ann@\S+ on [\d-]+ [\d:]+ UTC, failed: .*statement 3 of 4 \(drizzle\/0002_notes\.sql:5\): UNIQUE constraint failed: notes\.id/,
    );
    expect(sectionOf(stdout, 'In short')).toContain('- **Now**: `app` is behind.');
    expect(cellsOf(stdout, 'Migrations and statements').map((cells) => cells.slice(0, 3))).toEqual([
      ['statement', 'place', 'in run 2'],
      ['1', '`0002_notes.sql:1`', 'ran, undone'],
      ['2', '`0002_notes.sql:3`', 'ran, undone'],
      ['3', '`0002_notes.sql:5`', '**failed**'],
      ['4', '`0002_notes.sql:7`', 'not begun'],
    ]);
    expect(sectionOf(stdout, 'Migrations and statements')).toContain("INSERT INTO notes VALUES (•••, '•••')");
    expect(sectionOf(stdout, 'Errors')).toContain(
      'Run 2, apply of `0002_notes` in `app`, statement 3: `statement-failed`',
    );
    const advised = /What was advised: (.*)/.exec(sectionOf(stdout, 'Errors'))?.[1];
    expect((await ours('show', '2')).stdout).toContain(`  next      ${advised}`);
    expect(cellsOf(stdout, 'Backups')[1]).toMatchObject({ 0: '`b1`', 4: 'its checksum was read back' });
    expect(sectionOf(stdout, 'Schema')).toContain('without a difference');
    expect(sectionOf(stdout, 'What it is about')).toContain('accepted `without dry-run`; because: a test');
    expect(sectionOf(stdout, 'What was chosen since')).toContain('Nothing yet.');
    expect(sectionOf(stdout, 'State now')).toContain('`app`: behind; 2 migrations applied, 1 pending');
    expect(sectionOf(stdout, 'What remains to be done')).toContain('`migrate-tui deploy staging`');
  });

  test('is the one that recover gives of the environment, and a document for programs', async () => {
    await done('apply', 'staging', '--yes');
    project.add('0002_notes', secretive);
    await ours(...unrehearsed);
    const answered = await ours('recover', 'staging', '--report', '--json', '--out', 'incident.md');
    expect(answered.exitCode, answered.stderr).toBe(0);
    const report = JSON.parse(answered.stdout);
    expect(misfits('incident-report', report)).toEqual([]);
    expect(report).toMatchObject({ kind: 'incident-report', environment: 'staging', run: 2, cases: 0 });
    expect(readFileSync(join(project.root, 'incident.md'), 'utf8')).toBe(report.markdown);
    const shown = await ours('show', '2', '--report');
    expect(withoutTime(shown.stdout)).toBe(withoutTime(report.markdown));
  });

  test('in the dry-run says that nothing was begun', async () => {
    await done('apply', 'staging', '--yes');
    project.add('0002_notes', secretive);
    expect((await ours('deploy', 'staging', '--yes')).exitCode).toBe(4);
    const { stdout } = await ours('show', '2', '--report');
    expectNoSecret(stdout);
    expect(sectionOf(stdout, 'Errors')).toContain(
      'dry-run of `0002_notes` in `app`, statement 3: `rehearsal-failed`',
    );
    expect(sectionOf(stdout, 'Migrations and statements')).toContain(
      'None was begun, and none is unfinished.',
    );
  });
});

test('the report of a deploy that was killed says where, and who went on how', async () => {
  await done('apply', 'staging', '--yes');
  project.add('0002_notes', ['CREATE TABLE notes (id integer)', slow, 'CREATE INDEX notes_id ON notes (id)']);
  other('staging.db', manyTeams);
  await killedInStatement(2);
  const found = await ours('recover', 'staging', '--report');
  expect(found.exitCode, found.stderr).toBe(3);
  expect(sectionOf(found.stdout, 'In short')).toContain('was cut off inside `0002_notes` (`app`)');
  expect(cellsOf(found.stdout, 'Timeline').at(-1)?.at(-1)).toBe(
    '**Cut off**: its process ended without closing the run',
  );
  expect(cellsOf(found.stdout, 'Migrations and statements').map((cells) => [cells[2], cells[4]])).toEqual([
    ['in run 2', 'in `app` now'],
    ['ran', 'not there'],
    ['begun', 'not there'],
    ['not begun', 'not there'],
  ]);
  expect(sectionOf(found.stdout, 'What remains to be done')).toContain(
    '1. `migrate-tui recover staging --choose take-over`',
  );

  await done('recover', 'staging', '--choose', 'take-over', '--yes');
  other('staging.db', "DELETE FROM teams WHERE name LIKE 'team %'");
  await done('apply', 'staging', '--yes');
  const after = await ours('show', '2', '--report');
  const flags = expect.stringMatching(/^by ann, with flags, hash `[0-9a-f]{16}`$/);
  expect(cellsOf(after.stdout, 'What was chosen since').map((cells) => cells.slice(1))).toEqual([
    ['run', 'what', 'by', 'confirmed', 'outcome'],
    ['3', 'recover, `take-over`', expect.stringMatching(/^ann@/), flags, 'done, exit 0'],
    ['4', 'apply', expect.stringMatching(/^ann@/), flags, 'done, exit 0'],
  ]);
  expect(sectionOf(after.stdout, 'State now')).toContain('`app`: current');
  expect(sectionOf(after.stdout, 'What remains to be done')).toContain('Nothing.');
});

describe('the report of what no run of ours began', () => {
  test('names the statement, shows what is there, and later what was chosen', async () => {
    await done('apply', 'staging', '--yes');
    project.add('0002_notes', [secretive[0] ?? '', secretive[3] ?? '']);
    other('staging.db', secretive[0] ?? '');
    const found = await ours('recover', 'staging', '--report');
    expect(found.exitCode, found.stderr).toBe(3);
    expectNoSecret(found.stdout);
    expect(sectionOf(found.stdout, 'In short')).toContain(
      '`app`: 0002_notes: stopped after statement 1 of 2',
    );
    expect(sectionOf(found.stdout, 'Timeline')).toContain('No run that is known here belongs to it');
    expect(cellsOf(found.stdout, 'Migrations and statements').map((cells) => cells.slice(0, 3))).toEqual([
      ['statement', 'place', 'in `app` now'],
      ['1', '`0002_notes.sql:1`', 'there'],
      ['2', '`0002_notes.sql:3`', 'not there'],
    ]);
    expect(sectionOf(found.stdout, 'Schema')).toContain('On the left: what was there before `0002_notes`.');
    expect(sectionOf(found.stdout, 'Schema')).toContain('+CREATE TABLE notes (');
    expect(sectionOf(found.stdout, 'Diagnosis')).toContain('Not seen of statement 2: index notes_word');

    await done('recover', 'staging', '--choose', 'start-over', '--yes');
    const after = await ours('recover', 'staging', '--report');
    expect(after.exitCode).toBe(0);
    expect(sectionOf(after.stdout, 'What it is about')).toContain('recover, `start-over`');
    expect(sectionOf(after.stdout, 'Schema')).toContain('without a difference');
  });

  test('goes back to the run that began what is unfinished, and to none that only failed', async () => {
    await done('apply', 'staging', '--yes');
    project.add('0002_notes', secretive);
    project.add('0003_rooms', ['CREATE TABLE rooms (id integer)', 'INSERT INTO nowhere VALUES (1)']);
    expect((await ours('apply', 'staging', '--yes')).exitCode).toBe(1);
    expect((await ours('apply', 'staging', '--yes', '--only', '0003', '--out-of-order')).exitCode).toBe(1);
    project.add('0004_desks', ['CREATE TABLE desks (id integer)', 'CREATE INDEX desks_id ON desks (id)']);

    other('staging.db', 'CREATE TABLE desks (id integer)');
    const foreign = JSON.parse((await ours('recover', 'staging', '--report', '--json')).stdout);
    expect(foreign).toMatchObject({ cases: 1, markdown: expect.stringContaining('0004_desks: stopped') });
    expect(foreign).not.toHaveProperty('run');

    other('staging.db', secretive[0] ?? '');
    const begun = JSON.parse((await ours('recover', 'staging', '--report', '--json')).stdout);
    expect(begun).toMatchObject({ run: 2, cases: 2 });
    expect(cellsOf(begun.markdown, 'What was chosen since')[1]?.slice(1, 3)).toEqual(['3', 'apply']);
  });

  test('on a local D1 is the same page', async () => {
    const id = '11111111-2222-4333-8444-555555555555';
    writeFileSync(
      join(project.root, 'wrangler.json'),
      JSON.stringify({
        name: 'shop',
        d1_databases: [
          { binding: 'DB', database_name: 'shop', database_id: id, migrations_dir: 'migrations' },
        ],
      }),
    );
    mkdirSync(join(project.root, 'migrations'));
    const write = (name: string, text: string) => writeFileSync(join(project.root, 'migrations', name), text);
    write('0001_users.sql', 'CREATE TABLE users (id integer PRIMARY KEY);\n');
    project.configure({
      databases: { app: { migrations: 'migrations', bookkeeping: 'd1' } },
      environments: { local: { targets: { app: { d1Local: 'DB' } } } },
    });
    await done('apply', 'local', '--yes');
    // D1 takes a word in double quotes for a text.
    write('0002_notes.sql', `${secretive[0] ?? ''};\nINSERT INTO notes VALUES (4711815, "ocelot");\n`);
    other(localFile(project.root, id), secretive[0] ?? '');
    const { exitCode, stdout, stderr } = await ours('recover', 'local', '--report');
    expect(exitCode, stderr).toBe(3);
    expectNoSecret(stdout);
    expect(sectionOf(stdout, 'What it is about')).toContain('d1-local');
    expect(cellsOf(stdout, 'Migrations and statements').map((cells) => cells[2])).toEqual([
      'in `app` now',
      'there',
      'not known',
    ]);
    expect(sectionOf(stdout, 'Migrations and statements')).toContain('VALUES (•••, "•••")');
  });
});

test('the report of a run whose events are gone tells what the ledger has', async () => {
  await done('apply', 'staging', '--yes');
  project.add('0002_notes', secretive);
  await ours(...unrehearsed);
  rmSync(join(project.root, '.migrate-tui/runs/2.ndjson'));
  const { exitCode, stdout, stderr } = await ours('show', '2', '--report');
  expect(exitCode, stderr).toBe(0);
  expect(cellsOf(stdout, 'Timeline').map((cells) => cells[3])).toEqual([
    'what',
    'deploy of `staging` begun',
    'Ended: failed, by the ledger',
  ]);
  expect(sectionOf(stdout, 'In short')).toContain('UNIQUE constraint failed: notes.id');
  expect(sectionOf(stdout, 'Migrations and statements')).toContain('- In run 2: undone in full');
});

test('the report of a database that cannot be read says so, and is not taken for one where nothing is wrong', async () => {
  await done('apply', 'staging', '--yes');
  project.add('0002_notes', secretive);
  await ours(...unrehearsed);
  writeFileSync(
    join(project.root, 'staging.db'),
    'no database at all, and long enough to be seen as none. '.repeat(20),
  );
  const { exitCode, stdout } = await ours('recover', 'staging', '--report');
  expect(exitCode, stdout).toBe(3);
  expect(sectionOf(stdout, 'In short')).toContain('`app` could not be read');
  expect(sectionOf(stdout, 'Errors')).toContain('UNIQUE constraint failed: notes.id');
  expect(sectionOf(stdout, 'State now')).toContain('`app` could not be read: staging.db');
  expect(sectionOf(stdout, 'What remains to be done')).toContain('Make `app` answer');
  const { stdout: json } = await ours('show', '2', '--report', '--json');
  expect(JSON.parse(json)).toMatchObject({ cases: 0, notRead: ['app'] });
});

test('a run that is not there, and flags that do not go together, are named', async () => {
  await done('apply', 'staging', '--yes');
  const missing = await ours('show', '41', '--report');
  expect(missing).toMatchObject({ exitCode: 2 });
  expect(missing.stderr).toContain('There is no run 41');
  for (const args of [
    ['show', '1', '--report', '--follow'],
    ['show', '1', '--out', 'x.md'],
    ['recover', 'staging', '--report', '--choose', 'resume'],
  ]) {
    expect((await ours(...args)).exitCode, args.join(' ')).toBe(2);
  }
  const unwritable = await ours('show', '1', '--report', '--out', 'no/such/folder.md');
  expect(unwritable).toMatchObject({ exitCode: 2 });
  expect(unwritable.stderr).toContain('The report cannot be written');
});

async function done(...args: readonly string[]): Promise<void> {
  const { exitCode, stdout, stderr } = await ours(...args);
  expect(exitCode, `${stdout}${stderr}`).toBe(0);
}

/** Of the project and the state folder; what readers of the ledger share with each other is no content. */
function contentNow(): unknown {
  const all = Object.entries(folderContent(join(project.root, '..')));
  return Object.fromEntries(all.filter(([name]) => !name.endsWith('-shm')));
}

/** Another tool, which keeps no record. */
function other(file: string, sql: string): void {
  using database = new DatabaseSync(join(file.startsWith('/') ? '' : project.root, file));
  database.exec(sql);
}

/** With rows, long enough to be killed in; without, as in a replay, done at once. */
const slow = 'INSERT INTO notes SELECT count(*) FROM teams a, teams b, teams c, teams d';
const manyTeams =
  "INSERT INTO teams (name) WITH RECURSIVE c(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM c WHERE n < 1000) SELECT 'team ' || n FROM c";

/** A statement keeps its process busy: what it printed may come late, what it wrote is there. */
async function killedInStatement(number: number): Promise<void> {
  const deploy = startCli([...unrehearsed, '--json'], { cwd: project.root, env: environment() });
  const closed = once(deploy, 'close');
  const log = join(project.root, '.migrate-tui/runs/2.ndjson');
  const begun = `"number":${number},"of":3,"phase":"begun"`;
  while (deploy.exitCode === null && !(existsSync(log) && readFileSync(log, 'utf8').includes(begun))) {
    await setTimeout(20);
  }
  deploy.kill('SIGKILL');
  await closed;
  expect(readFileSync(log, 'utf8')).toContain(begun);
}

function expectNoSecret(text: string): void {
  for (const secret of secrets) expect(text).not.toContain(secret);
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
}

function withoutTime(markdown: string): string {
  return markdown.replace(/^Put together .* UTC by/m, 'Put together by');
}
