import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { failing, type Failing } from '../support/failing.ts';
import { startResident, type Resident } from '../support/resident.ts';

// On a libSQL file; what D1 and a libSQL server say in another way has files of its own.
let cli: Resident;
beforeAll(() => {
  cli = startResident();
});
afterAll(() => cli[Symbol.asyncDispose]());

let staging: Failing;
beforeEach(async () => {
  staging = await failing(cli);
});
afterEach(() => staging[Symbol.asyncDispose]());

const deploy = () => staging.fail('deploy', 'staging');
/** Without a rehearsal: what can be told is the same where no earlier statement changed the rows. */
const apply = () => staging.fail('apply', 'staging');

describe('something of the name is there already', () => {
  test('made by hand: what no migration made is named, and drift shows it', async () => {
    await staging.by('CREATE TABLE notes (id integer)');
    staging.add('0002_next', 'CREATE TABLE fresh (id integer);', 'CREATE TABLE notes (id integer);');
    expect(await deploy()).toMatchObject({
      exitCode: 4,
      code: 'rehearsal-failed',
      why: 'table notes already exists. No migration that is applied makes notes: drizzle-kit push or a person made it.',
      next: `migrate-tui drift staging shows how it is there. Drop it when nothing needs it, or let 0002_next go on from it as it is.`,
    });
  });

  test('by an earlier statement of the same file', async () => {
    staging.add('0002_next', 'CREATE TABLE notes (id integer);', 'CREATE TABLE notes (id integer);');
    expect(await apply()).toMatchObject({
      why: 'table notes already exists. Statement 1 of the same file makes notes already.',
      next: `Take one of the two out of 0002_next; migrate-tui migration 0002_next shows both.`,
    });
  });

  test('by another migration: the one that is applied, and the one that runs before it', async () => {
    staging.add('0002_next', 'CREATE TABLE fresh (id integer);', 'CREATE TABLE teams (id integer);');
    expect(await apply()).toMatchObject({
      why: 'table teams already exists. 0000_teams, which is recorded as applied, makes it in its statement 1.',
      next: 'Change 0002_next to begin where 0000_teams ends: migrate-tui migration 0000_teams shows what that one did.',
    });
  });

  test('a column that two pending files add', async () => {
    staging.add('0002_next', 'ALTER TABLE teams ADD colour text;');
    staging.add('0003_same', 'ALTER TABLE teams ADD colour text;');
    expect(await apply()).toMatchObject({
      why: 'duplicate column name: colour. 0002_next, which runs before it, makes it in its statement 1.',
      next: expect.stringContaining('Change 0003_same to begin where 0002_next ends'),
    });
  });

  test.each([
    ['CREATE INDEX taken ON teams (name)', 'CREATE INDEX taken ON members (team_id);', 'taken'],
    ['CREATE VIEW seen AS SELECT 1 AS one', 'CREATE VIEW seen AS SELECT 2 AS two;', 'seen'],
    ['CREATE TABLE former (id integer)', 'ALTER TABLE members RENAME TO former;', 'former'],
  ])('whatever it is: %s', async (by, sql, name) => {
    await staging.by(by);
    staging.add('0002_next', 'CREATE TABLE fresh (id integer);', sql);
    const { why, next } = await apply();
    expect(why).toContain(
      `. No migration that is applied makes ${name}: drizzle-kit push or a person made it`,
    );
    expect(next).toContain('migrate-tui drift staging shows how it is there');
  });
});

