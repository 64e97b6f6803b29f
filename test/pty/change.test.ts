import { beforeAll, expect, test } from 'vitest';
import { builtPackage } from '../support/built-package.ts';
import { byHand, namesBy } from '../support/by-hand.ts';
import { carryOut, consent, selection, statusIn } from '../support/in-process.ts';
import { confirmByHand, openScreen } from '../support/screen.ts';
import { smallProject } from '../support/small-project.ts';
import type { TestTerminal } from '../support/terminal.ts';

beforeAll(builtPackage, 120_000);

test('a database that was made without records: the deploy fails on what is there, and m leads to the place that it is', async () => {
  using project = smallProject();
  project.add('0002_pages', ['CREATE TABLE notes (id integer);', 'CREATE TABLE pages (id integer);']);
  await byHand(project, [
    'CREATE TABLE pages (id integer, name text)',
    "INSERT INTO pages VALUES (1, 'one')",
  ]);
  await using screen = await openScreen(project);
  await screen.shows('○ behind 3');
  await screen.press('d');
  await screen.shows('Nothing was done yet');
  await screen.press('t');
  await screen.shows('no record of any migration');
  expect(screen.text()).toMatch(/^ m baseline/m);
  await screen.press('m');
  await screen.shows('local is what no place of the folder makes');
  expect(screen.text()).toMatch(/▸ 0000_teams +≠ differs: table pages is here/);
  await screen.press('enter');
  await screen.shows('Why is it right all the same? ▏');
  expect(screen.text()).toContain('+ 1 record');
  await confirmByHand(screen, 'teams are elsewhere');
  await screen.shows('! write 1 record');
  await screen.press('!');
  await screen.shows('local is at 0000_teams: 1 record written, nothing run.');
  await screen.shows('2 migrations more may run in local: d deploys.');
  await screen.press('d');
  await screen.shows('Deploy 2 pending migrations to local');
  expect(await namesBy(project, 'SELECT name FROM pages')).toEqual(['one']);
  await leave(screen);
});

test('reset stands in the palette, is agreed to by its name alone, and never offered for a protected environment', async () => {
  using project = smallProject();
  await carryOut(project, { kind: 'deploy', environment: 'local', selection, consent });
  await byHand(project, ["INSERT INTO teams VALUES (9, 'mine')"]);
  await using screen = await openScreen(project);
  await screen.shows('✓ current');
  await screen.press(':');
  await screen.press('r', 'e', 's', 'e', 't', ' ', 'p');
  await screen.shows('not now: protected, never emptied');
  await screen.press('esc');
  await screen.shows(/^[^┌]*$/);
  await screen.press(':');
  await screen.press('r', 'e', 's', 'e', 't', ' ', 'l');
  await screen.shows('migrate-tui reset local');
  await screen.press('enter');
  await screen.shows('This takes away what local holds now.');
  expect(screen.text()).toContain('- 2 tables with 5 rows');
  await screen.press('enter');
  await screen.shows('Nothing is typed yet. It is local, or esc.');
  await confirmByHand(screen, 'local');
  await screen.shows('local is built anew: 2 migrations applied and verified.');
  expect(screen.text()).toContain('What local was before is in b1');
  expect(await namesBy(project, 'SELECT name FROM teams ORDER BY id')).toEqual(['red', 'blue']);
  await leave(screen);
});

test('m on a migration takes its record away once the protected environment is named', async () => {
  using project = smallProject();
  const confirmed = { ...consent, confirm: { environment: 'production', hash: undefined } };
  await carryOut(project, { kind: 'deploy', environment: 'production', selection, consent: confirmed });
  await using screen = await openScreen(project);
  await screen.shows(/✓ current/);
  await screen.press('3', 'g', 'm');
  await screen.shows('Removes the record of 0001_members from __drizzle_migrations');
  await confirmByHand(screen, 'production');
  await screen.shows('0001_members is pending in production now; no statement of it was run.');
  expect(await statusIn(project, 'production')).toMatchObject({ applied: 1, pending: 1 });
  await leave(screen);
});

test('f fetches the rows of production: a column without a rule gets one there, and no real value comes over', async () => {
  using project = smallProject();
  project.add('0002_people', [
    'CREATE TABLE people (id integer PRIMARY KEY, email text NOT NULL);',
    "INSERT INTO people (email) VALUES ('ada@example.org'), ('bob@example.org');",
  ]);
  const confirmed = { ...consent, confirm: { environment: 'production', hash: undefined } };
  await carryOut(project, { kind: 'deploy', environment: 'production', selection, consent: confirmed });
  await byHand(project, ['CREATE TABLE mess (name text)', "INSERT INTO mess VALUES ('mine')"]);
  await using screen = await openScreen(project);
  await screen.shows(/✓ current/);
  await screen.press('1', 'f');
  await screen.shows(/▸ production +protected, 3 migrations applied/);
  await screen.press('enter');
  await screen.shows(/local ‹ production[^]*▸ +email +no rule +looks like an e-mail address/);
  await screen.press(' ');
  await screen.shows(/▸ +email +hash[^]*type its name: ▏/);
  expect(screen.text()).toContain('- 1 table with 1 row');
  await confirmByHand(screen, 'local');
  await screen.shows(/local has what production has: 3 tables, 1 masked/);
  expect(screen.text()).toMatch(/✓ people +2 +2 {2}masked +email hash/);
  expect(await namesBy(project, 'SELECT email AS name FROM people ORDER BY id')).toEqual([
    expect.stringMatching(/^masked_.*@masked\.invalid$/),
    expect.stringMatching(/^masked_.*@masked\.invalid$/),
  ]);
  await leave(screen);
});

test('a backup is restored from its page, once what is there now may go', async () => {
  using project = smallProject();
  await carryOut(project, { kind: 'deploy', environment: 'local', selection, consent });
  await carryOut(project, { kind: 'backup', environment: 'local', databases: undefined, tables: undefined });
  await byHand(project, ["INSERT INTO teams VALUES (9, 'mine')"]);
  await using screen = await openScreen(project);
  await screen.shows('✓ current');
  await screen.press('1', 'b');
  await screen.shows(/▸ b\d/);
  await screen.press('enter');
  await screen.shows(/A restore of b\d overwrites what local holds now\./);
  await confirmByHand(screen, 'local');
  await screen.shows(/local is as b\d has it/);
  expect(await namesBy(project, 'SELECT name FROM teams ORDER BY id')).toEqual(['red', 'blue']);
  await leave(screen);
});

async function leave(screen: TestTerminal): Promise<void> {
  await screen.press('q');
  expect(await screen.ended()).toMatchObject({ exitCode: 0 });
}
