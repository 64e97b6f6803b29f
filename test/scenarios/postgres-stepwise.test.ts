import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { stagingOnPostgres } from '../support/failing-postgres.ts';
import type { Answered } from '../support/resident.ts';

// A replay in PGlite takes many seconds where the machine is busy.
vi.setConfig({ testTimeout: 240_000 });

// What a process leaves by dying is in `postgres-stepwise-kill`.
const staging = stagingOnPostgres();

const run = (...argv: readonly string[]) => staging().run(...argv, '--yes', '--json');

test('CREATE INDEX CONCURRENTLY is rehearsed, applied and verified step by step, and the plan says so', async () => {
  staging().add(
    '0002_next',
    'ALTER TABLE "teams" ADD COLUMN "code" text;',
    'CREATE UNIQUE INDEX CONCURRENTLY "teams_name" ON "teams" ("name");',
    `UPDATE "teams" SET "code" = upper("name");`,
    'REINDEX INDEX CONCURRENTLY "teams_name";',
    'DROP INDEX CONCURRENTLY "teams_name";',
  );
  const plan = await staging().run('plan', 'staging');
  expect(plan.stdout).toContain(
    'in 5 steps, statements 2, 4, 5 each by itself: a failure leaves it half-finished',
  );
  const asData = JSON.parse((await staging().run('plan', 'staging', '--json')).stdout);
  expect(asData.databases[0].migrations[0].steps).toEqual([
    { first: 1, last: 1 },
    { first: 2, last: 2, alone: 'CREATE INDEX CONCURRENTLY' },
    { first: 3, last: 3 },
    { first: 4, last: 4, alone: 'REINDEX CONCURRENTLY' },
    { first: 5, last: 5, alone: 'DROP INDEX CONCURRENTLY' },
  ]);
  const deployed = await run('deploy', 'staging');
  expect(deployed.last).toMatchObject({ kind: 'done', applied: [{ tag: '0002_next' }] });
  expect(finished(deployed, 'migrate')).toBe('applied, 5 statements, step by step, recorded');
  expect((await staging().run('drift', 'staging')).exitCode).toBe(0);
});

test('an enum value that a migration adds is committed before the statement that uses it', async () => {
  await staging().by("CREATE TYPE role AS ENUM ('a')", 'ALTER TABLE teams ADD COLUMN role role');
  staging().add('0002_next', `ALTER TYPE "role" ADD VALUE 'b';`, `UPDATE "teams" SET "role" = 'b';`);
  const deployed = await run('deploy', 'staging');
  expect(deployed.last).toMatchObject({ kind: 'done', applied: [{ tag: '0002_next' }] });
});

test('rows in the way of a unique index leave it half-finished; a backup leaves the index out, and the way out drops it and goes on', async () => {
  staging().add(
    '0002_next',
    'ALTER TABLE "teams" ADD COLUMN "code" text;',
    'CREATE UNIQUE INDEX CONCURRENTLY "teams_name" ON "teams" ("name");',
  );
  await staging().by("INSERT INTO teams (name) VALUES ('red')");
  expect((await staging().fail('deploy', 'staging')).code).toBe('rehearsal-failed');
  const failed = await staging().fail('apply', 'staging');
  expect(failed).toMatchObject({
    exitCode: 5,
    code: 'stopped-part-way',
    next: 'migrate-tui recover staging says what is there and offers the ways out.',
  });
  expect(failed.why).toContain(
    '0002_next is half-finished: 1 statement of 2 stays, and it has no record; teams_name is left as an index that is not valid.',
  );
  const { stdout } = await staging().run('status', 'staging');
  expect(stdout).toContain('0002_next stopped after statement 1 of 2: the database keeps a note of it.');

  const again = await staging().fail('recover', 'staging', '--choose', 'resume');
  expect(again.next).toMatch(
    /shows them\. 0002_next is half-finished in staging, so leave its file as it is: put right in the database itself what is in the way, then run migrate-tui recover staging --choose resume again\.$/,
  );
  await staging().by('DELETE FROM teams WHERE id = 3');
  const ended = await run('recover', 'staging', '--choose', 'resume');
  expect(ended.last).toMatchObject({ kind: 'done' });
  expect(said(ended)).toContain(
    'The backup of app is without index teams_name, which is not valid: no query uses it, and no copy holds it.',
  );
});

