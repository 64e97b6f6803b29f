import { createClient } from '@libsql/client';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startResident } from '../support/resident.ts';
import { rollbackProject, type RollbackProject } from '../support/rollback-project.ts';

const program = startResident();
afterAll(() => program[Symbol.asyncDispose]());

let project: RollbackProject;
beforeEach(() => {
  project = rollbackProject();
});
afterEach(() => project[Symbol.dispose]());

describe('a rollback of a file', { timeout: 60_000 }, () => {
  test('takes the migrations after a tag back, newest first, and the next deploy runs them again', async () => {
    await deployed('staging');
    const back = await run('rollback', 'staging', '--to', '0000', '--yes');
    expect(back.last).toMatchObject({
      kind: 'done',
      message: 'staging is back at 0000_teams: 2 migrations taken back and verified.',
      applied: [],
      undone: [
        { database: 'app', tag: '0002_colours' },
        { database: 'app', tag: '0001_members' },
      ],
    });
    expect(await objectsIn('staging')).toEqual(['teams']);
    expect(await rowsIn('staging', 'SELECT name FROM teams')).toHaveLength(2);
    expect((await run('verify', 'staging')).exitCode).toBe(0);
    expect((await run('deploy', 'staging', '--yes')).last).toMatchObject({
      kind: 'done',
      applied: [{ tag: '0001_members' }, { tag: '0002_colours' }],
    });
    expect((await run('verify', 'staging')).exitCode).toBe(0);
  });

  test('a second time has nothing to do and says so', async () => {
    await deployed('staging');
    expect((await run('rollback', 'staging', '--to', '1', '--yes')).exitCode).toBe(0);
    const again = await run('rollback', 'staging', '--to', '1', '--yes');
    expect(again.exitCode).toBe(0);
    expect(again.last).toMatchObject({ message: 'Nothing to roll back: staging is at 0001_members.' });
  });

  test('to nothing leaves a database that a deploy begins with', async () => {
    await deployed('staging');
    const zero = await run('rollback', 'staging', '--to', '0', '--yes');
    expect(zero.exitCode).toBe(2);
    expect(zero.last).toMatchObject({ code: 'usage', next: 'Write --to 0000_teams, or --to nothing.' });
    const back = await run('rollback', 'staging', '--to', 'nothing', '--yes');
    expect(back.last).toMatchObject({
      kind: 'done',
      message: 'staging is back without migrations: 3 migrations taken back and verified.',
    });
    expect(await objectsIn('staging')).toEqual([]);
    await deployed('staging');
  });

  test('without consent is rehearsed, told with its command, and changes nothing; its plan is not rehearsed again', async () => {
    await deployed('staging');
    const told = await run('rollback', 'staging', '--to', '0000');
    expect(told.exitCode).toBe(4);
    expect(told.last).toMatchObject({
      code: 'not-confirmed',
      message: '2 migrations would be taken back in staging; nobody agreed to that. Nothing was changed.',
      next: 'Run: migrate-tui rollback staging --to 0000 --yes',
      notBegun: [{ tag: '0002_colours' }, { tag: '0001_members' }],
    });
    const rehearsal = told.lines.find(({ step, kind }) => step === 'dry-run' && kind === 'step-finished');
    expect(rehearsal).toMatchObject({
      evidence: {
        tables: [
          { table: 'members', rowsBefore: 2, causes: [{ tag: '0001_members', verb: 'drop' }] },
          { table: 'teams' },
        ],
        losses: [],
      },
    });
    expect(await objectsIn('staging')).toContain('members');
    const plan = String(told.lines.find(({ kind }) => kind === 'rehearsed')?.['plan']);
    const done = await run('rollback', 'staging', '--to', '0000', '--plan', plan, '--yes');
    expect(done.exitCode).toBe(0);
    expect(done.lines.filter(({ step }) => step === 'dry-run')).toEqual([]);
    expect(await objectsIn('staging')).toEqual(['teams']);
  });

  test('that was rehearsed is rehearsed anew when a rollback file is another one now', async () => {
    await deployed('staging');
    const told = await run('rollback', 'staging', '--to', '0001');
    const plan = String(told.lines.find(({ kind }) => kind === 'rehearsed')?.['plan']);
    project.undo('0002_colours', [
      'DROP INDEX IF EXISTS teams_colour_idx;',
      'ALTER TABLE teams DROP COLUMN colour;',
    ]);
    const done = await run('rollback', 'staging', '--to', '0001', '--plan', plan, '--yes');
    expect(done.lines.find(({ message }) => /is rehearsed anew/.test(String(message)))).toBeDefined();
    expect(done.exitCode).toBe(0);
  });
});