describe('something that the statement needs is not there', () => {
  test('a name that is nearly right', async () => {
    staging.add('0002_next', "INSERT INTO team (name) VALUES ('green');");
    expect(await apply()).toMatchObject({
      why: 'no such table: team. No file of the folder makes a table of the name team, and one of the name teams is there.',
      next: `If teams is meant, correct 0002_next; otherwise add what makes team before it.`,
    });
  });

  test('a column that a later file adds', async () => {
    staging.add('0002_next', "UPDATE teams SET colour = 'red';");
    staging.add('0003_colour', 'ALTER TABLE teams ADD colour text;');
    expect(await apply()).toMatchObject({
      why: 'no such column: colour. 0003_colour, which has not run, makes colour.',
      next: expect.stringContaining(
        'Deploy 0003_colour first, or move the statement into a file that comes after it',
      ),
    });
  });

  test('a table that a file makes which was never run, because its time is too old', async () => {
    await staging.by(
      'DROP TABLE members',
      'DELETE FROM __drizzle_migrations WHERE created_at = 1750000001000',
    );
    staging.add('0002_next', 'CREATE TABLE fresh (id integer);');
    expect(
      (await staging.run('apply', 'staging', '--only', '0002_next', '--out-of-order', '--yes')).exitCode,
    ).toBe(0);
    staging.add('0003_more', 'ALTER TABLE members ADD note text;');
    expect(await apply()).toMatchObject({
      why: expect.stringContaining('no such table: members. 0001_members makes members and never ran'),
      next: 'migrate-tui deploy staging --only 0001_members --out-of-order runs it first.',
    });
  });

  test('a table that a statement before it drops', async () => {
    staging.add('0002_next', 'DROP TABLE members;', 'DELETE FROM members;');
    expect(await apply()).toMatchObject({
      why: 'no such table: members. Statement 1 of the same file takes members away.',
      next: `Move the statement before that one, or take it out of 0002_next: migrate-tui migration 0002_next shows both.`,
    });
  });

  test('a table that was dropped by hand', async () => {
    await staging.by('DROP TABLE members');
    staging.add('0002_next', 'ALTER TABLE members ADD note text;');
    expect(await apply()).toMatchObject({
      why: expect.stringContaining(
        'no such table: members. 0001_members makes members and is recorded as applied: it was taken away since without a migration',
      ),
      next: expect.stringContaining('migrate-tui verify staging shows what else differs'),
    });
  });

  test('a column of a view that the change would leave behind', async () => {
    await staging.by('CREATE VIEW names AS SELECT name FROM teams');
    staging.add('0002_next', 'ALTER TABLE teams DROP COLUMN name;');
    expect(await apply()).toMatchObject({
      why: 'error in view names after drop column: no such column: name. The view names still uses it.',
      next: `Drop the view names before the statement, and create it again after it without what is gone, in 0002_next.`,
    });
  });
});

describe('rows that refer to nothing', () => {
  test('because what they refer to is deleted: their table, how many, and the query that shows them', async () => {
    await staging.by(
      'CREATE TABLE badges (team integer REFERENCES teams(id))',
      'INSERT INTO badges VALUES (1), (2)',
    );
    staging.add('0002_next', 'CREATE TABLE fresh (id integer);', 'DELETE FROM teams;');
    const failed = await deploy();
    expect(failed).toMatchObject({
      code: 'rehearsal-failed',
      next: expect.stringMatching(
        /^migrate-tui query staging 'SELECT \* FROM badges WHERE team IN \(SELECT id FROM teams\)' shows them\./,
      ),
    });
    expect(failed.why).toContain(
      'FOREIGN KEY constraint failed. Statement 2 leaves rows that refer to nothing: 2 rows of badges to teams.',
    );
    expect(rowsOf(failed.shown)).toBe(2);
  });

  test('because a table is dropped that they refer to', async () => {
    staging.add('0002_next', 'DROP TABLE teams;');
    const failed = await deploy();
    expect(failed.why).toContain('leaves rows that refer to nothing: 2 rows of members to teams');
    expect(rowsOf(failed.shown)).toBe(2);
  });

  test('because they are copied with numbers that are not there', async () => {
    staging.add('0002_next', 'INSERT INTO members (team_id) SELECT id + 100 FROM teams WHERE id > 1;');
    const failed = await deploy();
    expect(failed.why).toContain('Statement 1 leaves rows that refer to nothing: 1 row of members to teams.');
    expect(failed.next).toContain(
      "'SELECT * FROM teams WHERE (id > 1) AND id + 100 NOT IN (SELECT id FROM teams)'",
    );
    expect(rowsOf(failed.shown)).toBe(1);
  });

  test('that the file itself writes are shown by no query: there is none of them to see', async () => {
    staging.add('0002_next', 'INSERT INTO members (team_id) VALUES (7001), (7002);');
    const failed = await deploy();
    expect(failed.why).toContain('2 rows of members to teams');
    expect(failed.next).not.toContain('migrate-tui query');
    expect(failed.all).not.toContain('7001');
  });

  test('of a key that points to what is not unique', async () => {
    staging.add(
      '0002_next',
      'CREATE TABLE k (a text REFERENCES teams(name));',
      "INSERT INTO k VALUES ('red');",
    );
    expect(await apply()).toMatchObject({
      why: 'foreign key mismatch - "k" referencing "teams". A foreign key of k points to teams (name), which is no primary key and has no unique index over those columns: SQLite cannot check it.',
      next: `Add a unique index over teams (name) before it, or point the key to the primary key, in 0002_next.`,
    });
  });
});

