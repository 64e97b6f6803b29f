import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeAll, describe, expect, test } from 'vitest';
import { builtPackage } from '../support/built-package.ts';
import { gate } from '../support/gate.ts';
import { program, startProgram } from '../support/program.ts';
import { openScreen, typeByHand } from '../support/screen.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';
import type { TestTerminal } from '../support/terminal.ts';

beforeAll(builtPackage, 120_000);

test('rows that a cascade takes along are given up only with their table and number, typed', async () => {
  using project = await deployed('local');
  project.add('0002_empty', ['DELETE FROM teams WHERE id > 0;']);
  await using screen = await openScreen(project);
  await screen.shows(/behind 1.*behind 3.*behind 3/);
  await screen.press('1', 't');
  await screen.shows('members loses 2 rows and no statement says so. Nothing was changed.');
  expect(screen.text()).toContain('type members=2:');
  await typeByHand(screen, 'members=1');
  await screen.press('enter');
  await screen.shows('That is not members=2. Nothing was changed.');
  expect(rows(project, 'local', 'members')).toBe(2);
  await screen.press('\u000B');
  await typeByHand(screen, 'members=2');
  await screen.press('enter');
  await screen.shows(/destroys rows or values in local[^]*type its name:/);
  expect(rows(project, 'local', 'members')).toBe(2);
  await typeByHand(screen, 'local');
  await screen.press('enter');
  await screen.shows(/✓ local is at 0002_empty/);
  expect(rows(project, 'local', 'members')).toBe(0);
  expect(rows(project, 'local', 'teams')).toBe(0);
});

test('an error that a rule found on a protected environment wants a reason in words, then the name', async () => {
  using project = await deployed('production');
  project.add('0002_empty', ['DELETE FROM members;']);
  await using screen = await openScreen(project);
  await screen.shows(/behind 3.*behind 3.*behind 1/);
  await screen.press('3', 't');
  await screen.shows(/1 finding above is an error[^]*Why is it right all the same\?/);
  await screen.press('enter');
  await screen.shows('Say it in words');
  await typeByHand(screen, 'old rows');
  await screen.press('enter');
  await screen.shows('type its name:');
  expect(rows(project, 'production', 'members')).toBe(2);
  await typeByHand(screen, 'production');
  await screen.press('enter');
  await screen.shows(/✓ production is at 0002_empty/);
  expect(rows(project, 'production', 'members')).toBe(0);
});

describe('a target that somebody else is writing to', () => {
  test('is not read either: the page names who holds it since when, and r goes on once it is free', async () => {
    using project = smallProject();
    await using screen = await openScreen(project);
    await screen.shows(/behind 2.*behind 2.*behind 2/);
    const hold = gate(project, 'beforeApply', 'staging');
    await using other = await startProgram(['deploy', 'staging', '--yes', '--json'], at(project));
    await hold.reached();
    await screen.press('2', 't');
    const held = await screen.shows(holder);
    expect(held).toContain('The dry-run failed; staging is unchanged.');
    // The page counts whole seconds: only once one has passed does a new answer look different.
    const heldAt = Date.now();
    await expect.poll(() => Date.now() - heldAt, { timeout: 5000 }).toBeGreaterThan(1100);
    await screen.press('r');
    await screen.until('it was asked again', (text) => sinceOf(text) > sinceOf(held));
    expect(rows(project, 'staging', 'sqlite_schema', "name = 'teams'")).toBe(0);
    other.signal('SIGINT');
    await other.ended;
    await screen.press('r');
    await screen.shows('! deploy to staging');
    hold.open();
    await screen.press('!');
    await screen.shows(/✓ staging is at 0001_members/);
    expect(rows(project, 'staging', 'members')).toBe(2);
  });

  test('is not written to: the review comes back with who holds it, and goes on from its evidence', async () => {
    using project = smallProject();
    await using screen = await openScreen(project);
    await toReview(screen);
    const hold = gate(project, 'beforeApply', 'staging');
    await using other = await startProgram(['deploy', 'staging', '--yes', '--json'], at(project));
    await hold.reached();
    await screen.press('!');
    const held = await screen.shows(holder);
    expect(held).toContain('Backup and dry-run are done; staging is unchanged.');
    expect(rows(project, 'staging', 'sqlite_schema', "name = 'teams'")).toBe(0);
    other.signal('SIGINT');
    await other.ended;
    hold.open();
    await screen.press('r');
    await screen.until('the page without the lock', (text) => !holder.test(text));
    await screen.press('!');
    await screen.shows(/✓ staging is at 0001_members/);
    expect(rows(project, 'staging', 'members')).toBe(2);
  });
});

