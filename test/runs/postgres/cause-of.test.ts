import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Secret } from '../../../src/lib/secret.ts';
import { quotedNames } from '../../../src/operations/causes/postgres/said.ts';
import { failingFolder, type FailingFolder } from '../../support/failed-unit.ts';
import { postgresServer, type PostgresDatabase, type PostgresServer } from '../../support/postgres.ts';

// What the server says to a statement, from the statement to the cause and the next step; every one is provoked.
let server: PostgresServer;
let database: PostgresDatabase;
let staging: FailingFolder;
const applied = {
  '0000_teams': [
    'CREATE TABLE "teams" ("id" serial PRIMARY KEY NOT NULL, "name" text NOT NULL, "code" varchar(20));',
    `INSERT INTO "teams" ("name", "code") VALUES ('red', '1'), ('blue', 'two'), ('red', NULL);`,
  ],
  '0001_members': [
    'CREATE TABLE "members" ("id" serial PRIMARY KEY NOT NULL, "team_id" integer NOT NULL, "age" integer);',
    'ALTER TABLE "members" ADD CONSTRAINT "members_team_id_teams_id_fk" FOREIGN KEY ("team_id") REFERENCES "public"."teams"("id") ON DELETE no action ON UPDATE no action;',
    'INSERT INTO "members" ("team_id", "age") SELECT "id", 10 * "id" FROM "teams";',
  ],
};
beforeAll(async () => {
  server = await postgresServer();
  database = await server.createDatabase();
  staging = await failingFolder(database.address);
  for (const [tag, statements] of Object.entries(applied)) await staging.apply(tag, ...statements);
});
afterAll(async () => {
  await staging[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

let isChanged = false;
// What fails leaves nothing behind; what a person did is taken back.
afterEach(async () => {
  if (!isChanged) return;
  isChanged = false;
  await run(
    'DROP SCHEMA public CASCADE',
    'DROP SCHEMA IF EXISTS shop CASCADE',
    'CREATE SCHEMA public',
    'GRANT USAGE ON SCHEMA public TO PUBLIC',
  );
  await run(...Object.values(applied).flat());
});

/** Changes the database as a person would, past the tool. */
async function by(...statements: readonly string[]) {
  isChanged = true;
  await run(...statements);
}

async function run(...statements: readonly string[]) {
  await using client = await database.connect();
  for (const sql of statements) await client.query(sql);
}

const next = (...statements: readonly string[]) => staging.fail(...statements);

describe('something of the name is there already', () => {
  test('a table made by hand, and one that a migration made', async () => {
    await by('CREATE TABLE notes (id integer)');
    expect(await next('CREATE TABLE "notes" ("id" integer);')).toMatchObject({
      why: 'No migration that is applied makes notes: drizzle-kit push or a person made it',
      next: 'migrate-tui drift staging shows how it is there. Drop it when nothing needs it, or let 0009_next go on from it as it is.',
    });
    expect(await next('CREATE TABLE "teams" ("id" integer);')).toMatchObject({
      why: '0000_teams, which is recorded as applied, makes it in its statement 1',
    });
  });

  test('twice in the same file: a column, a type, a constraint', async () => {
    const twice = async (sql: string) => (await next(sql, sql)).why;
    expect(await twice('ALTER TABLE "teams" ADD COLUMN "colour" text;')).toBe(
      'Statement 1 of the same file makes colour already',
    );
    expect(await twice(`CREATE TYPE "public"."role" AS ENUM('admin', 'user');`)).toBe(
      'Statement 1 of the same file makes role already',
    );
    expect(await twice('ALTER TABLE "teams" ADD CONSTRAINT "named" CHECK ("id" > 0);')).toBe(
      'Statement 1 of the same file makes named already',
    );
  });

  test('a constraint that another migration makes, and a second primary key', async () => {
    const sql =
      'ALTER TABLE "members" ADD CONSTRAINT "members_team_id_teams_id_fk" FOREIGN KEY ("team_id") REFERENCES "public"."teams"("id");';
    expect((await next(sql)).why).toBe(
      '0001_members, which is recorded as applied, makes it in its statement 2',
    );
    expect((await next('ALTER TABLE "teams" ADD PRIMARY KEY ("name");')).why).toBe(
      'The table has a primary key already, and can have one only',
    );
  });

  test('everything that the migration makes: it ran without its record', async () => {
    await by("CREATE TYPE role AS ENUM ('admin')", 'CREATE TABLE notes (id integer, role role)');
    expect(
      await next(`CREATE TYPE "public"."role" AS ENUM('admin');`, 'CREATE TABLE "notes" ("id" integer);'),
    ).toMatchObject({
      why: 'All 2 things that 0009_next makes are there, without its record: it ran and was not recorded, or drizzle-kit push or a person made them',
    });
  });

  test('in a schema of its own', async () => {
    await by('CREATE SCHEMA shop', 'CREATE TABLE shop.orders (id integer)');
    expect((await next('CREATE TABLE "shop"."orders" ("id" integer);')).why).toContain('shop.orders');
    expect((await next('CREATE SCHEMA "shop";')).why).toContain('makes shop');
  });
});

describe('something that the statement needs is not there', () => {
  test('a name that is nearly right', async () => {
    expect(await next('INSERT INTO "team" ("name") VALUES (\'green\');')).toMatchObject({
      why: 'No file of the folder makes a table of the name team, and one of the name teams is there',
      next: 'If teams is meant, correct 0009_next; otherwise add what makes team before it.',
    });
    expect((await next('UPDATE "teams" SET "nam" = \'x\';')).why).toBe(
      'No file of the folder makes a column of the name nam, and one of the name name is there',
    );
    expect((await next('CREATE INDEX "i" ON "teams" USING btree ("nam");')).why).toContain(
      'one of the name name is there',
    );
    expect((await next('DROP INDEX "teams_idx";')).why).toContain('makes an index of the name teams_idx');
    expect((await next('ALTER TABLE "teams" DROP CONSTRAINT "gone";')).why).toContain(
      'makes a constraint of the name gone',
    );
    expect((await next('CREATE TABLE "away"."t" ("id" integer);')).why).toContain(
      'makes a schema of the name away',
    );
  });

  test('what the same file takes away, or makes later', async () => {
    expect(
      (await next('ALTER TABLE "teams" DROP COLUMN "code";', 'UPDATE "teams" SET "code" = NULL;')).why,
    ).toBe('Statement 1 of the same file takes code away');
    expect(
      (
        await next(
          'ALTER TABLE "teams" ADD COLUMN "role" "role";',
          `CREATE TYPE "public"."role" AS ENUM('a');`,
        )
      ).why,
    ).toBe('Statement 2 of the same file makes role, and comes later');
  });

  test('a type, a function and an operator class that come with an extension', async () => {
    expect(await next('ALTER TABLE "teams" ADD COLUMN "email" "citext";')).toMatchObject({
      why: 'citext belongs to the extension citext, which this database does not have',
      next: 'Put CREATE EXTENSION IF NOT EXISTS citext; before it in 0009_next, or let whoever runs the server make the extension once.',
    });
    expect(
      (await next('ALTER TABLE "teams" ADD COLUMN "u" uuid DEFAULT uuid_generate_v4();')).next,
    ).toContain('CREATE EXTENSION IF NOT EXISTS "uuid-ossp";');
    expect((await next('CREATE INDEX "i" ON "teams" USING gin ("name" gin_trgm_ops);')).why).toContain(
      'extension pg_trgm',
    );
  });

  test('an extension that the server has no files of, a role, a function', async () => {
    expect((await next('CREATE EXTENSION vector;')).why).toBe(
      'The server of staging has no files of the extension vector: it is a package of the server, or something that its provider switches on',
    );
    expect((await next('GRANT SELECT ON "teams" TO reporting;')).why).toContain('has no role reporting');
    expect((await next('ALTER TABLE "teams" ALTER COLUMN "code" SET DEFAULT coda(1);')).why).toBe(
      'There is no function or operator of that name for values of these types',
    );
  });
});

describe('rows are in the way', () => {
  test('of a unique index and of a unique constraint', async () => {
    expect(await next('CREATE UNIQUE INDEX "teams_name" ON "teams" USING btree ("name");')).toMatchObject({
      why: '2 rows (1 group) of teams share name, which teams_name lets each have once',
      next: `migrate-tui query staging 'SELECT name, count(*) AS rows FROM teams WHERE name IS NOT NULL GROUP BY name HAVING count(*) > 1' shows them. Make them differ, or remove all but one of each, in a statement before it in 0009_next.`,
    });
    expect((await next('ALTER TABLE "teams" ADD CONSTRAINT "teams_name_unique" UNIQUE("name");')).why).toBe(
      '2 rows (1 group) of teams share name, which teams_name_unique lets each have once',
    );
    expect(
      (await next('CREATE UNIQUE INDEX "u" ON "teams" (lower("name"), ("id" % 2)) WHERE "id" <> 2;')).why,
    ).toBe('2 rows (1 group) of teams share lower(name) and (id % 2), which u lets each have once');
  });

  test('made by an earlier statement of the same file: counted just before the one that fails', async () => {
    const told = await next(
      'CREATE TABLE "Copies" ("Name" text);',
      'INSERT INTO "Copies" SELECT "name" FROM "teams";',
      'CREATE UNIQUE INDEX "c" ON "Copies" ("Name");',
    );
    expect(told.why).toBe('2 rows (1 group) of Copies share "Name", which c lets each have once');
    expect(told.next).not.toContain('migrate-tui query');
  });

  test('of rows that a statement writes', async () => {
    await by('ALTER TABLE members ADD CONSTRAINT age_once UNIQUE (age)');
    expect((await next('UPDATE "members" SET "age" = 7 WHERE "id" < 3;')).why).toBe(
      '2 rows (1 group) would share age in members, where each may be there once',
    );
    expect(
      (await next('INSERT INTO "members" ("team_id", "age") SELECT "id", 10 FROM "teams" WHERE "id" = 1;'))
        .why,
    ).toBe('2 rows (1 group) would share age in members, where each may be there once');
    expect((await next('UPDATE "members" SET "age" = "age" + 10;')).why).toBe(
      'A row of members gets the age of another that is yet to be changed: PostgreSQL checks each row as it is written',
    );
    expect((await next('INSERT INTO "members" ("team_id", "age") VALUES (1, 10);')).why).toBe(
      'A row with the same age is in members already, or the statement writes it twice',
    );
  });

  test('of a column that must hold a value', async () => {
    expect(await next('ALTER TABLE "teams" ADD COLUMN "colour" text NOT NULL;')).toMatchObject({
      why: '3 rows of teams would have no value in the new column colour',
      next: 'Give the column a DEFAULT in 0009_next; or add it without NOT NULL, fill it with an UPDATE, and then run ALTER COLUMN … SET NOT NULL.',
    });
    expect(await next('ALTER TABLE "teams" ALTER COLUMN "code" SET NOT NULL;')).toMatchObject({
      why: '1 row of teams has no value in code',
      next: `migrate-tui query staging 'SELECT * FROM teams WHERE code IS NULL' shows them. Fill them with an UPDATE, or delete them, in a statement before it in 0009_next.`,
    });
    expect(
      (await next('INSERT INTO "members" ("team_id") SELECT "code"::int FROM "teams" WHERE "code" IS NULL;'))
        .why,
    ).toBe(
      '1 row would get no value in members.team_id, which must have one: "code"::int is NULL there'.replaceAll(
        '"',
        '',
      ),
    );
    expect((await next('INSERT INTO "teams" ("code") VALUES (\'x\');')).why).toBe(
      'The statement gives teams.name no value, and the column has no default',
    );
  });

  test('of a foreign key that is added', async () => {
    await by(
      'ALTER TABLE members DROP CONSTRAINT members_team_id_teams_id_fk',
      'UPDATE members SET team_id = 77 WHERE id > 1',
    );
    expect(
      await next(
        'ALTER TABLE "members" ADD CONSTRAINT "fk" FOREIGN KEY ("team_id") REFERENCES "public"."teams"("id") ON DELETE cascade;',
      ),
    ).toMatchObject({
      why: '2 rows of members refer to nothing in teams',
      next: `migrate-tui query staging 'SELECT * FROM members WHERE team_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM teams AS p WHERE p.id = members.team_id)' shows them. Delete or move those rows first, in 0009_next; or insert what they refer to before them.`,
    });
    await by('ALTER TABLE members ADD CONSTRAINT later FOREIGN KEY (team_id) REFERENCES teams NOT VALID');
    expect((await next('ALTER TABLE "members" VALIDATE CONSTRAINT "later";')).why).toBe(
      '2 rows of members refer to nothing in teams',
    );
  });

  test('of a foreign key that is there', async () => {
    expect((await next('DELETE FROM "teams" WHERE "id" > 1;')).why).toBe(
      '2 rows of members refer to rows of teams that it deletes',
    );
    expect((await next('UPDATE "teams" SET "id" = "id" + 20;')).why).toBe(
      'It leaves rows of members that refer to nothing, which members_team_id_teams_id_fk does not allow',
    );
    expect((await next('UPDATE "members" SET "team_id" = "team_id" + 2;')).why).toBe(
      '2 rows of members would refer to nothing in teams',
    );
    expect((await next('INSERT INTO "members" ("team_id") VALUES (99);')).why).toBe(
      'It leaves rows of members that refer to nothing, which members_team_id_teams_id_fk does not allow',
    );
  });

  test('of a CHECK that is added, made valid, or there', async () => {
    expect(await next('ALTER TABLE "members" ADD CONSTRAINT "grown" CHECK ("age" >= 18);')).toMatchObject({
      why: '1 row of members is not what the CHECK grown lets in',
      next: `migrate-tui query staging 'SELECT * FROM members WHERE NOT (age >= 18)' shows them. Change those rows before the statement, or the CHECK, in 0009_next.`,
    });
    await by('ALTER TABLE members ADD CONSTRAINT grown CHECK (age >= 18 AND age < 1000) NOT VALID');
    expect((await next('ALTER TABLE "members" VALIDATE CONSTRAINT "grown";')).why).toContain(
      '1 row of members is',
    );
    expect((await next('UPDATE "members" SET "age" = "age" - 10;')).why).toBe(
      '2 rows of members are not what the CHECK grown lets in',
    );
    expect((await next('INSERT INTO "members" ("team_id", "age") VALUES (1, 3);')).why).toBe(
      'A row of members is one that the CHECK grown does not let in',
    );
  });

  test('of a partition, and of one another', async () => {
    await by(
      'CREATE TABLE parts (id int) PARTITION BY LIST (id)',
      'CREATE TABLE rooms (at int4range, EXCLUDE USING gist (at WITH &&))',
    );
    expect((await next('INSERT INTO "parts" VALUES (1);')).why).toBe(
      'No partition of parts takes one of the rows',
    );
    expect((await next(`INSERT INTO "rooms" VALUES ('[1,3)'), ('[2,4)');`)).why).toBe(
      'Two rows of rooms exclude one another, as rooms_at_excl says',
    );
  });
});

describe('a type', () => {
  test('that the values of a column do not fit: counted, and none is quoted', async () => {
    const told = await next(
      'ALTER TABLE "teams" ALTER COLUMN "code" SET DATA TYPE integer USING "code"::integer;',
    );
    expect(told).toMatchObject({
      why: '1 row of teams has a value in code that integer does not take',
      next: `migrate-tui query staging 'SELECT * FROM teams WHERE NOT pg_input_is_valid(code::text, '\\''integer'\\'')' shows them. Change those values with an UPDATE before it, or let USING convert them, in 0009_next.`,
    });
    expect((await next('ALTER TABLE "teams" ALTER COLUMN "name" SET DATA TYPE varchar(3);')).why).toBe(
      '1 row of teams has a value in name that varchar(3) does not take',
    );
  });

  test('that PostgreSQL converts to only when told how', async () => {
    expect(await next('ALTER TABLE "teams" ALTER COLUMN "code" SET DATA TYPE integer;')).toMatchObject({
      why: 'PostgreSQL does not turn what is in code, or its default, into integer by itself',
      next: 'Say how in 0009_next: … SET DATA TYPE integer USING code::integer; a default is dropped before it and set again after it.',
    });
  });

  test('whose columns a key cannot compare, or that nothing makes unique', async () => {
    expect(
      (await next('ALTER TABLE "members" ADD FOREIGN KEY ("age") REFERENCES "teams"("name");')).why,
    ).toContain('teams (name), where no primary key and no unique constraint');
    await by('CREATE TABLE words (word text PRIMARY KEY)');
    expect(
      (await next('ALTER TABLE "members" ADD FOREIGN KEY ("age") REFERENCES "words"("word");')).why,
    ).toBe('The columns of the key and those of words are of types that cannot be compared');
  });

  test('of a value that a statement writes', async () => {
    expect((await next(`INSERT INTO "members" ("team_id") VALUES ('abc');`)).why).toBe(
      'A value is not written as its type wants it',
    );
    expect((await next('INSERT INTO "members" ("team_id") VALUES (99999999999);')).why).toBe(
      'A number is out of the range of its type',
    );
    expect((await next('INSERT INTO "members" ("team_id") VALUES (true);')).why).toBe(
      'An expression is of another type than the column that it goes into',
    );
  });
});

describe('other things need it', () => {
  test('a foreign key, a view, a default: they are named', async () => {
    await by(
      'CREATE VIEW seen AS SELECT name FROM teams',
      "CREATE TYPE role AS ENUM ('a')",
      'ALTER TABLE members ADD role role',
    );
    expect(await next('DROP TABLE "teams";')).toMatchObject({
      why: 'Constraint members_team_id_teams_id_fk on table members, view seen still need it',
      next: 'Drop or change that in a statement before it, in 0009_next. CASCADE would take it along, with whatever needs that.',
    });
    expect((await next('ALTER TABLE "teams" DROP COLUMN "name";')).why).toBe('View seen still needs it');
    expect((await next('DROP TYPE "public"."role";')).why).toBe(
      'Column role of table members still needs it',
    );
    expect(await next('ALTER TABLE "teams" ALTER COLUMN "name" SET DATA TYPE varchar(90);')).toMatchObject({
      why: 'View seen reads the column',
      next: 'Drop that before the statement, and create it again after it, in 0009_next.',
    });
    await by('ALTER TABLE teams ADD loud text GENERATED ALWAYS AS (upper(id::text)) STORED');
    expect((await next('ALTER TABLE "teams" ALTER COLUMN "id" SET DATA TYPE bigint;')).why).toBe(
      'Generated column loud reads the column',
    );
    expect((await next('TRUNCATE "teams";')).why).toBe(
      'A foreign key of another table points to it, and TRUNCATE asks no row',
    );
  });

  test('checks that are due at the end of the transaction', async () => {
    await by(
      'ALTER TABLE members ALTER CONSTRAINT members_team_id_teams_id_fk DEFERRABLE INITIALLY DEFERRED',
    );
    expect(
      await next('UPDATE "members" SET "team_id" = 1;', 'ALTER TABLE "members" ADD COLUMN "x" integer;'),
    ).toMatchObject({
      why: 'Rows of members were written in the same transaction, and checks of them are still due at its end',
      next: 'Put SET CONSTRAINTS ALL IMMEDIATE; before the statement in 0009_next, or move it into a migration of its own.',
    });
    expect((await next('UPDATE "members" SET "team_id" = 44;')).why).toBe(
      'It leaves rows of members that refer to nothing, which members_team_id_teams_id_fk does not allow',
    );
  });
});

describe('a transaction', () => {
  test('in which a value of an enum was just added', async () => {
    await by("CREATE TYPE role AS ENUM ('a')");
    expect(
      await next(
        `ALTER TYPE "public"."role" ADD VALUE 'b';`,
        `ALTER TABLE "members" ADD COLUMN "role" "role" DEFAULT 'b';`,
      ),
    ).toMatchObject({
      why: 'A value that is added to the enum role can be used once the transaction that adds it is committed',
      next: 'Move what uses the value out of 0009_next, into a migration that comes after it.',
    });
  });

  test('in which the statement cannot run', async () => {
    expect(await next('VACUUM "teams";')).toMatchObject({
      why: 'PostgreSQL runs it outside of a transaction only, and by itself runs here only what changes the schema of this database',
      next: 'Take it out of 0009_next, and run it by itself, past the migrations.',
    });
    expect((await next('COMMIT;')).why).toBe(
      'Each migration is one transaction already, together with its record',
    );
  });
});

describe('the server or the role', () => {
  test('may not: of another owner, in a schema, a schema, an extension', async () => {
    const name = `guest_${database.name}`;
    await by(`CREATE ROLE ${name} LOGIN PASSWORD 'secret'`, `GRANT ALL ON teams TO ${name}`);
    const address = { ...database.address, url: database.address.url.replace('postgres@', `${name}@`) };
    await using guest = await failingFolder({ ...address, password: new Secret('secret') });
    const why = async (sql: string) => guest.fail(sql);
    expect(await why('ALTER TABLE "teams" ADD COLUMN "x" integer;')).toMatchObject({
      why: `${name} neither owns what the statement changes nor was granted it; only an owner may alter or drop`,
    });
    expect(await why('CREATE TABLE "mine" ("id" integer);')).toMatchObject({
      why: `${name} may not create anything in the schema public: since PostgreSQL 15 nobody may but the owner of the database`,
      next: `Let its owner run GRANT USAGE, CREATE ON SCHEMA public TO ${name}; then migrate-tui deploy staging goes on from here.`,
    });
    expect((await why('CREATE SCHEMA "mine";')).next).toContain('GRANT CREATE ON DATABASE');
    expect((await why('CREATE EXTENSION adminpack_is_gone;')).why).toContain('has no files of the extension');
    expect((await why('CREATE EXTENSION amcheck;')).why).toBe(
      `${name} may not create this extension: most need a superuser`,
    );
    await by('REVOKE USAGE ON SCHEMA public FROM PUBLIC');
    expect((await why('UPDATE "teams" SET "code" = NULL;')).why).toBe(
      'A table teams is there, but the statement does not see it: search_path leaves the schema public out, or the role has no USAGE on it',
    );
    expect((await why('CREATE TABLE "mine" ("id" integer);')).why).toContain('No schema of search_path');
  });

  test('takes no writes, or stopped the statement', async () => {
    await run(`ALTER DATABASE ${database.name} SET default_transaction_read_only = on`);
    await using replica = await failingFolder(database.address);
    await run('SET default_transaction_read_only = off', `ALTER DATABASE ${database.name} RESET ALL`);
    expect((await replica.fail('CREATE TABLE "mine" ("id" integer);')).why).toContain(
      'staging takes no writes',
    );
    expect(await next('SET LOCAL statement_timeout = 50;', 'SELECT pg_sleep(5);')).toMatchObject({
      why: 'The server stopped it: statement_timeout of the server, the database or the role ran out, or somebody cancelled it',
      next: 'Put SET LOCAL statement_timeout = 0; before it in 0009_next, or split the statement; then migrate-tui deploy staging goes on from here.',
    });
  });
});

test('the text, and what code in the database says', async () => {
  expect((await next('CREATE TABEL "x" ("id" integer);')).why).toContain(
    'does not read the statement as SQL',
  );
  expect((await next(`DO $$ BEGIN RAISE EXCEPTION 'not on a Friday'; END $$;`)).why).toContain(
    'raised that with RAISE',
  );
  await by('ALTER TABLE teams ADD n integer GENERATED ALWAYS AS IDENTITY');
  expect((await next('INSERT INTO "teams" ("name", "n") VALUES (\'x\', 7);')).next).toContain(
    'OVERRIDING SYSTEM VALUE',
  );
});

test('in a language of its own, the server is understood as well', async () => {
  // The test server has English words alone; the sentences are those of its German catalogue.
  expect(quotedNames('Relation »users« existiert bereits')).toEqual(['users']);
  expect(quotedNames('la relation « users » existe déjà')).toEqual(['users']);
  expect(quotedNames('колонка "a" отношения "t" уже существует')).toEqual(['a', 't']);
});
