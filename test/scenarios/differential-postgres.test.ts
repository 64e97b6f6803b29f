import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Client } from 'pg';
import { openPostgres } from '../../src/engines/postgres/postgres.ts';
import type { DrizzleLine } from '../../src/migrations/migration.ts';
import { fingerprint } from '../../src/schema/fingerprint.ts';
import { readSchema } from '../../src/schema/read.ts';
import { folder0, folder1, writeFiles } from '../support/drizzle-folders.ts';
import { drizzleLinesOnPostgres } from '../support/drizzle-lines-postgres.ts';
import { carryOut, consent, selection } from '../support/in-process.ts';
import { postgresServer, type PostgresDatabase, type PostgresServer } from '../support/postgres.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await postgresServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const migrations: readonly (readonly string[])[] = [
  [
    `CREATE TYPE "public"."mood" AS ENUM('ok', 'sad');`,
    `CREATE TABLE "users" ("id" serial PRIMARY KEY NOT NULL, "Name" text DEFAULT 'it''s; me' NOT NULL, "mood" "mood" DEFAULT 'ok');`,
  ],
  [
    'CREATE SCHEMA "app";',
    'CREATE TABLE "app"."notes" ("id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY, "user_id" integer, "body" jsonb);',
    'ALTER TABLE "app"."notes" ADD CONSTRAINT "notes_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;',
  ],
  [
    `INSERT INTO "users" ("Name") VALUES ('a'), ('ß; --> statement'), (E'c\\'d');`,
    `INSERT INTO "app"."notes" ("user_id", "body") SELECT "id", '{"n": 1}' FROM "users";\nUPDATE "users" SET "mood" = 'sad' WHERE "id" = 2;`,
  ],
  [
    'CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN new."Name" := upper(new."Name"); RETURN new; END; $body$;',
    'CREATE TRIGGER stamped BEFORE INSERT ON "users" FOR EACH ROW EXECUTE FUNCTION stamp();',
    `INSERT INTO "users" ("Name") VALUES ('upper');`,
  ],
  ['-- Custom SQL migration file, put your code below! --'],
  [
    'CREATE INDEX "notes_body" ON "app"."notes" USING gin ("body");',
    'CREATE VIEW "sad" AS (SELECT "id" FROM "users" WHERE "mood" = \'sad\');',
    `DO $$ BEGIN PERFORM 1; END $$;`,
  ],
  [
    'ALTER TABLE "users" ADD COLUMN "age" integer;',
    'ALTER TABLE "users" ADD CONSTRAINT "grown" CHECK ("users"."age" >= 0);',
    'ALTER TABLE "users" RENAME COLUMN "Name" TO "name";',
    'ALTER TABLE "users" ALTER COLUMN "age" SET DATA TYPE bigint;',
  ],
  [`DELETE FROM "app"."notes" WHERE "user_id" = 1;`, 'DROP VIEW "sad";'],
];

for (const line of ['drizzle-0', 'drizzle-1'] as const) {
  test(`a folder of ${line} for PostgreSQL ends the same whether we ran it, drizzle-orm did, or each a half`, async () => {
    await using rivals = await rivalsOn(line, ['ours', 'theirs', 'begun', 'ended']);
    await rivals.ours('ours');
    await rivals.theirs('theirs');
    await rivals.ours('begun', 4);
    expect((await rivals.content('begun')).records).toHaveLength(4);
    await rivals.theirs('begun');
    await rivals.theirs('ended', 4);
    await rivals.ours('ended');
    const theirs = await rivals.content('theirs');
    expect(theirs.records).toHaveLength(migrations.length);
    for (const name of ['ours', 'begun', 'ended']) expect(await rivals.content(name), name).toEqual(theirs);
    await rivals.theirs('ours');
    expect(await rivals.content('ours')).toEqual(theirs);
  }, 60_000);
}

test('a value that one file adds to an enum is used by the next, where drizzle-orm runs both in one transaction', async () => {
  await using rivals = await rivalsOn(
    'drizzle-0',
    ['ours', 'theirs'],
    [
      [`CREATE TYPE mood AS ENUM('ok');`, 'CREATE TABLE users (id serial PRIMARY KEY, mood mood);'],
      [`ALTER TYPE mood ADD VALUE 'new';`],
      [`INSERT INTO users (mood) VALUES ('new');`],
    ],
  );
  await rivals.theirs('theirs', 1);
  // Should this run through, drizzle-orm has learned to commit each migration.
  await expect(rivals.theirs('theirs')).rejects.toMatchObject({ cause: { code: '55P04' } });
  await rivals.ours('theirs');
  await rivals.ours('ours');
  expect((await rivals.records('ours')).length).toBe(3);
  expect(await rivals.records('theirs')).toEqual(await rivals.records('ours'));
}, 60_000);