test('a search_path that the parts behind it would not meet is refused, and nothing is changed', async () => {
  await staging().by('CREATE SCHEMA other', 'CREATE TABLE other.teams (name text)');
  staging().add(
    '0002_next',
    'SET search_path TO other;',
    'CREATE INDEX CONCURRENTLY "teams_name" ON "teams" ("name");',
    `UPDATE "teams" SET "name" = upper("name");`,
  );
  const refused = await staging().fail('apply', 'staging');
  expect(refused).toMatchObject({ exitCode: 1, code: 'statement-failed' });
  expect(refused.why).toContain('search_path would not be there for statement 2');
  expect(refused.next).toContain('Name tables with their schema');
  expect((await staging().run('status', 'staging')).stdout).toMatch(/behind/);
});

test('a first statement that fails and leaves nothing is undone', async () => {
  staging().add('0002_next', 'CREATE INDEX CONCURRENTLY "nowhere" ON "missing" ("name");');
  expect(await staging().fail('apply', 'staging')).toMatchObject({ exitCode: 1, code: 'statement-failed' });
  expect((await staging().run('status', 'staging')).stdout).not.toContain('half');
});

test('one that leaves an index is half-finished, and started over without it', async () => {
  staging().add('0002_next', 'CREATE UNIQUE INDEX CONCURRENTLY "once" ON "teams" ("name");');
  await staging().by("INSERT INTO teams (name) VALUES ('red')");
  expect((await staging().fail('apply', 'staging')).code).toBe('stopped-part-way');
  expect((await staging().run('status', 'staging')).stdout).toContain(
    '0002_next stopped in statement 1 of 1',
  );
  await staging().by('DELETE FROM teams WHERE id = 3');
  const asked = await staging().run('recover', 'staging', '--json');
  expect(asked.stdout).toContain('Nothing of it lasts here but once, not valid');
  expect(asked.stdout).not.toContain('Nothing of it is there');
  expect((await run('recover', 'staging', '--choose', 'start-over')).last).toMatchObject({ kind: 'done' });
  expect((await staging().run('status', 'staging')).stdout).not.toContain('half');
});

test('a machine without the record of the run knows where it stopped, and a restore ends that', async () => {
  await staging().run('backup', 'staging', '--json');
  const [backup] = JSON.parse((await staging().run('backups', 'staging', '--json')).stdout).backups;
  staging().add(
    '0002_next',
    `UPDATE "teams" SET "name" = upper("name");`,
    'CREATE UNIQUE INDEX CONCURRENTLY "members_team" ON "members" ("team_id");',
  );
  await staging().by('INSERT INTO members (team_id) SELECT id FROM teams');
  await staging().fail('apply', 'staging');
  rmSync(join(staging().project.root, '.migrate-tui'), { recursive: true });
  const asked = await staging().run('recover', 'staging');
  expect(asked.stdout).toMatch(/^0002_next: stopped after statement 1 of 2/);
  expect(asked.stdout).toMatch(/Run 3 of \S+ noted in the target .* that statement 1 of 2 was committed\./);
  expect(asked.stdout).not.toContain('may have run or not');
  expect(asked.stdout).toContain(
    'Index members_team is not valid: CREATE INDEX CONCURRENTLY, statement 2, did not end. No query uses it.',
  );
  expect(asked.stdout).not.toContain('does not exist');
  expect((await run('restore', 'staging', backup.id)).last).toMatchObject({ kind: 'done' });
  expect((await staging().run('status', 'staging')).stdout).toMatch(/behind/);
});

test.each(['VACUUM', 'REINDEX SCHEMA public', 'ALTER SYSTEM SET work_mem = 8192', 'CREATE DATABASE other'])(
  '%s is refused, and nothing is changed',
  async (statement) => {
    staging().add('0002_next', 'ALTER TABLE "teams" ADD COLUMN "code" text;', `${statement};`);
    expect((await staging().fail('deploy', 'staging')).code).toBe('rehearsal-failed');
    const failed = await staging().fail('apply', 'staging');
    expect(failed.exitCode).not.toBe(5);
    expect((await staging().run('status', 'staging')).stdout).not.toContain('half');
  },
);

function finished({ lines }: Answered, step: string): unknown {
  return lines.findLast((line) => line['kind'] === 'step-finished' && line['step'] === step)?.['says'];
}

function said({ lines }: Answered): readonly unknown[] {
  return lines.flatMap(({ kind, message }) => (kind === 'notice' ? [message] : []));
}
