import { expect, test } from 'vitest';
import { program, startProgram } from '../support/program.ts';
import { smallProject } from '../support/small-project.ts';

test('which statement a local database is busy with is said before it is done with it', async () => {
  using project = smallProject('empty');
  project.add('0000_long', [
    'CREATE TABLE counted (n integer)',
    'INSERT INTO counted WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 300000) SELECT count(*) FROM c',
    'DROP TABLE counted',
  ]);
  await using running = await startProgram(['apply', 'local', '--yes', '--json'], {
    cwd: project.root,
    env: project.env,
  });
  await running.line(({ kind, number, phase }) => kind === 'statement' && number === 2 && phase === 'begun');
  // What is told in one go comes in one go.
  expect(running.lines.at(-1)).toMatchObject({ kind: 'statement', number: 2, phase: 'begun' });
  expect(await running.ended).toMatchObject({ exitCode: 0 });
});

test('which statement a rehearsal is busy with is said, too: it takes as long on a copy', async () => {
  using project = smallProject('empty');
  project.add('0000_long', [
    'CREATE TABLE counted (n integer)',
    'INSERT INTO counted WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 300000) SELECT count(*) FROM c',
  ]);
  await using running = await startProgram(['dry-run', 'local', '--json'], {
    cwd: project.root,
    env: project.env,
  });
  await running.line(({ kind, number }) => kind === 'statement' && number === 2);
  expect(running.lines.at(-1)).toMatchObject({ step: 'dry-run', tag: '0000_long', of: 2, phase: 'begun' });
  expect(await running.ended).toMatchObject({ exitCode: 0 });
});

test('a run that was killed inside its first migration is said to have been in it, everywhere', async () => {
  using project = smallProject('empty');
  project.add('0000_long', [
    'CREATE TABLE counted (n integer)',
    'INSERT INTO counted WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 30000000) SELECT count(*) FROM c',
  ]);
  const place = { cwd: project.root, env: project.env };
  await using running = await startProgram(['apply', 'local', '--yes', '--json'], place);
  await running.line(({ kind, number, phase }) => kind === 'statement' && number === 2 && phase === 'begun');
  running.signal('SIGKILL');
  await running.ended;
  const { stdout } = await program(['status', 'local'], place);
  expect(stdout).toMatch(/was cut off inside 0000_long; what it had not committed was undone/);
  const { last } = await program(['recover', 'local', '--json'], place);
  expect(JSON.stringify(last)).toContain('and had committed no migration');
});