describe('rows that a constraint does not let in', () => {
  test('NULL in a rebuilt table: how many, and the query that shows them', async () => {
    await staging.by('ALTER TABLE teams ADD secret text', "UPDATE teams SET secret = 'hunter2' WHERE id = 1");
    staging.add(
      '0002_next',
      'CREATE TABLE copy (id integer PRIMARY KEY, secret text NOT NULL);',
      'INSERT INTO copy (id, secret) SELECT id, secret FROM teams;',
    );
    const failed = await apply();
    expect(failed).toMatchObject({
      why: 'NOT NULL constraint failed: copy.secret. 1 row would get no value in copy.secret, which must have one.',
      next: `migrate-tui query staging 'SELECT * FROM teams WHERE secret IS NULL' shows them. Fill them with an UPDATE before the statement, or give a value with coalesce(…), in 0002_next.`,
    });
    expect(rowsOf(failed.shown)).toBe(1);
    expect(failed.all).not.toContain('hunter2');
  });

  test('values that stand in the statement are not repeated, nor in a command that would show the rows', async () => {
    await staging.by('ALTER TABLE teams ADD email text');
    staging.add(
      '0002_next',
      'CREATE TABLE copy (email text NOT NULL);',
      "INSERT INTO copy SELECT nullif(email, 'eve@example.org') FROM teams WHERE name <> 'eve@example.org';",
    );
    const failed = await apply();
    expect(failed.why).toBe(
      'NOT NULL constraint failed: copy.email. 2 rows would get no value in copy.email, which must have one.',
    );
    expect(failed.all).not.toContain('eve@example.org');
  });

  test('NULL, counted at the statement: what an earlier one fills is not in the way any more', async () => {
    await staging.by('ALTER TABLE teams ADD note text', "INSERT INTO teams (name) VALUES ('third')");
    staging.add(
      '0002_next',
      "UPDATE teams SET note = 'x' WHERE id = 1;",
      'CREATE TABLE copy (note text NOT NULL);',
      'INSERT INTO copy SELECT note FROM teams;',
    );
    expect((await deploy()).why).toContain('2 rows would get no value in copy.note');
  });

  test('a column that must have a value and gets none', async () => {
    staging.add('0002_next', 'ALTER TABLE teams ADD colour text NOT NULL;');
    expect(await apply()).toMatchObject({
      why: 'Cannot add a NOT NULL column with default value NULL. 2 rows of teams would have no value in the new column colour.',
      next: expect.stringContaining(`Give the column a constant DEFAULT in 0002_next`),
    });
  });

  test('values that a new unique index finds twice', async () => {
    await staging.by("INSERT INTO teams (name) VALUES ('red'), ('red')");
    staging.add('0002_next', 'CREATE UNIQUE INDEX one_name ON teams (name);');
    const failed = await deploy();
    expect(failed).toMatchObject({
      why: 'UNIQUE constraint failed: teams.name. 3 rows (1 group) of teams share name, which one_name lets each have once.',
      next: expect.stringContaining(
        'SELECT name, count(*) AS rows FROM teams WHERE name IS NOT NULL GROUP BY name',
      ),
    });
    expect(rowsOf(failed.shown)).toBe(1);
  });

  test('values that are there already, and would come a second time', async () => {
    staging.add('0002_next', 'INSERT INTO teams (id, name) SELECT id, name FROM teams WHERE id = 2;');
    expect((await apply()).why).toBe(
      'UNIQUE constraint failed: teams.id. 2 rows (1 group) would share id in teams, where each may be there once.',
    );
  });

  test('rows that a CHECK refuses, told through the columns that they are copied from', async () => {
    staging.add(
      '0002_next',
      'CREATE TABLE short (title text CHECK (length(title) < 4));',
      'INSERT INTO short (title) SELECT name FROM teams;',
    );
    const failed = await deploy();
    expect(failed).toMatchObject({
      why: "CHECK constraint failed: length(title) < 4. 1 row of teams is not what short's CHECK lets in.",
      next: expect.stringContaining("'SELECT * FROM teams WHERE NOT (length(name) < 4)' shows them."),
    });
    expect(rowsOf(failed.shown)).toBe(1);
  });

  test('values of the wrong type in a STRICT table', async () => {
    staging.add('0002_next', 'CREATE TABLE s (a integer) STRICT;', 'INSERT INTO s SELECT name FROM teams;');
    const failed = await apply();
    expect(failed.why).toBe(
      'cannot store TEXT value in INTEGER column s.a. s.a takes an INTEGER value only, and got a TEXT one (2 rows).',
    );
    expect(rowsOf(failed.shown)).toBe(2);
  });

  test('texts where the key takes integers only, and values that are no JSON', async () => {
    staging.add(
      '0002_next',
      'CREATE TABLE k (a integer PRIMARY KEY);',
      'INSERT INTO k SELECT name FROM teams;',
    );
    const failed = await apply();
    expect(failed.why).toContain(
      'datatype mismatch. k.a is an INTEGER PRIMARY KEY, which takes nothing but integers (2 rows).',
    );
    expect(rowsOf(failed.shown)).toBe(2);
    await using other = await failing(cli);
    other.add('0002_next', "UPDATE teams SET name = json_extract(name, '$.a');");
    const json = await other.fail('apply', 'staging');
    expect(json.why).toBe('malformed JSON. teams holds values of name that are no JSON (2 rows).');
    expect(rowsOf(json.shown)).toBe(2);
  });
});

