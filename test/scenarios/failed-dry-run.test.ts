import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startResident, type Resident } from '../support/resident.ts';
import { misfits } from '../support/schemas.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';

let resident: Resident;
let project: SmallProject;
beforeAll(() => {
  resident = startResident();
});
afterAll(() => resident[Symbol.asyncDispose]());
beforeEach(async () => {
  project = smallProject();
  await run('apply', 'staging', '--yes');
});
afterEach(() => project[Symbol.dispose]());

test('a dry-run that fails names the migration and the statement, in JSON and on stderr', async () => {
  project.add('0002_more', ['CREATE TABLE more (id integer);']);
  project.add('0003_twice', ['CREATE TABLE notes (id integer);', 'CREATE TABLE more (id integer);']);
  const { exitCode, lines } = await run('dry-run', 'staging', '--json');
  const failure = lines.find(({ kind }) => kind === 'step-failed');
  expect([exitCode, failure]).toMatchObject([
    4,
    { step: 'dry-run', database: 'app', tag: '0003_twice', statement: 2, code: 'rehearsal-failed' },
  ]);
  expect(misfits('event', failure)).toEqual([]);
  const { stderr } = await run('deploy', 'staging', '--yes');
  expect(stderr).toMatch(
    /^✗ dry-run +[\d.]+ m?s +app 0003_twice, statement 2: The dry-run of staging stopped /m,
  );
});

test('one whose statements run, and leave rows that refer to nothing, names the migration', async () => {
  project.add('0002_orphan', ['PRAGMA foreign_keys=OFF;', 'INSERT INTO members (team_id) VALUES (99);']);
  const { lines } = await run('dry-run', 'staging', '--json');
  const failure = lines.find(({ kind }) => kind === 'step-failed');
  expect(failure).toMatchObject({ step: 'dry-run', tag: '0002_orphan' });
  expect(failure).not.toHaveProperty('statement');
});

function run(...args: readonly string[]) {
  return resident.run(args, { cwd: project.root, env: project.env });
}
