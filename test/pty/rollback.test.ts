import { beforeAll, expect, test } from 'vitest';
import { builtPackage } from '../support/built-package.ts';
import { cli } from '../support/cli.ts';
import { openScreen, typeByHand } from '../support/screen.ts';
import { rollbackProject } from '../support/rollback-project.ts';

beforeAll(builtPackage, 120_000);

test('u takes a migration and what came after it back, through the review of its dry-run', async () => {
  using project = rollbackProject();
  const place = { cwd: project.root, env: project.env };
  for (const name of ['local', 'staging'])
    expect((await cli(['apply', name, '--yes'], place)).exitCode).toBe(0);
  await using screen = await openScreen(project, { columns: 100, rows: 30 });
  await screen.shows(/2 staging[^]*✓ current/);
  await screen.press('2');
  await screen.press('a');
  await screen.shows('0001_members');
  await screen.press('j');
  await screen.press('u');
  await screen.shows('Take back 0002 and 1 more in staging, database app: 3 statements.');
  await screen.shows('0000_teams stays applied');
  await screen.press('t');
  await screen.shows(/Backup and dry-run are done;\s+staging is unchanged/);
  await screen.shows(/members +2 rows, then +gone +-2 +0001 statement 1: DROP TABLE/);
  await screen.shows('This destroys rows or values in staging.');
  await typeByHand(screen, 'staging');
  await screen.press('enter');
  await screen.shows('staging is back at 0000_teams: 2 migrations taken back and verified.');
  await screen.press('esc');
  await screen.shows(/2 staging[^]*○ behind 2/);
  await screen.press('q');
  expect(await screen.ended()).toMatchObject({ exitCode: 0 });
  const { stdout } = await cli(['status', 'staging', '--json'], place);
  expect(JSON.parse(stdout)).toMatchObject({ environments: [{ targets: [{ applied: 1, pending: 2 }] }] });
});

test('u says why a migration cannot be taken back', async () => {
  using project = rollbackProject();
  project.add('0003_notes', ['CREATE TABLE notes (id integer PRIMARY KEY);']);
  const place = { cwd: project.root, env: project.env };
  expect((await cli(['apply', 'local', '--yes'], place)).exitCode).toBe(0);
  await using screen = await openScreen(project, { columns: 100, rows: 30 });
  await screen.shows(/1 local[^]*✓ current/);
  await screen.press('u');
  await screen.shows('0003 has no rollback file');
  await screen.press('q');
  expect(await screen.ended()).toMatchObject({ exitCode: 0 });
});

test('with --accessible it is asked for in the words of the command line, and led through in sentences', async () => {
  using project = rollbackProject();
  const place = { cwd: project.root, env: project.env };
  expect((await cli(['apply', 'staging', '--yes'], place)).exitCode).toBe(0);
  await using terminal = await openScreen(project, { args: ['--accessible'], columns: 160, rows: 60 });
  await terminal.shows('Which environment?');
  terminal.type('rollback staging --to 0002\r');
  await terminal.shows(/Nothing to roll back: nothing of staging came after 0002\.[^]*Which environment/);
  terminal.type('rollback staging --to 0001\r');
  await terminal.shows('Take back 0002 in staging, database app.');
  await terminal.shows('Type 1, or press enter to leave it as it is:');
  terminal.type('1\r');
  await terminal.shows('Type apply to write to staging');
  terminal.type('apply\r');
  await terminal.shows('staging is back at 0001_members');
  await terminal.shows(/is back at 0001_members[^]*Which environment/);
  terminal.type('\r');
  expect(await terminal.ended()).toMatchObject({ exitCode: 0 });
});