describe('a target that changed between the dry-run and the confirmation is not written to', () => {
  test('its schema: the page says so, and only a new dry-run leads on', async () => {
    using project = await deployed('staging');
    project.add('0002_more', ['CREATE TABLE more (id integer);']);
    await using screen = await openScreen(project);
    await toReview(screen, /behind 3.*behind 1.*behind 3/);
    change(project, 'staging', 'CREATE TABLE strange (id integer)');
    await screen.press('!');
    const refused = await screen.shows(
      /✗ The schema of staging changed since the rehearsal\.[^]*t rehearses anew/,
    );
    expect(refused).not.toContain('! deploy to staging');
    await screen.press('!');
    await screen.shows('deploy to staging: t rehearses anew');
    expect(rows(project, 'staging', 'sqlite_schema', "name = 'more'")).toBe(0);
    await screen.press('t');
    await screen.shows('! deploy to staging');
    await screen.press('!');
    await screen.shows(/✓ staging is at 0002_more/);
    expect(rows(project, 'staging', 'more')).toBe(0);
    expect(rows(project, 'staging', 'strange')).toBe(0);
  });

  test('its history: somebody else applied the migration, and there is nothing left to do', async () => {
    using project = await deployed('production');
    project.add('0002_more', ['CREATE TABLE more (id integer);']);
    await using screen = await openScreen(project);
    await screen.shows(/behind 3.*behind 3.*behind 1/);
    await screen.press('3', 't');
    await screen.shows('type its name:');
    expect((await program(deploy('production'), at(project))).exitCode).toBe(0);
    await typeByHand(screen, 'production');
    await screen.press('enter');
    await screen.shows('Nothing to deploy');
    expect(rows(project, 'production', '__drizzle_migrations')).toBe(3);
  });

  test('its files: an edited migration is rehearsed again before it may run', async () => {
    using project = await deployed('staging');
    project.add('0002_more', ['CREATE TABLE more (id integer);']);
    await using screen = await openScreen(project);
    await toReview(screen, /behind 3.*behind 1.*behind 3/);
    writeFileSync(join(project.root, 'drizzle', '0002_more.sql'), 'CREATE TABLE more (id integer, b text);');
    await screen.press('!');
    await screen.shows(/✗ [^]*t rehearses anew/);
    expect(rows(project, 'staging', 'sqlite_schema', "name = 'more'")).toBe(0);
    await screen.press('t');
    await screen.shows('! deploy to staging');
    await screen.press('!');
    await screen.shows(/✓ staging is at 0002_more/);
    expect(rows(project, 'staging', "pragma_table_info('more')")).toBe(2);
  });
});

const holder = /✗ \S+@\S+ has held the lock for \d+ s, since \d\d:\d\d:\d\d UTC[^]*r asks again/;

/** How long the page says that the lock has been held, in seconds. */
function sinceOf(text: string): number {
  return Number(/has held the lock for (\d+) s/.exec(text)?.[1]);
}

async function toReview(screen: TestTerminal, matrix = /behind 2.*behind 2.*behind 2/): Promise<void> {
  await screen.shows(matrix);
  await screen.press('2', 't');
  await screen.shows('! deploy to staging');
}

/** A project with one environment that has both of its migrations. */
async function deployed(environment: string): Promise<SmallProject> {
  const project = smallProject();
  const { exitCode, stderr } = await program(deploy(environment), at(project));
  if (exitCode !== 0) throw new Error(`${environment} was not made: ${stderr}`);
  return project;
}

function deploy(environment: string): readonly string[] {
  return ['deploy', environment, '--yes', '--confirm', environment, '--json'];
}

function at(project: SmallProject) {
  return { cwd: project.root, env: project.env };
}

/** How many rows a table of the target has, read from its file. */
function rows(project: SmallProject, environment: string, table: string, where = 'true'): number {
  using database = new DatabaseSync(fileOf(project, environment), { readOnly: true, timeout: 10_000 });
  return Number(database.prepare(`SELECT count(*) AS n FROM ${table} WHERE ${where}`).get()?.['n']);
}

/** What another program does to the target. */
function change(project: SmallProject, environment: string, sql: string): void {
  using database = new DatabaseSync(fileOf(project, environment), { timeout: 10_000 });
  database.exec(sql);
}

function fileOf(project: SmallProject, environment: string): string {
  return join(project.root, `${environment}.db`);
}