describe('what a rollback file leaves or takes', { timeout: 60_000 }, () => {
  test('is named, stops a protected environment, and leaves it as it was', async () => {
    await deployed('production');
    project.undo('0002_colours', ['DROP INDEX teams_colour_idx;', 'ALTER TABLE teams ADD COLUMN x text;']);
    const refused = await run(...back, '--confirm', 'production');
    expect(refused.exitCode).toBe(4);
    expect(refused.last).toMatchObject({
      code: 'protected',
      message: expect.stringContaining(
        '0002_colours.rollback.sql leaves column teams.colour, column teams.x',
      ),
    });
    expect(await objectsIn('production')).toContain('teams_colour_idx');
    const hash = String(refused.last?.['hash']);
    const accepted = ['--accept', 'rollback-differs:0002_colours', '--reason', 'looked at'];
    const nameAlone = await run(...back, ...accepted, '--confirm', 'production');
    expect(nameAlone.last).toMatchObject({ code: 'not-confirmed' });
    const done = await run(...back, ...accepted, '--confirm', `production@${hash}`);
    expect(done.exitCode).toBe(0);
    expect(await objectsIn('production')).not.toContain('teams_colour_idx');
  });

  test('is accepted with --yes elsewhere, and said', async () => {
    await deployed('staging');
    project.undo('0002_colours', ['DROP INDEX teams_colour_idx;']);
    const done = await run('rollback', 'staging', '--to', '0001', '--yes');
    expect(done.exitCode).toBe(0);
    expect(done.lines).toContainEqual(
      expect.objectContaining({
        kind: 'notice',
        message: expect.stringContaining('leaves column teams.colour'),
      }),
    );
  });

  test('names what it takes too much, with the file that takes it', async () => {
    await deployed('staging');
    project.undo('0001_members', ['DROP TABLE members;', 'DROP TABLE teams;']);
    const told = await run('rollback', 'staging', '--to', '0000');
    expect(told.lines.find(({ kind }) => kind === 'rehearsed')).toMatchObject({
      findings: expect.arrayContaining([
        expect.objectContaining({
          rule: 'rollback-differs',
          tag: '0001_members',
          message: expect.stringContaining('does not bring back table teams'),
        }),
      ]),
    });
  });

  test('may hold several statements without a breakpoint, which are for a migrator that runs no such file', async () => {
    await deployed('staging');
    const file = join(project.root, 'drizzle/0002_colours.rollback.sql');
    writeFileSync(file, 'DROP INDEX teams_colour_idx;\nALTER TABLE teams DROP COLUMN colour;\n');
    const done = await run('rollback', 'staging', '--to', '0001', '--yes');
    expect(done.exitCode).toBe(0);
    const rehearsed = done.lines.find(({ kind }) => kind === 'rehearsed');
    expect(rehearsed).toBeDefined();
    expect(JSON.stringify(rehearsed)).not.toContain('breakpoint');
  });

  test('says nothing of what somebody added by hand before', async () => {
    await deployed('staging');
    await rowsIn('staging', 'CREATE INDEX by_hand ON teams (name)');
    const told = await run('rollback', 'staging', '--to', '0001');
    expect(told.lines.find(({ kind }) => kind === 'rehearsed')).toMatchObject({
      findings: [{ rule: 'drop-column' }],
    });
  });

  test('that takes rows of another table along is refused, also with --yes', async () => {
    await deployed('staging');
    project.undo('0002_colours', [
      'DROP INDEX teams_colour_idx;',
      'ALTER TABLE teams DROP COLUMN colour;',
      'DELETE FROM teams;',
    ]);
    const refused = await run('rollback', 'staging', '--to', '0001', '--yes');
    expect(refused.exitCode).toBe(4);
    expect(refused.last).toMatchObject({
      code: 'rows-lost',
      message: expect.stringContaining('members loses 2 rows'),
      next: expect.stringContaining('--accept-loss members=2'),
    });
    expect(await rowsIn('staging', 'SELECT * FROM members')).toHaveLength(2);
  });
});

test(
  'a rollback file that fails is named with its line, and nothing is changed',
  { timeout: 60_000 },
  async () => {
    await deployed('staging');
    project.undo('0001_members', ['DROP TABLE membres;']);
    const failed = await run('rollback', 'staging', '--to', '0000', '--yes');
    expect(failed.exitCode).toBe(4);
    expect(failed.last).toMatchObject({
      code: 'rehearsal-failed',
      message: expect.stringMatching(/0001_members, statement 1 of 1 \(.*0001_members\.rollback\.sql:1\)/),
      next: expect.stringContaining('If members is meant'),
    });
    expect(await objectsIn('staging')).toContain('teams_colour_idx');
  },
);

