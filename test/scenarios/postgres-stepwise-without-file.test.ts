import { expect, test, vi } from 'vitest';
import { stagingOnPostgres } from '../support/failing-postgres.ts';

// A replay in PGlite takes many seconds where the machine is busy.
vi.setConfig({ testTimeout: 240_000 });

// A migration in parts that another branch has the file of, or that was renamed.
const staging = stagingOnPostgres();

const run = (...argv: readonly string[]) => staging().run(...argv, '--yes', '--json');

const build = 'CREATE UNIQUE INDEX CONCURRENTLY "teams_name" ON "teams" ("name");';

/** The statements stop at an index that the rows do not allow; then the file is gone with its branch. */
async function leftByAnotherBranch(...statements: readonly string[]): Promise<void> {
  staging().add('0002_branch', ...statements);
  await staging().by("INSERT INTO teams (name) VALUES ('red')");
  expect((await staging().fail('apply', 'staging')).code).toBe('stopped-part-way');
  staging().project.remove('0002_branch');
}

test('nothing is deployed over a half-finished migration that another branch has the file of', async () => {
  await leftByAnotherBranch('ALTER TABLE "teams" ADD COLUMN "code" text;', build);
  const status = await staging().run('status', 'staging');
  expect(status.stdout).toContain('half-finished');
  expect(status.stdout).toContain('0002_branch, which has no file here, is half-finished: ');
  expect(status.stdout).toContain('1 of its 2 statements is sure to be committed.');
  staging().add('0003_more', 'ALTER TABLE "teams" ADD COLUMN "more" text;');
  const refused = await staging().fail('deploy', 'staging');
  expect(refused).toMatchObject({ exitCode: 4, code: 'refused' });
  expect(refused.why).toContain(
    'staging is half-finished: 0002_branch, which has no file here, stopped after statement 1 of 2.',
  );
  const plan = JSON.parse((await staging().run('plan', 'staging', '--json')).stdout);
  expect(plan.refusals).toMatchObject([
    { code: 'refused', next: expect.stringContaining('Bring its file back') },
  ]);
});

test('recover says what is known without the file, and that its statements cannot be taken back', async () => {
  await leftByAnotherBranch('ALTER TABLE "teams" ADD COLUMN "code" text;', build);
  const asked = await staging().run('recover', 'staging', '--json');
  expect(asked.exitCode).toBe(3);
  const { cases } = JSON.parse(asked.stdout);
  expect(cases).toMatchObject([
    {
      situation: 'half-without-file',
      tag: '0002_branch',
      verdict: 'stopped after statement 1 of 2, and no such file',
      after: 1,
      of: 2,
      options: [
        { id: 'back-out', allowed: false },
        { id: 'remove-note', allowed: true, recommended: false },
      ],
    },
  ]);
  expect(cases[0].evidence.join('\n')).toContain('Index teams_name is not valid, and no file here makes it.');
  expect(cases[0].evidence.join('\n')).toContain('column teams.code is here and no file makes it');
});

test('where only an index that is not valid is left, it is dropped with the note of it', async () => {
  await leftByAnotherBranch(build.replace('teams_name', 'teams_Name'));
  const { stdout } = await staging().run('recover', 'staging');
  expect(stdout).toContain('Index teams_Name is not valid, and no file here makes it.');
  expect(stdout).not.toContain('do not explain');
  const ended = await run('recover', 'staging', '--choose', 'back-out');
  expect(ended.last).toMatchObject({ kind: 'done' });
  const status = await staging().run('status', 'staging');
  expect(status.stdout).toMatch(/current/);
  expect((await staging().run('recover', 'staging')).exitCode).toBe(0);
  expect((await staging().run('drift', 'staging', '--check')).exitCode).toBe(0);
});

test('what was ended by hand is forgotten when a person says so', async () => {
  await leftByAnotherBranch('ALTER TABLE "teams" ADD COLUMN "code" text;', build);
  await staging().by('DROP INDEX teams_name', 'ALTER TABLE teams DROP COLUMN code');
  expect((await run('recover', 'staging', '--choose', 'remove-note')).last).toMatchObject({ kind: 'done' });
  expect((await staging().run('status', 'staging')).stdout).not.toContain('half');
});

test('a file that was renamed meanwhile gets the note of its old name, and is gone on with', async () => {
  await leftByAnotherBranch('ALTER TABLE "teams" ADD COLUMN "code" text;', build);
  staging().add('0002_renamed', 'ALTER TABLE "teams" ADD COLUMN "code" text;', build);
  await staging().by('DELETE FROM teams WHERE id = 3');
  expect((await staging().fail('deploy', 'staging')).code).toBe('refused');
  expect((await run('recover', 'staging', '--choose', 're-key')).last).toMatchObject({ kind: 'done' });
  expect((await staging().run('status', 'staging')).stdout).toContain(
    '0002_renamed stopped after statement 1 of 2: the database keeps a note of it.',
  );
  expect((await run('recover', 'staging', '--choose', 'resume')).last).toMatchObject({ kind: 'done' });
  expect((await staging().run('status', 'staging')).stdout).toMatch(/current/);
});

test('of a migration that a run is in the middle of it is said that it is under way, and by whom', async () => {
  await staging().by(
    `CREATE TABLE __migrate_tui.unfinished (records text, tag text, hash text, what text, done int, of int, run text, held_by text, host text, at bigint)`,
    `INSERT INTO __migrate_tui.unfinished VALUES ('"drizzle"."__drizzle_migrations"', '0002_next', 'h', 'run', 1, 2, '9.1.m.r', 'mira', 'kestrel', 1)`,
    `UPDATE __migrate_tui.lease SET run = '9.1.m.r', held_by = 'mira', host = 'kestrel', tag = '0002_next', expires_at = 9e15`,
  );
  const asked = async () => (await staging().run('status', 'staging')).stdout;
  const refusals = async () => JSON.parse((await staging().run('plan', 'staging', '--json')).stdout).refusals;
  expect(await asked()).toContain('0002_next is under way: 1 of its 2 statements is committed so far.');
  expect(await refusals()).toMatchObject([{ code: 'locked' }]);
  staging().add('0002_next', 'ALTER TABLE "teams" ADD COLUMN "code" text;', build);
  expect(await asked()).toContain('0002_next is under way: 1 of its 2 statements is committed so far.');
  expect(await asked()).toContain('mira@kestrel has held the lock');
  expect(await refusals()).toMatchObject([{ code: 'locked' }]);

  await staging().by('UPDATE __migrate_tui.lease SET expires_at = 0');
  expect(await asked()).toContain(
    '0002_next stopped after statement 1 of 2: the database keeps a note of it.',
  );
  expect(await asked()).toMatch(/was cut off at 0002_next; what it had not committed was undone\.\n/);
});
