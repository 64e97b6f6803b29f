import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { builtPackage } from '../support/built-package.ts';
import { startHranaServer, type HranaServer } from '../support/hrana-server.ts';
import { program } from '../support/program.ts';
import { openScreen } from '../support/screen.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';

let server: HranaServer;
let project: SmallProject;
beforeAll(builtPackage, 120_000);
beforeEach(async () => {
  server = await startHranaServer();
  project = smallProject();
  project.configure({
    environments: { production: { protected: true, targets: { app: server.url } } },
  });
  await deployed();
});
afterEach(async () => {
  project[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
});

const sentence = /copies the rows of production \(2 tables, about \d+\.\d KiB\) to this\s+machine/;

test('the screen asks once before the rows of production come to this machine', async () => {
  await using screen = await openScreen(project);
  await screen.shows('behind 1');
  await screen.press('t');
  await screen.shows('y copies them and rehearses');
  expect(screen.text().replaceAll('┃ ', '')).toMatch(sentence);
  expect(backups()).toEqual([]);
  await screen.press('esc');
  await screen.shows('newest on top');
  expect(backups()).toEqual([]);
  await screen.press('t');
  await screen.shows('y copies them and rehearses');
  await screen.press('y');
  await screen.shows('type its name:');
  expect(backups()).toHaveLength(1);
  await screen.press('esc');
  await screen.shows('newest on top');
  await screen.press('t');
  await screen.shows('type its name:');
  expect(backups()).toHaveLength(2);
});

test('a terminal asks once, and enter leaves the rows where they are', async () => {
  {
    await using asked = await openScreen(project, { args: ['dry-run', 'production'] });
    await asked.shows('Type y to go on, Enter to leave:');
    expect(asked.text()).toMatch(sentence);
    await asked.press('enter');
    expect(await asked.ended()).toMatchObject({ exitCode: 4 });
    expect(asked.text()).toContain('were not copied to this machine');
    expect(backups()).toEqual([]);
  }
  {
    await using agreed = await openScreen(project, { args: ['dry-run', 'production'] });
    await agreed.shows('Type y to go on, Enter to leave:');
    await agreed.press('y', 'enter');
    expect(await agreed.ended()).toMatchObject({ exitCode: 0 });
    expect(backups()).toHaveLength(1);
  }
  await using known = await openScreen(project, { args: ['dry-run', 'production'] });
  expect(await known.ended()).toMatchObject({ exitCode: 0 });
  expect(known.text()).not.toContain('Type y to go on');
});

test('where nobody can be asked, or --yes is given, it is said and goes on', async () => {
  const first = await program(['plan', 'production', '--json'], at());
  expect(first.last).toMatchObject({ copiesRows: { first: true, tables: 2 } });
  const { exitCode, lines } = await program(['dry-run', 'production', '--json'], at());
  expect(exitCode).toBe(0);
  expect(lines.filter(({ kind }) => kind === 'notice').map(({ message }) => message)).toEqual([
    expect.stringMatching(sentence),
  ]);
  expect((await program(['plan', 'production', '--json'], at())).last).toMatchObject({
    copiesRows: { first: false },
  });
  const again = await program(['dry-run', 'production', '--json'], at());
  expect(again.lines.filter(({ kind }) => kind === 'notice')).toEqual([]);
});

test('with --yes a terminal is not asked', async () => {
  await using told = await openScreen(project, { args: ['dry-run', 'production', '--yes'] });
  expect(await told.ended()).toMatchObject({ exitCode: 0 });
  expect(told.text()).toContain('copies the rows of production');
  expect(told.text()).not.toContain('Type y');
});

/** Production with two migrations and one to come, and no trace of it on this machine. */
async function deployed(): Promise<void> {
  const elsewhere = { ...at(), env: { ...project.env, XDG_STATE_HOME: join(project.root, 'elsewhere') } };
  const { exitCode, stdout } = await program(
    ['deploy', 'production', '--yes', '--confirm', 'production', '--json'],
    elsewhere,
  );
  if (exitCode !== 0) throw new Error(stdout);
  project.add('0002_more', ['CREATE TABLE more (id integer);']);
}

function backups(): readonly string[] {
  const state = project.env['XDG_STATE_HOME'] ?? '';
  return existsSync(state) ? globSync('migrate-tui/*/backups/b*', { cwd: state }) : [];
}

function at() {
  return { cwd: project.root, env: project.env };
}
