import { describe, expect, test } from 'vitest';
import { stagingOnPostgres } from '../support/failing-postgres.ts';

// Whole runs on a PostgreSQL server; each cause and next step by itself is in `runs/postgres/cause-of`.
const staging = stagingOnPostgres();

describe.each(['apply', 'deploy'])('%s', (operation) => {
  const fails = async (...statements: readonly string[]) => {
    staging().add('0002_next', ...statements);
    const failed = await staging().fail(operation, 'staging');
    expect(failed).toMatchObject(
      operation === 'apply'
        ? { exitCode: 1, code: 'statement-failed' }
        : { exitCode: 4, code: 'rehearsal-failed' },
    );
    return failed;
  };

  test('rows that share what a new constraint lets each have once: the command shows them', async () => {
    await staging().by("INSERT INTO teams (name) VALUES ('red')");
    const failed = await fails('ALTER TABLE "teams" ADD CONSTRAINT "teams_name_unique" UNIQUE("name");');
    expect(failed.why).toBe(
      'could not create unique index "teams_name_unique". 2 rows (1 group) of teams share name, which teams_name_unique lets each have once.',
    );
    expect(JSON.parse(failed.shown ?? '{}')).toMatchObject({ rows: [['red', 2]] });
  });

  test('rows without a value', async () => {
    const failed = await fails('ALTER TABLE "teams" ADD COLUMN "colour" text NOT NULL;');
    expect(failed.why).toBe(
      'column "colour" of relation "teams" contains null values. 2 rows of teams would have no value in the new column colour.',
    );
  });

  test('rows that refer to nothing once their parents are gone', async () => {
    await staging().by(
      'ALTER TABLE members DROP CONSTRAINT members_team_id_teams_id_fk',
      'ALTER TABLE members ADD FOREIGN KEY (team_id) REFERENCES teams',
    );
    const failed = await fails('DELETE FROM "teams" WHERE "id" = 2;');
    expect(failed.why).toContain('. 1 row of members refers to a row of teams that it deletes.');
    expect(JSON.parse(failed.shown ?? '{}')).toMatchObject({ rows: [[2, 2]] });
  });

  test('a value that no new type takes: it is counted, and stands in no record', async () => {
    await staging().by(
      "UPDATE teams SET name = '7' WHERE id = 1",
      "INSERT INTO teams (name) VALUES ('x77y77z')",
    );
    const failed = await fails(
      'ALTER TABLE "teams" ALTER COLUMN "name" SET DATA TYPE integer USING "name"::integer;',
    );
    expect(failed.why).toBe(
      'invalid input syntax for type integer: "•••". 2 rows of teams have a value in name that integer does not take.',
    );
    expect(failed.all).not.toContain('x77y77z');
  });
});
