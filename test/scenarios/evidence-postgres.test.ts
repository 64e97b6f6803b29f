import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stagingOnPostgres } from '../support/failing-postgres.ts';

// What a deploy on PostgreSQL says of rows, and where it refuses to go on.
const staging = stagingOnPostgres();

const deploy = async (...rest: readonly string[]) => {
  const { exitCode, last, stdout } = await staging().run('deploy', 'staging', '--yes', '--json', ...rest);
  return { exitCode, last, stdout };
};

test('rows that a cascade takes along are a loss that nothing asked for', async () => {
  staging().add('0002_next', 'DELETE FROM "teams" WHERE "name" = \'red\';');
  const refused = await deploy();
  expect(refused).toMatchObject({ exitCode: 4, last: { code: 'rows-lost' } });
  expect(refused.last?.['message']).toContain('members loses 1 row, and no statement says so');
  expect(await deploy('--accept-loss', 'members=1')).toMatchObject({ exitCode: 0 });
});

test('changes that keep every row and value, or say what they take, are no loss', async () => {
  const changes = {
    '0002_more_room': ['ALTER TABLE "members" ALTER COLUMN "team_id" SET DATA TYPE bigint;'],
    '0003_a_limit_that_fits': ['ALTER TABLE "teams" ALTER COLUMN "name" SET DATA TYPE varchar(90);'],
    '0004_a_default': [
      'ALTER TABLE "teams" ADD COLUMN "made" timestamp with time zone DEFAULT now() NOT NULL;',
      'ALTER TABLE "teams" RENAME COLUMN "made" TO "made_at";',
    ],
    '0005_an_enum': [
      `CREATE TYPE "public"."colour" AS ENUM('red', 'blue');`,
      'ALTER TABLE "teams" ALTER COLUMN "name" SET DATA TYPE "public"."colour" USING "name"::"public"."colour";',
    ],
    '0006_a_column': ['ALTER TABLE "teams" DROP COLUMN "name";'],
    '0007_a_table': ['DROP TABLE "members" CASCADE;'],
  };
  for (const [tag, statements] of Object.entries(changes)) staging().add(tag, ...statements);
  const done = await deploy();
  expect(done).toMatchObject({ exitCode: 0, last: { kind: 'done' } });
  expect(evidenceIn(done.stdout)).toMatchObject({ losses: [], rehearsal: 'full' });
});

test('values that an expression changes are counted for the column, and for no other', async () => {
  staging().add(
    '0002_next',
    'ALTER TABLE "teams" ALTER COLUMN "name" SET DATA TYPE varchar(2) USING left("name", 2);',
  );
  const { exitCode, stdout } = await deploy();
  expect(exitCode).toBe(0);
  expect(evidenceIn(stdout)).toMatchObject({
    rehearsal: 'full',
    tables: [
      {
        table: 'teams',
        rowsBefore: 2,
        rowsAfter: 2,
        columns: [
          { column: 'id', values: 'kept' },
          { column: 'name', nonNullAfter: 2, values: 'changed' },
        ],
      },
    ],
    unchangedTables: { count: 1, rows: 2 },
    losses: [],
  });
});

test('values that a trigger changes in another table are seen, too', async () => {
  await staging().by(
    'ALTER TABLE members ADD note text',
    "UPDATE members SET note = 'kept'",
    'CREATE FUNCTION wipe() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE members SET note = NULL; RETURN NEW; END $$',
    'CREATE TRIGGER wiping AFTER UPDATE ON teams FOR EACH STATEMENT EXECUTE FUNCTION wipe()',
  );
  staging().add('0002_next', 'UPDATE "teams" SET "name" = upper("name");');
  const refused = await deploy();
  expect(refused).toMatchObject({ exitCode: 4, last: { code: 'rows-lost' } });
  expect(refused.last?.['message']).toContain('members');
});

test('a second backup is taken under the lock where rows were written since the first, and only there', async () => {
  staging().add('0002_next', 'ALTER TABLE "teams" ADD COLUMN "note" text;');
  const quiet = await deploy();
  expect(quiet.exitCode).toBe(0);
  expect(quiet.stdout).not.toContain('backup-renewed');
  const pg = import.meta.resolve('pg');
  writeFileSync(
    join(staging().project.root, 'write.mjs'),
    `import pg from '${pg}';
const client = new pg.Client({ connectionString: process.env.STAGING_URL });
await client.connect();
await client.query("UPDATE teams SET name = 'late' WHERE id = 1");
await client.end();`,
  );
  staging().project.configure({ hooks: { afterDryRun: { staging: 'node write.mjs' } } });
  staging().add('0003_next', 'ALTER TABLE "teams" ADD COLUMN "more" text;');
  const busy = await deploy();
  expect(busy.exitCode).toBe(0);
  expect(busy.stdout).toContain('"kind":"backup-renewed"');
});

function evidenceIn(stdout: string): unknown {
  for (const line of stdout.split('\n').filter((one) => one.includes('"evidence":'))) {
    const event: { readonly evidence: unknown } = JSON.parse(line);
    return event.evidence;
  }
  return undefined;
}
