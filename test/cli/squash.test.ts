import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cli } from '../support/cli.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';

let project: SmallProject;
beforeEach(() => {
  project = smallProject();
});
afterEach(() => project[Symbol.dispose]());

const squash = (...args: readonly string[]) =>
  cli(['squash', ...args], { cwd: project.root, env: project.env });
const isValid = new Ajv2020({ strict: true }).compile(
  JSON.parse(readFileSync('meta/squash.schema.json', 'utf8')),
);

test('squash shows the proof and writes nothing, with --yes the file, with --undo the originals', async () => {
  const proof = await squash();
  expect(proof).toMatchObject({ exitCode: 0, stderr: '' });
  expect(proof.stdout).toContain(
    '0000_teams to 0001_members into one file: 2 files become 1. Nothing is written yet.',
  );
  expect(proof.stdout).toMatch(/✓ {2}same rows +4 rows that migrations insert: members 2, teams 2/);
  expect(proof.stdout).toContain('migrate-tui squash --yes');
  expect(sqlFiles()).toEqual(['0000_teams.sql', '0001_members.sql']);
  const written = await squash('--yes', '--json');
  const report: unknown = JSON.parse(written.stdout);
  expect(report).toMatchObject({
    kind: 'squash',
    state: 'written',
    baseline: { file: 'drizzle/0001_members.sql' },
  });
  expect(isValid(report), JSON.stringify(isValid.errors)).toBe(true);
  expect(sqlFiles()).toEqual(['0001_members.sql']);
  expect((await squash()).stdout).toMatch(/^drizzle: one migration: nothing to squash\./);
  expect((await squash('--undo', '--yes')).stdout).toMatch(
    /^0000_teams to 0001_members are in drizzle again: 2 files\./,
  );
  expect(sqlFiles()).toEqual(['0000_teams.sql', '0001_members.sql']);
  expect((await squash('--undo')).stdout).toMatch(/nothing to undo/);
});

test('squash that is refused exits 4 and says everything that stands in the way', async () => {
  project.configure({ installations: 'unknown' });
  project.add('0002_random', ['CREATE TABLE r (a integer);', 'INSERT INTO r VALUES (random());']);
  const { exitCode, stdout } = await squash('--yes');
  expect(exitCode).toBe(4);
  expect(stdout).toContain('others install this application');
  expect(stdout).toContain("--accept replay-differs:r --reason '…'");
  const json = await squash('--yes', '--json');
  expect(json.exitCode).toBe(4);
  expect(isValid(JSON.parse(json.stdout)), JSON.stringify(isValid.errors)).toBe(true);
  expect(sqlFiles()).toHaveLength(3);
});

test.each([
  [['--undo', '--to', '0001'], /--to names no part of it/],
  [['--accept', 'replay-differs:r'], /needs a reason/],
  [['--accept', 'drop-column:r', '--reason', 'x'], /nothing to be accepted here/],
  [['--leave-out', 'stagin'], /no environment stagin/],
  [['--to', '0009'], /No migration begins with 0009/],
])('squash %j is understood by nobody', async (args, message) => {
  const { exitCode, stderr } = await squash(...args);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(message);
});

test('a history that cannot be replayed is named with file and line', async () => {
  project.add('0002_broken', ['SELECT 1;', 'ALTER TABLE nowhere ADD a text;']);
  const { exitCode, stderr } = await squash();
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/at 0002_broken, statement 2 \(.*0002_broken\.sql:3\), because .*nowhere/);
});

function sqlFiles(): readonly string[] {
  return readdirSync(join(project.root, 'drizzle')).filter((name) => name.endsWith('.sql'));
}
