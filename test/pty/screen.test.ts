import { beforeAll, describe, expect, test } from 'vitest';
import { builtPackage } from '../support/built-package.ts';
import { openScreen } from '../support/screen.ts';
import { smallProject } from '../support/small-project.ts';
import type { TestTerminal } from '../support/terminal.ts';

beforeAll(builtPackage, 120_000);

test('all environments stand side by side, and q leaves the terminal as it was', async () => {
  using project = smallProject();
  await using screen = await openScreen(project);
  const text = await screen.shows(/behind 2[^]*PROTECTED/);
  expect(text).toMatch(/1 local +2 staging +3 production/);
  expect(text).toMatch(/0001_members +▸ ○ pending +○ pending +○ pending/);
  await screen.press('q');
  expect(await screen.ended()).toMatchObject({ exitCode: 0 });
  expectRestored(screen);
});

test('three keys in one read move the cursor three times', async () => {
  using project = smallProject();
  project.add('0002_a', ['CREATE TABLE a (id integer);']);
  project.add('0003_b', ['CREATE TABLE b (id integer);']);
  await using screen = await openScreen(project);
  await screen.shows('0003_b');
  await screen.shows('behind 4');
  screen.type('jjj');
  await screen.shows(/0000_teams +▸/);
});

describe('however the screen ends, the terminal is as it was', () => {
  test('after ctrl-c without a run, with exit code 0', async () => {
    using project = smallProject();
    await using screen = await openScreen(project);
    await screen.shows('behind 2');
    await screen.press('ctrl-c');
    expect(await screen.ended()).toMatchObject({ exitCode: 0 });
    expectRestored(screen);
  });

  test.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)('after %s, with exit code 130', async (signal) => {
    using project = smallProject();
    await using screen = await openScreen(project);
    await screen.shows('behind 2');
    screen.kill(signal);
    expect(await screen.ended()).toMatchObject({ exitCode: 130 });
    expectRestored(screen);
  });
});

test('a window of any size shows something that fits, down to one sentence', async () => {
  using project = smallProject();
  await using screen = await openScreen(project, { columns: 160, rows: 50 });
  await screen.shows(/PROTECTED read-only/);
  screen.resize(80, 24);
  await screen.until(
    'three columns in 80',
    (text) => /1 local +2 staging +3 production/.test(text) && widest(text) <= 80,
  );
  screen.resize(60, 20);
  await screen.shows(/1 ○ local +2 ○ staging/);
  screen.resize(30, 8);
  await screen.shows(/Make the\s+window\s+larger/);
  screen.resize(120, 36);
  await screen.shows(/1 local +2 staging +3 production/);
});

test('a filter takes letters as text, and esc clears it', async () => {
  using project = smallProject();
  await using screen = await openScreen(project);
  await screen.shows('behind 2');
  await screen.press('/');
  screen.type('team');
  await screen.until(
    'one row is left',
    (text) => text.includes('0000_teams') && !text.includes('0001_members'),
  );
  await screen.press('esc');
  await screen.shows('0001_members');
});

test('help shows the keys of the view and why one does not work now', async () => {
  using project = smallProject();
  await using screen = await openScreen(project);
  await screen.shows('behind 2');
  await screen.press('?');
  await screen.shows('keys of environments');
  // What does not work now stands last, behind more keys than there are rows.
  await screen.press('/');
  screen.type('database');
  await screen.shows('there is one database only');
  await screen.press('esc');
  await screen.shows('/ find a key');
  await screen.press('esc');
  await screen.until('help is closed', (text) => !text.includes('keys of environments'));
});

test('the palette opens a review by its name and teaches the command line', async () => {
  using project = smallProject();
  await using screen = await openScreen(project);
  await screen.shows('behind 2');
  await screen.press(':');
  screen.type('deploy prod');
  await screen.shows('migrate-tui deploy production --yes --confirm production');
  await screen.press('enter');
  await screen.shows(/production › review/);
});

test('hidden characters in a file name are shown, and reach the terminal in no other form', async () => {
  using project = smallProject();
  project.add('0002_\u202Egnp', ['CREATE TABLE c (id integer);']);
  await using screen = await openScreen(project);
  await screen.shows('<U+202E>');
  expect(screen.raw).not.toContain('\u202E');
});

function expectRestored(screen: TestTerminal): void {
  expect(screen.buffer).toBe('normal');
  expect(screen.bracketedPaste).toBe(false);
  expect(screen.cursorHidden).toBe(false);
}

function widest(text: string): number {
  return Math.max(...text.split('\n').map((line) => line.length));
}
