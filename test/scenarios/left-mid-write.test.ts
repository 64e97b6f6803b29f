import { createHash } from 'node:crypto';
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { otherProgram } from '../support/processes.ts';
import { startResident, type Resident } from '../support/resident.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';

let project: SmallProject;
let cli: Resident;
beforeEach(async () => {
  project = smallProject();
  cli = startResident();
  await run('deploy', 'staging', '--yes');
  project.add('0002_more', ['ALTER TABLE teams ADD note text;']);
  await killTheApp();
});
afterEach(async () => {
  await cli[Symbol.asyncDispose]();
  project[Symbol.dispose]();
});

test('no question changes a database that the app left in the middle of a write, or keeps a copy of it', async () => {
  const before = bytes();
  expect(Object.keys(before)).toEqual(['staging.db', 'staging.db-journal']);
  const status = await run('status', 'staging', '--json');
  expect(status.last).toMatchObject({
    environments: [{ targets: [{ state: ['behind'], applied: 2, pending: 1 }] }],
  });
  expect(JSON.stringify(status.last)).toContain('in the middle of a write');
  const rows = await run(
    'query',
    'staging',
    'SELECT count(*) AS teams, max(name) AS last FROM teams',
    '--json',
  );
  expect(rows.last).toMatchObject({ rows: [[2, 'red']] });
  for (const question of [
    'recover staging',
    'plan staging',
    'verify staging',
    'doctor',
    'status --check',
    'backups',
  ]) {
    const { exitCode, stdout, stderr } = await run(...question.split(' '));
    expect([0, 3], stdout + stderr).toContain(exitCode);
    expect(bytes(), question).toEqual(before);
  }
  expect(scratch()).toEqual([]);
});

test('what is said of it says that a copy was read', async () => {
  for (const question of ['status staging', 'recover staging']) {
    const { stdout } = await run(...question.split(' '));
    expect(stdout, question).toContain('A program ended in the middle of a write to this file.');
  }
});

test('a deploy undoes that write, and goes on from what was there before it', async () => {
  const { exitCode, last } = await run('deploy', 'staging', '--yes', '--json');
  expect(exitCode, JSON.stringify(last)).toBe(0);
  const rows = await run(
    'query',
    'staging',
    'SELECT count(*) AS teams, max(name) AS last FROM teams',
    '--json',
  );
  expect(rows.last).toMatchObject({ rows: [[2, 'red']] });
  expect(Object.keys(bytes())).toEqual(['staging.db']);
});

function run(...argv: readonly string[]) {
  return cli.run(argv, { cwd: project.root, env: project.env });
}

/** With more changed pages than its cache holds, so that some are in the file. */
async function killTheApp(): Promise<void> {
  await using app = otherProgram(
    join(project.root, 'staging.db'),
    `db.exec("PRAGMA cache_size = 2; BEGIN IMMEDIATE; UPDATE teams SET name = 'zzz'");
     for (let n = 0; n < 200; n++) db.exec("INSERT INTO teams (name) VALUES (printf('%04000d', 1))");
     say('in'); await told();`,
  );
  await app.line();
  await app.stop('SIGKILL');
}

function bytes(): Readonly<Record<string, string>> {
  const names = readdirSync(project.root).filter((name) => name.startsWith('staging.db'));
  const hash = (name: string) =>
    createHash('sha256')
      .update(readFileSync(join(project.root, name)))
      .digest('hex');
  return Object.fromEntries(names.toSorted().map((name) => [name, hash(name)]));
}

function scratch(): readonly string[] {
  return globSync('migrate-tui/*/scratch/*', { cwd: project.env['XDG_STATE_HOME'] ?? '' });
}
