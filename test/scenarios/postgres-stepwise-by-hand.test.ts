import { expect, test, vi } from 'vitest';
import { stagingOnPostgres } from '../support/failing-postgres.ts';

// A replay in PGlite takes many seconds where the machine is busy.
vi.setConfig({ testTimeout: 240_000 });

// What became of an index past the migrations, or of one that fails to be built.
const staging = stagingOnPostgres();

const run = (...argv: readonly string[]) => staging().run(...argv, '--yes', '--json');

const whole = 'CREATE UNIQUE INDEX IF NOT EXISTS "teams_Name" ON "public"."teams" ("name");';
const byItself = 'CREATE UNIQUE INDEX CONCURRENTLY "teams_Name" ON "public"."teams" ("name");';

async function leftInvalidByHand(): Promise<void> {
  await staging().by("INSERT INTO teams (name) VALUES ('red')");
  await expect(staging().by(byItself)).rejects.toThrow('could not create unique index');
  await staging().by('DELETE FROM teams WHERE id = 3');
}

test('an index that a build by hand left not valid is no trace of the migration that makes it', async () => {
  await leftInvalidByHand();
  staging().add('0002_next', byItself);
  const status = await staging().run('status', 'staging');
  expect(status.stdout).toMatch(/behind/);
  expect(status.stdout).not.toContain('in the schema without a record');
  expect((await staging().run('recover', 'staging')).exitCode).toBe(0);
});

test.each([
  ['by itself, with IF NOT EXISTS', [byItself.replace('CONCURRENTLY', '$& IF NOT EXISTS')]],
  ['by itself', [byItself]],
  ['in one transaction, with IF NOT EXISTS', [whole]],
  ['in one transaction', ['CREATE TABLE "more" ("id" int);', whole.replace('IF NOT EXISTS ', '')]],
  ['beside a statement by itself', [whole, byItself.replace('"teams_Name"', '"another"')]],
])('an index that a build by hand left not valid is not passed over %s', async (_how, statements) => {
  await leftInvalidByHand();
  staging().add('0002_next', ...statements);
  const refused = await staging().fail('apply', 'staging');
  expect(refused).toMatchObject({ exitCode: 1, code: 'statement-failed' });
  expect(refused.why).toContain('index "teams_Name" is there already and is not valid');
  expect(refused.next).toContain('Run DROP INDEX CONCURRENTLY "teams_Name"; first, or REINDEX it.');
  await staging().by('DROP INDEX "teams_Name"');
  expect((await run('apply', 'staging')).last).toMatchObject({ kind: 'done' });
});

test('a first statement that builds an index again and fails is begun anew, without what it left', async () => {
  const failing = (value: string) =>
    staging().by(
      `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET app.fails = ${value}', current_database()); END $$`,
    );
  staging().add(
    '0002_index',
    `CREATE FUNCTION folded(text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$
      BEGIN IF current_setting('app.fails', true) = 'yes' THEN RAISE 'it fails'; END IF; RETURN lower($1); END $$;`,
    'CREATE INDEX "teams_folded" ON "teams" (folded("name"));',
  );
  await run('apply', 'staging');
  staging().add(
    '0003_again',
    'REINDEX INDEX CONCURRENTLY "teams_folded";',
    'ALTER TABLE "teams" ADD COLUMN "code" text;',
  );
  await failing('yes');
  const failed = await staging().fail('apply', 'staging');
  expect(failed.why).toContain('teams_folded_ccnew is left as an index that is not valid');
  await failing('no');
  const ended = await run('recover', 'staging', '--choose', 'start-over');
  expect(ended.last).toMatchObject({ kind: 'done' });
  expect((await staging().run('status', 'staging')).stdout).toMatch(/current/);
  expect((await staging().run('drift', 'staging', '--check')).exitCode).toBe(0);
});