test('the report of a run shows the rollback file and what it did', { timeout: 60_000 }, async () => {
  await deployed('staging');
  expect((await run('rollback', 'staging', '--to', '0001', '--yes')).exitCode).toBe(0);
  const { last } = await run('runs');
  expect(last).toMatchObject({
    runs: [{ operation: 'rollback', applied: [], undone: [{ tag: '0002_colours' }] }, {}],
  });
  const report = await program.run(['show', '2', '--report'], { cwd: project.root, env: project.env });
  expect(report.stdout).toContain('- Rollback file: `drizzle/0002_colours.rollback.sql`, 2 statements');
  expect(report.stdout).toContain('ALTER TABLE teams DROP COLUMN colour');
  expect(report.stdout).not.toContain('edited since');
});

test('a plan that a rollback was rehearsed as is no plan of a deploy', { timeout: 60_000 }, async () => {
  await deployed('staging');
  const told = await run('rollback', 'staging', '--to', '0001');
  const plan = String(told.lines.find(({ kind }) => kind === 'rehearsed')?.['plan']);
  const refused = await run('deploy', 'staging', '--plan', plan, '--yes');
  expect(refused.last).toMatchObject({ code: 'target-changed', exitCode: 4 });
  expect((await run('rollback', 'staging', '--to', '0001', '--yes')).exitCode).toBe(0);
  const again = await run('deploy', 'staging', '--plan', plan, '--yes');
  expect(again.last).toMatchObject({ code: 'target-changed', exitCode: 4 });
});

test(
  'every migration without a rollback file is named, and nothing is changed',
  { timeout: 60_000 },
  async () => {
    project.add('0003_notes', ['CREATE TABLE notes (id integer PRIMARY KEY);']);
    project.add('0004_tags', ['CREATE TABLE tags (id integer PRIMARY KEY);']);
    await deployed('staging');
    const refused = await run('rollback', 'staging', '--to', '0001', '--yes');
    expect(refused.exitCode).toBe(4);
    expect(refused.last).toMatchObject({
      code: 'refused',
      message: 'staging cannot go back: 0003_notes, 0004_tags have no rollback file. Nothing was changed.',
      next: expect.stringContaining('0003_notes.rollback.sql'),
    });
    expect(await objectsIn('staging')).toContain('tags');
  },
);

test(
  'where only additions are allowed, a rollback of a protected environment is accepted by name or not done',
  { timeout: 60_000 },
  async () => {
    await deployed('production');
    project.configureEnvironment('production', { protected: true, policy: 'additive' });
    const refused = await run(...back, '--confirm', 'production');
    expect(refused.last).toMatchObject({
      code: 'protected',
      exitCode: 4,
      message: expect.stringContaining('Not an addition: an index is dropped.'),
      next: expect.stringMatching(
        /^Taking a migration back is never an addition\..*--accept not-additive:0002/,
      ),
    });
    expect(await objectsIn('production')).toContain('teams_colour_idx');
    const hash = String(refused.last?.['hash']);
    const accepted = ['--accept', 'not-additive:0002_colours', '--reason', 'the release is taken back'];
    const done = await run(...back, ...accepted, '--confirm', `production@${hash}`);
    expect(done.exitCode, done.stdout).toBe(0);
    expect(await objectsIn('production')).not.toContain('teams_colour_idx');
  },
);

const back = ['rollback', 'production', '--to', '0001', '--yes'];

function run(...argv: readonly string[]) {
  return program.run([...argv, '--json'], { cwd: project.root, env: project.env });
}

async function deployed(environment: string): Promise<void> {
  const { exitCode, stdout } = await run('deploy', environment, '--yes', '--confirm', environment);
  expect(exitCode, stdout).toBe(0);
}

/** Of the schema, without bookkeeping. */
async function objectsIn(environment: string): Promise<readonly unknown[]> {
  const found = await rowsIn(
    environment,
    "SELECT name FROM sqlite_schema WHERE name NOT GLOB '*__*' AND name NOT GLOB 'sqlite_*' ORDER BY name",
  );
  return found.map((row) => Object.values(row)[0]);
}

async function rowsIn(environment: string, sql: string) {
  const client = createClient({ url: `file:${join(project.root, `${environment}.db`)}` });
  const { rows } = await client.execute(sql);
  client.close();
  return rows;
}
