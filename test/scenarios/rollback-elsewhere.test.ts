import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { appMigrate } from '../support/app-migrate.ts';
import { contentOf, remoteProject } from '../support/remote-project.ts';
import { startProgram, program as runProgram } from '../support/program.ts';
import { placeOf } from '../support/remote-faults.ts';
import { startResident } from '../support/resident.ts';
import { rollbackProject, withUndo, type RollbackProject } from '../support/rollback-project.ts';
import { smallProject } from '../support/small-project.ts';

const program = startResident();
afterAll(() => program[Symbol.asyncDispose]());

describe("drizzle-orm's own migrate()", { timeout: 120_000 }, () => {
  test('of 0.x runs again what was taken back', async () => {
    using project = rollbackProject();
    await runsAgain(project, 'drizzle-0', ['0000_teams', '0001_members', '0002_colours']);
  });

  test('of 1.0 runs again what was taken back', async () => {
    using project = withUndo(smallProject('empty'));
    const tags = ['20260101000000_teams', '20260102000000_members', '20260103000000_tags'];
    for (const tag of tags) {
      const table = tag.slice(15);
      const folder = join(project.root, 'drizzle', tag);
      mkdirSync(folder);
      writeFileSync(join(folder, 'migration.sql'), `CREATE TABLE ${table} (id integer PRIMARY KEY);`);
      writeFileSync(join(folder, 'snapshot.json'), '{}');
      project.undo(tag, [`DROP TABLE ${table};`]);
    }
    await runsAgain(project, 'drizzle-1', tags);
  });
});

async function runsAgain(
  project: RollbackProject,
  line: 'drizzle-0' | 'drizzle-1',
  [first = '', ...others]: readonly string[],
): Promise<void> {
  const run = (...argv: readonly string[]) =>
    program.run([...argv, '--json'], { cwd: project.root, env: project.env });
  const app = { file: join(project.root, 'staging.db'), folder: join(project.root, 'drizzle'), line };
  expect(await appMigrate(app)).toBe('ok');
  const back = await run('rollback', 'staging', '--to', first, '--yes');
  expect(back.last, back.stdout).toMatchObject({
    kind: 'done',
    undone: others.toReversed().map((tag) => ({ tag })),
  });
  expect(await appMigrate(app)).toBe('ok');
  const { stdout } = await run('status', 'staging');
  expect(JSON.parse(stdout)).toMatchObject({
    environments: [{ targets: [{ state: ['current'], applied: 3, pending: 0 }] }],
  });
  expect((await run('verify', 'staging')).exitCode).toBe(0);
}

test(
  'on a libSQL server each migration is taken back in one request, to what was there before it',
  { timeout: 120_000 },
  async () => {
    await using lane = await remoteProject();
    const undone = withUndo(lane.project);
    undone.undo('0002_rebuild_teams', ['ALTER TABLE teams DROP COLUMN country;']);
    undone.undo('0003_notes', ['DROP TABLE notes;']);
    const run = (...argv: readonly string[]) => lane.cli.run([...argv, '--json'], placeOf(lane));
    const back = await run('rollback', 'staging', '--to', '1', '--yes');
    expect(back.last, back.stdout).toMatchObject({
      kind: 'done',
      undone: [{ tag: '0003_notes' }, { tag: '0002_rebuild_teams' }],
    });
    expect((await run('verify', 'staging')).exitCode).toBe(0);
    expect((await run('deploy', 'staging', '--yes')).last).toMatchObject({
      kind: 'done',
      applied: [{ tag: '0002_rebuild_teams' }, { tag: '0003_notes' }],
    });
    expect(await contentOf(lane.server.file)).not.toBe('');
  },
);

test(
  'of several databases a number is a threshold in each, and the last one goes first',
  { timeout: 120_000 },
  async () => {
    using project = withUndo(smallProject('empty'));
    project.configure({
      databases: {
        app: { migrations: 'drizzle' },
        auth: { migrations: 'drizzle', only: ['*keys*', '*rooms*'] },
      },
      environments: { staging: { targets: { app: 'file:app.db', auth: 'file:auth.db' } } },
    });
    const tables = ['users', 'keys', 'posts', 'rooms', 'tags'];
    for (const [index, table] of tables.entries()) {
      const tag = `000${index + 1}_${table}`;
      project.add(tag, [`CREATE TABLE "${table}" (id integer PRIMARY KEY);`]);
      project.undo(tag, [`DROP TABLE "${table}";`]);
    }
    const run = (...argv: readonly string[]) =>
      program.run([...argv, '--json'], { cwd: project.root, env: project.env });
    expect((await run('deploy', 'staging', '--yes')).exitCode).toBe(0);
    const back = await run('rollback', 'staging', '--to', '3', '--yes');
    expect(back.last, back.stdout).toMatchObject({
      kind: 'done',
      message:
        'staging is back with app at 0003_posts, auth at 0002_keys: 2 migrations taken back and verified.',
      undone: [
        { database: 'auth', tag: '0004_rooms' },
        { database: 'app', tag: '0005_tags' },
      ],
    });
    const one = await run('rollback', 'staging', '--to', '0002_keys', '--yes');
    expect(one.last).toMatchObject({ message: expect.stringContaining('Nothing to roll back') });
    const all = await run('rollback', 'staging', '--to', '0', '--yes');
    expect(all.last).toMatchObject({ kind: 'done', undone: { length: 3 } });
    expect((await run('verify', 'staging')).exitCode).toBe(0);
  },
);

test(
  'a rollback that is killed inside a migration leaves that whole, says so, and goes on where it was',
  { timeout: 180_000 },
  async () => {
    using project = rollbackProject();
    const place = { cwd: project.root, env: project.env };
    const run = (...argv: readonly string[]) => runProgram([...argv, '--json'], place);
    expect((await run('apply', 'staging', '--yes')).exitCode).toBe(0);
    project.undo('0001_members', [
      'DELETE FROM members WHERE id < (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000000) SELECT max(i) FROM n);',
      'DROP TABLE members;',
    ]);
    await using running = await startProgram(
      ['rollback', 'staging', '--to', '0000', '--yes', '--json'],
      place,
    );
    // Where the step begins, the intent is not in the ledger yet.
    await running.line(
      ({ kind, step, tag, phase }) =>
        kind === 'statement' && step === 'migrate' && tag === '0001_members' && phase === 'begun',
    );
    running.signal('SIGKILL');
    expect((await running.ended).signal).toBe('SIGKILL');
    const status = await run('status', 'staging');
    expect(status.stdout).toMatch(/of \S+ was cut off inside 0001_members.*0002_colours is taken back/);
    expect(JSON.parse(status.stdout)).toMatchObject({
      environments: [{ targets: [{ state: ['behind'], applied: 2, pending: 1 }] }],
    });
    const done = await run('rollback', 'staging', '--to', '0000', '--yes');
    expect(done.last, done.stdout).toMatchObject({ kind: 'done', undone: [{ tag: '0001_members' }] });
    expect((await run('verify', 'staging')).exitCode).toBe(0);
    expect((await run('recover', 'staging')).exitCode).toBe(0);
  },
);
