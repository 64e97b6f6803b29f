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
  const printed = await squash('--print');
  expect(printed.stdout).toMatch(/^-- Stands for 2 migrations, 0000_teams to 0001_members/);
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
  expect(readFileSync(join(project.root, 'drizzle/0001_members.sql'), 'utf8')).toBe(printed.stdout);
  expect((await squash()).stdout).toMatch(/^drizzle: one migration: nothing to squash\./);
  expect((await squash('--undo', '--yes')).stdout).toMatch(
    /^0000_teams to 0001_members are in drizzle again: 2 files\./,
  );
  expect(sqlFiles()).toEqual(['0000_teams.sql', '0001_members.sql']);
  expect((await squash('--undo')).stdout).toMatch(/^drizzle: nothing to squash, and nothing to undo\./);
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

test('squash --tidy shows what would become one record, and with --yes makes it so', async () => {
  const at = { cwd: project.root, env: project.env };
  await cli(['apply', 'local', '--yes'], at);
  await squash('--yes');
  const look = await squash();
  expect(look.stdout).toMatch(/✓ {2}local +0001_members +tidying 2 records into 1 has its own review/);
  expect(look.stdout).toContain('migrate-tui squash --tidy local');
  const refused = await squash('--tidy', 'local');
  expect(refused.exitCode).toBe(4);
  expect(refused.stderr).toContain('Removes 1 record from __drizzle_migrations');
  expect(refused.stderr).toContain('migrate-tui squash --tidy local --yes');
  const tidied = await squash('--tidy', 'local', '--yes');
  expect(tidied).toMatchObject({ exitCode: 0 });
  expect(tidied.stdout).toContain('local is tidied: 2 records became 1');
  expect((await squash('--tidy', 'local', '--yes')).stdout).toContain('Nothing to tidy');
  const undo = await squash('--undo');
  expect(undo.exitCode).toBe(4);
  expect(undo.stdout).toMatch(/✗ {2}local +- +needs the one file/);
  expect(undo.stdout.match(/it has the record of 0001_members alone/g)).toHaveLength(1);
});

test.each([
  [['--tidy', 'local', '--undo'], /--tidy is of a squash that was made; --undo does not fit/],
  [['--tidy', 'nowhere'], /no environment nowhere/],
  [['--print', '--yes'], /--print only shows the one file/],
  [['--confirm', 'production'], /--confirm is for --tidy/],
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
