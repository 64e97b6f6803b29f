import { beforeAll, expect, test } from 'vitest';
import { builtPackage } from '../support/built-package.ts';
import { cli } from '../support/cli.ts';
import { openScreen, typeByHand } from '../support/screen.ts';
import { smallProject } from '../support/small-project.ts';
import type { TestTerminal } from '../support/terminal.ts';

beforeAll(builtPackage, 120_000);

test('a whole deploy to an unprotected environment by keys alone, with its summary after the exit', async () => {
  using project = smallProject();
  await using screen = await openScreen(project);
  await screen.shows('behind 2');
  await screen.press('2', 'd');
  await screen.shows('Nothing was done yet');
  await screen.press('t');
  await screen.shows('! deploy to staging');
  await screen.press('!');
  await screen.shows(/✓ staging is at 0001_members/);
  await screen.press('esc');
  await screen.shows(/staging[^]*✓ current/);
  await screen.press('q');
  expect(await screen.ended()).toMatchObject({ exitCode: 0 });
  const left = screen.text();
  expect(left).toContain('exit 0');
  expect(left).toMatch(/1 run, [^]*✓ staging +0000_teams, 0001_members applied, 4 statements/);
});

test('production is written to only once its name was typed, letter by letter', async () => {
  using project = smallProject();
  await using screen = await openScreen(project);
  await toConfirmation(screen);
  await typeByHand(screen, 'production');
  await screen.press('enter');
  await screen.shows(/✓ production is at 0001_members/);
  const { stdout } = await cli(['runs', '--json'], { cwd: project.root, env: project.env });
  expect(stdout).toMatch(/"how": ?"typed"/);
});

test('a pasted name does not confirm', async () => {
  using project = smallProject();
  await using screen = await openScreen(project);
  await toConfirmation(screen);
  screen.type('\u001B[200~production\u001B[201~');
  await screen.shows('Pasted text does not confirm.');
  await screen.press('enter');
  await screen.press('esc');
  await screen.shows(/behind 2[^]*behind 2[^]*behind 2/);
});

test('a name and enter that come in one read do not confirm', async () => {
  using project = smallProject();
  await using screen = await openScreen(project);
  await toConfirmation(screen);
  screen.type('production\r');
  await screen.until('the letters are in the field or refused', (text) => /type its name: \S/.test(text));
  expect(screen.text()).not.toContain('is at 0001_members');
  await screen.press('esc');
  await screen.shows('read');
});

async function toConfirmation(screen: TestTerminal): Promise<void> {
  await screen.shows(/behind 2.*behind 2.*behind 2/);
  await screen.press('3', 't');
  await screen.shows('type its name');
}