describe('what is not the rows', () => {
  // The engine's own limit of pages stands for a disk that is full, and its own switch for one that is read-only.
  test('a full disk', async () => {
    staging.add(
      '0002_next',
      'PRAGMA max_page_count = 12;',
      'CREATE TABLE big AS SELECT zeroblob(100000) AS a;',
    );
    const failed = await apply();
    expect(failed).toMatchObject({ exitCode: 1, code: 'storage' });
    expect(failed.why).toContain('cannot grow: its disk is full');
    expect(failed.next).toMatch(
      /^Make room on that disk .*then migrate-tui apply staging goes on from here\.$/,
    );
  });

  test('a database that cannot be written', async () => {
    staging.add('0002_next', 'PRAGMA query_only = ON;', "INSERT INTO teams (name) VALUES ('green');");
    const failed = await apply();
    expect(failed).toMatchObject({ exitCode: 1, code: 'storage' });
    expect(failed.why).toContain('the file or its disk is read-only');
    expect(failed.next).toContain('Check the owner and the mode of the file');
  });

  test('a value that is too large', async () => {
    staging.add('0002_next', 'UPDATE teams SET name = zeroblob(1000000001);');
    expect(await apply()).toMatchObject({
      why: 'string or blob too big. One of its values, or a row, is larger than the 1,000,000,000 bytes that SQLite takes.',
    });
  });

  test.each([
    [
      'a word that is none',
      'CREAT TABLE t (a);',
      'libSQL does not read the statement as SQL',
      `Correct 0002_next.`,
    ],
    [
      'a function of another database',
      'UPDATE teams SET name = gen_random_uuid();',
      'libSQL has no function of that name',
      'Write it without gen_random_uuid',
    ],
    [
      'half a statement',
      'CREATE TABLE t (a integer',
      'The text ends in the middle of a statement',
      `Close it in 0002_next`,
    ],
    [
      'a column that can only be made with its table',
      'ALTER TABLE teams ADD code text UNIQUE;',
      'SQLite adds no UNIQUE column to a table that has rows',
      'create a unique index over it',
    ],
  ])('%s', async (_, sql, why, next) => {
    staging.add('0002_next', sql);
    const failed = await apply();
    expect(failed.why).toContain(why);
    expect(failed.next).toContain(next);
  });
});

test('the same is said of a migration that was not rehearsed, as far as it can be counted without it', async () => {
  await staging.by("INSERT INTO teams (name) VALUES ('red')");
  staging.add('0002_next', 'CREATE UNIQUE INDEX one_name ON teams (name);');
  const failed = await apply();
  expect(failed).toMatchObject({ exitCode: 1, code: 'statement-failed' });
  expect(failed.why).toContain('2 rows (1 group) of teams share name');
  expect(rowsOf(failed.shown)).toBe(1);
});

test('an error that is not known keeps its own words, and names the statement', async () => {
  staging.add('0002_next', 'REINDEX zilch;');
  expect(await apply()).toMatchObject({
    why: 'unable to identify the object to be reindexed.',
    next: 'Correct the file or the rows, then try again: migrate-tui apply staging; migrate-tui migration 0002_next shows the statement.',
  });
});

function rowsOf(shown: string | undefined): number {
  const answer = JSON.parse(shown ?? '{}');
  return Array.isArray(answer.rows) ? answer.rows.length : Number.NaN;
}
