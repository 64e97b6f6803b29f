import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { stagingOnPostgres } from '../support/failing-postgres.ts';

// A replay in PGlite takes many seconds where the machine is busy.
vi.setConfig({ testTimeout: 240_000 });

const staging = stagingOnPostgres();

test.each([
  ['and more was to come', ['ALTER TABLE "teams" ADD COLUMN "code" text;']],
  ['and nothing was to come', []],
])('a DROP INDEX CONCURRENTLY that was killed is ended by recover, %s', async (_what, others) => {
  staging().add('0002_index', 'CREATE INDEX "teams_Name" ON "teams" ("name");');
  await staging().run('apply', 'staging', '--yes', '--json');
  staging().add('0003_drop', 'DROP INDEX CONCURRENTLY "teams_Name";', ...others);
  const text = readFileSync(join(staging().project.root, 'drizzle', '0003_drop.sql'));
  const hash = createHash('sha256').update(text).digest('hex');
  // As it is while the server waits for everybody who may still use the index.
  await staging().by(
    'UPDATE pg_index SET indisvalid = false WHERE indexrelid = \'"teams_Name"\'::regclass',
    `CREATE TABLE __migrate_tui.unfinished (records text, tag text, hash text, what text, done int, of int, run text, held_by text, host text, at bigint, PRIMARY KEY (records, tag))`,
    `INSERT INTO __migrate_tui.unfinished VALUES ('"drizzle"."__drizzle_migrations"', '0003_drop', '${hash}', 'run', 0, ${1 + others.length}, '9.1.m.r', 'mira', 'kestrel', 1)`,
  );
  expect((await staging().run('status', 'staging')).stdout).toContain('0003_drop stopped in statement 1');
  const ended = await staging().run('recover', 'staging', '--choose', 'resume', '--yes', '--json');
  expect(ended.last).toMatchObject({ kind: 'done' });
  expect((await staging().run('status', 'staging')).stdout).toMatch(/current/);
  expect((await staging().run('drift', 'staging', '--check')).exitCode).toBe(0);
});