interface Rivals extends AsyncDisposable {
  /** Applies what is pending of the first so many files. */
  ours(database: string, files?: number): Promise<void>;
  theirs(database: string, files?: number): Promise<void>;
  content(database: string): Promise<Content>;
  records(database: string): Promise<readonly unknown[]>;
}

interface Content {
  readonly fingerprint: string;
  readonly rows: readonly unknown[];
  readonly records: readonly unknown[];
}

async function rivalsOn(
  line: DrizzleLine,
  names: readonly string[],
  all: readonly (readonly string[])[] = migrations,
): Promise<Rivals> {
  const resources = new AsyncDisposableStack();
  const folder = resources.use(await temporaryFolder());
  const databases = new Map<string, PostgresDatabase>();
  for (const name of names) databases.set(name, resources.use(await server.createDatabase()));
  const databaseOf = (name: string) => {
    const database = databases.get(name);
    if (!database) throw new Error(`There is no database ${name}.`);
    return database;
  };
  const env = {
    XDG_STATE_HOME: folder.file('state'),
    ...Object.fromEntries([...databases].map(([name, { url }]) => [name.toUpperCase(), url])),
  };
  const environments = names.map(
    (name) => [name, { targets: { app: `env:${name.toUpperCase()}` } }] as const,
  );
  await writeFiles(folder.path, {
    'package.json': '{ "name": "rivals", "private": true }',
    'migrate-tui.config.json': JSON.stringify({
      databases: { app: { migrations: 'drizzle' } },
      environments: Object.fromEntries(environments),
    }),
  });
  const write = async (files = all.length) => {
    const written = folder.file('drizzle');
    await rm(written, { recursive: true, force: true });
    await writeFiles(written, filesOf(line, all.slice(0, files)));
    return written;
  };
  return {
    async ours(name, files) {
      await write(files);
      const change = { kind: 'apply', environment: name, selection, consent } as const;
      const events = await carryOut({ root: folder.path, env }, change);
      expect(events.at(-1), JSON.stringify(events.at(-1))).toMatchObject({ kind: 'done' });
    },
    async theirs(name, files) {
      const written = await write(files);
      await using client = await databaseOf(name).connect();
      await drizzleLinesOnPostgres[line](client, { folder: written });
    },
    content: (name) => contentOf(databaseOf(name)),
    records: async (name) => {
      await using client = await databaseOf(name).connect();
      return await recordsOf(client);
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

function filesOf(
  line: DrizzleLine,
  chosen: readonly (readonly string[])[],
): Readonly<Record<string, string>> {
  const files = chosen.map((statements, index) => ({
    tag: line === 'drizzle-0' ? `000${index}_m` : `${20_240_101_000_000 + index}_m`,
    sql: statements.join('\n--> statement-breakpoint\n'),
  }));
  return line === 'drizzle-0' ? folder0(files, 'postgresql') : folder1(files);
}

async function contentOf(database: PostgresDatabase): Promise<Content> {
  const options = { purpose: 'question', connectTimeout: 5000, busyTimeout: 5000 } as const;
  await using engine = await openPostgres(database.address, options);
  await using client: Client & AsyncDisposable = await database.connect();
  const ask = async (sql: string): Promise<readonly unknown[]> => (await client.query(sql)).rows;
  const schema = await readSchema(engine.query, { bookkeeping: ['drizzle.__drizzle_migrations'] });
  return {
    fingerprint: fingerprint(schema),
    rows: [
      await ask('SELECT * FROM users ORDER BY id'),
      await ask('SELECT * FROM app.notes ORDER BY id'),
      await ask(`SELECT last_value FROM users_id_seq`),
    ],
    records: await recordsOf(client),
  };
}

async function recordsOf(client: Client): Promise<readonly unknown[]> {
  const { rows } = await client.query<Readonly<Record<string, unknown>>>(
    `SELECT to_jsonb(m) - 'applied_at' - 'id' AS record, to_jsonb(m) ->> 'applied_at' IS NOT NULL AS dated
    FROM drizzle.__drizzle_migrations AS m ORDER BY id`,
  );
  return rows;
}
