import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { builtPackage } from '../support/built-package.ts';
import { openScreen } from '../support/screen.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';

beforeAll(builtPackage, 120_000);

test('the first look at a project without a config of ours is a welcome, and the second is not', async () => {
  using project = withoutConfig();
  {
    await using screen = await openScreen(project);
    await screen.shows('without any config of migrate-tui');
    await screen.press('1');
    await screen.shows(/0001_members +▸ ○ pending/);
    await screen.press('q');
    await screen.ended();
  }
  await using again = await openScreen(project);
  await again.shows(/0001_members +▸ ○ pending/);
  expect(again.text()).not.toContain('without any config');
});

test('the config is shown before it is written, and then it is what the screen reads', async () => {
  using project = withoutConfig();
  const file = join(project.root, 'migrate-tui.config.ts');
  await using screen = await openScreen(project);
  await screen.shows('without any config of migrate-tui');
  await screen.press('2');
  await screen.shows(/Nothing is written yet[^]*defineConfig/);
  expect(existsSync(file)).toBe(false);
  await screen.press('!');
  await screen.shows('newest on top');
  expect(existsSync(file)).toBe(true);
});

test('a project is opened where it was left, environment and row, with no filter that hides the rest', async () => {
  using project = smallProject();
  {
    await using screen = await openScreen(project);
    await screen.shows(/behind 2.*behind 2.*behind 2/);
    await screen.press('3', 'j', '/', 't', 'e', 'a', 'm', 'enter');
    await screen.shows('/team');
    await screen.press('q');
    await screen.ended();
  }
  await using again = await openScreen(project);
  await again.shows(/0001_members[^]*0000_teams +○ pending +○ pending +▸ ○ pending/);
  expect(again.text()).not.toContain('/team');
});

test('two quick esc are two steps back', async () => {
  using project = smallProject();
  await using screen = await openScreen(project);
  await screen.shows('behind 2');
  await screen.press('H');
  await screen.shows('No run yet');
  await screen.press('?');
  await screen.shows('keys of runs');
  screen.type('\u001B\u001B');
  await screen.shows('newest on top');
});

/** A plain Drizzle project, as drizzle-kit knows it. */
function withoutConfig(): SmallProject {
  const project = smallProject();
  rmSync(join(project.root, 'migrate-tui.config.json'));
  const config = { dialect: 'turso', out: './drizzle', dbCredentials: { url: 'file:local.db' } };
  writeFileSync(join(project.root, 'drizzle.config.ts'), `export default ${JSON.stringify(config)};\n`);
  return project;
}
