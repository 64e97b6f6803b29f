import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { builtPackage } from '../support/built-package.ts';
import { cli } from '../support/cli.ts';
import { openScreen, typeByHand } from '../support/screen.ts';
import { smallProject } from '../support/small-project.ts';

beforeAll(builtPackage, 120_000);

interface Demo extends Disposable {
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The practice project with every environment at the last migration. */
async function atHead(): Promise<Demo> {
  const home = mkdtempSync(join(tmpdir(), 'migrate-tui-squash-'));
  const root = join(home, 'demo');
  const env = { XDG_STATE_HOME: join(home, 'state'), XDG_CACHE_HOME: join(home, 'cache') };
  await cli(['demo', root, '--no-open'], { cwd: home, env });
  for (const name of ['local', 'dev', 'staging'])
    expect((await cli(['reset', name, '--yes'], { cwd: root, env })).exitCode).toBe(0);
  const deploy = ['deploy', 'production', '--yes', '--confirm', 'production'];
  expect((await cli(deploy, { cwd: root, env })).exitCode).toBe(0);
  return { root, env, [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }) };
}

/** Migrations, without their rollback files. */
const sqlIn = (root: string) =>
  readdirSync(join(root, 'drizzle')).filter((name) => /^[^.]+\.sql$/.test(name));

test('the demo brought to head is squashed on the screen, put back, squashed again and tidied', async () => {
  using demo = await atHead();
  await using screen = await openScreen(demo);
  await screen.shows(/4 production[^]*✓ current[^]*0000 to 0016/);
  await screen.press('s');
  await screen.shows('Squash 0000_first_ledger to 0016_drop_legacy_notes into one file: 17 files become 1.');
  await screen.shows(
    /✓ same schema +both built apart[^]*✓ same rows[^]*✓ custom parts kept +trigger teams_touch/,
  );
  expect(screen.text()).toMatch(/✓ production +0016_drop_legacy_notes +nothing to write/);
  expect(sqlIn(demo.root)).toHaveLength(17);
  await screen.press('!');
  await screen.shows('drizzle/0016_drop_legacy_notes.sql stands for 17 files');
  expect(sqlIn(demo.root)).toEqual(['0016_drop_legacy_notes.sql']);
  await screen.press('esc');
  await screen.shows(/0000 to 0015 +≡ 16 records squashed everywhere/);

  await screen.press('s');
  await screen.shows('One migration: nothing to squash. It stands for 17 files: u puts them back.');
  await screen.press('u');
  await screen.shows('Put 0000_first_ledger to 0016_drop_legacy_notes back in the place of the one file.');
  await screen.press('!');
  await screen.shows('are in drizzle again: 17 files.');
  expect(sqlIn(demo.root)).toHaveLength(17);

  await screen.press('r');
  await screen.shows('17 files become 1. Nothing is written yet.');
  await screen.press('!');
  await screen.shows('stands for 17 files');
  await screen.press('G', 'enter');
  await screen.shows(/Removes 16 records from __drizzle_migrations[^]*type its name: ▏/);
  await typeByHand(screen, 'production');
  await screen.press('enter');
  await screen.shows('production is tidied: 17 records became 1');
  await screen.press('esc');
  await screen.shows(/0000 to 0015[^]*≡ 16 squashed/);
  await screen.press('s');
  await screen.shows(/✓ production +0016_drop_legacy_notes +nothing to do/);
  await screen.press('u');
  await screen.shows(/✗ production +it has the record of 0016_drop_legacy_notes alone/);
  await screen.press('!');
  await screen.shows('put them back: production first');
  await screen.press('esc');
  await screen.until('the matrix again', (text) => !text.includes('put them back'));
  await screen.press('q');
  expect(await screen.ended()).toMatchObject({ exitCode: 0 });
  expect(sqlIn(demo.root)).toHaveLength(1);
});

test('what holds a squash up is left out by typing its name, and rows that differ are accepted with a reason', async () => {
  using project = smallProject();
  project.add('0002_stamps', ["CREATE TABLE stamps (at text); INSERT INTO stamps VALUES (datetime('now'));"]);
  project.configureEnvironment('staging', { targets: { app: 'libsql://127.0.0.1:1' } });
  await using screen = await openScreen(project, { columns: 80, rows: 24 });
  await screen.shows('0002_stamps');
  await screen.press('s');
  await screen.shows(/✗ Squash 0000_teams to 0002_stamps[^]*Refused,\s+and nothing was written/);
  await screen.shows(/\? staging +did not answer/);
  await screen.press('!');
  await screen.shows('staging first');
  await screen.press(' ');
  await screen.shows('To leave it out unasked, type its name: ▏');
  await typeByHand(screen, 'staging');
  await screen.press('enter');
  await screen.shows(/\? staging +left out by name/);
  await screen.press('G', ' ');
  await screen.shows('Why may its rows be those of now?');
  await typeByHand(screen, 'nobody reads it');
  await screen.press('enter');
  await screen.shows(/○ Squash 0000_teams[^]*Nothing\s+is written yet/);
  await screen.press('!');
  await screen.shows('stands for 3 files');
  expect(sqlIn(project.root)).toEqual(['0002_stamps.sql']);
  await screen.press('q');
  expect(await screen.ended()).toMatchObject({ exitCode: 0 });
});
