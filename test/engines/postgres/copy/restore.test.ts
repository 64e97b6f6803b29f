import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dumpDatabase } from '../../../../src/engines/postgres/copy/dump.ts';
import type { DumpScript } from '../../../../src/engines/postgres/copy/dump-file.ts';
import { openDump } from '../../../../src/engines/postgres/copy/dump-reader.ts';
import { empty, replaceContent, type ReplaceOptions } from '../../../../src/engines/postgres/copy/restore.ts';
import { openServerSession } from '../../../../src/engines/postgres/server-session.ts';
import { inTransaction } from '../../../../src/engines/postgres/copy/table-session.ts';
import { postgresServer, type PostgresDatabase, type PostgresServer } from '../../../support/postgres.ts';
import { temporaryFolder, type TemporaryFolder } from '../../../support/temporary-folder.ts';

let server: PostgresServer;
let folder: TemporaryFolder;
let copy: string;
beforeAll(async () => {
  server = await postgresServer();
  folder = await temporaryFolder();
  copy = folder.file('copy.pgdump');
  await using source = await server.createDatabase();
  await using client = await source.connect();
  for (const sql of script.beforeRows) await client.query(sql);
  await client.query(`INSERT INTO users (name) SELECT 'name ' || i FROM generate_series(1, 500) AS i`);
  await using session = await openServerSession(source.address);
  await dumpDatabase(session, { to: copy, describe: () => Promise.resolve({ script, told: undefined }) });
});
afterAll(async () => {
  await folder[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const script: DumpScript = {
  settings: ['SET LOCAL search_path = public'],
  beforeRows: [
    'CREATE SCHEMA app',
    'CREATE EXTENSION pg_trgm SCHEMA public',
    `CREATE TYPE mood AS ENUM ('new')`,
    'CREATE TABLE users (id serial PRIMARY KEY, name text, feels mood)',
  ],
  afterRows: ['CREATE INDEX users_name ON users USING gin (name gin_trgm_ops)'],
  leftOut: [],
  rights: ['GRANT SELECT ON users TO nobody_here', 'GRANT SELECT ON users TO pg_monitor'],
};

const live = [
  'CREATE EXTENSION pg_trgm',
  'CREATE EXTENSION pgcrypto',
  'CREATE SCHEMA old',
  'CREATE SCHEMA extras',
  'CREATE EXTENSION citext SCHEMA extras',
  'CREATE TABLE extras.kept_by (a extras.citext)',
  `CREATE TYPE mood AS ENUM ('old')`,
  'CREATE TYPE pair AS (a int, b mood)',
  'CREATE DOMAIN positive AS int CHECK (VALUE > 0)',
  'CREATE TYPE span AS RANGE (subtype = float8)',
  'CREATE TABLE users (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, m mood, p pair, friend int REFERENCES users)',
  'CREATE TABLE old.posts (id int PRIMARY KEY, "by" int REFERENCES users) PARTITION BY RANGE (id)',
  'CREATE TABLE old.posts_1 PARTITION OF old.posts FOR VALUES FROM (1) TO (9)',
  'CREATE TABLE child () INHERITS (users)',
  'CREATE VIEW shown AS SELECT * FROM users',
  'CREATE VIEW shown_more AS SELECT * FROM shown',
  'CREATE MATERIALIZED VIEW kept AS SELECT * FROM old.posts',
  'CREATE STATISTICS both_of ON id, m FROM users',
  'CREATE SEQUENCE free',
  'CREATE SEQUENCE owned OWNED BY users.m',
  'CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql AS $$ SELECT $1 * 2 $$',
  `CREATE PROCEDURE work(INOUT a text) LANGUAGE plpgsql AS $$ BEGIN a := 'x'; END $$`,
  'CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int)',
  'CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq)',
  'CREATE COLLATION mine FROM "C"',
  'CREATE TEXT SEARCH CONFIGURATION words (COPY = simple)',
  'CREATE SCHEMA __migrate_tui',
  'CREATE TABLE __migrate_tui.lease (id int PRIMARY KEY, run text)',
  `INSERT INTO __migrate_tui.lease VALUES (1, 'me')`,
  `INSERT INTO users (m) VALUES ('old')`,
  'INSERT INTO old.posts VALUES (1, 1)',
];

async function makeLive(): Promise<PostgresDatabase> {
  const database = await server.createDatabase();
  await using client = await database.connect();
  for (const sql of live) await client.query(sql);
  return database;
}

/** Every object of the users by what kind it is. */
async function objectsOf(client: Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ readonly one: string }>(
    `SELECT DISTINCT o.type || ' ' || o.identity AS one FROM pg_depend d
      JOIN pg_namespace n ON d.refclassid = 'pg_namespace'::regclass AND d.refobjid = n.oid
      CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, d.objsubid) AS o
      WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' AND NOT EXISTS (
        SELECT FROM pg_depend e WHERE e.classid = d.classid AND e.objid = d.objid AND e.deptype = 'e')
      UNION SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'
      ORDER BY 1`,
  );
  return rows.map(({ one }) => one);
}

async function replace(
  database: PostgresDatabase,
  options: Partial<ReplaceOptions> & { readonly signal?: AbortSignal } = {},
) {
  await using session = await openServerSession(database.address, {
    lockTimeout: 300,
    signal: options.signal,
  });
  await using dump = await openDump(copy);
  return await replaceContent(session, dump, { rights: 'as-dumped', fence: [], prepare: [], ...options });
}

describe('emptying a PostgreSQL database', () => {
  test('leaves extensions, what they are in, and the lock', async () => {
    await using database = await makeLive();
    await using session = await openServerSession(database.address);
    await inTransaction(session, 'BEGIN', () => empty(session));
    await using client = await database.connect();
    expect(await objectsOf(client)).toEqual([
      'extension citext',
      'extension pg_trgm',
      'extension pgcrypto',
      'schema __migrate_tui',
      'schema extras',
      'schema public',
      'table __migrate_tui.lease',
    ]);
  });
});

describe('putting a copy in the place of a PostgreSQL database', () => {
  test('brings back what the copy has and nothing else, and says which right nobody can be given', async () => {
    await using database = await makeLive();
    const refused: string[] = [];
    const outcome = await replace(database, {
      prepare: [{ sql: 'UPDATE __migrate_tui.lease SET run = $1', args: ['restorer'] }],
      onRefused: (statement, why) => refused.push(`${statement}: ${why}`),
    });
    expect(outcome.kind).toBe('committed');
    expect(refused).toEqual(['GRANT SELECT ON users TO nobody_here: role "nobody_here" does not exist']);
    await using client = await database.connect();
    expect(await objectsOf(client)).toEqual([
      'extension pg_trgm',
      'schema __migrate_tui',
      'schema app',
      'schema public',
      'sequence public.users_id_seq',
      'table __migrate_tui.lease',
      'table public.users',
      'type public.mood',
    ]);
    const { rows } = await client.query(
      `SELECT count(*)::int AS n, nextval('users_id_seq')::int AS next, (SELECT run FROM __migrate_tui.lease) AS run,
        has_table_privilege('pg_monitor', 'users', 'SELECT') AS may FROM users`,
    );
    expect(rows).toEqual([{ n: 500, next: 501, run: 'restorer', may: true }]);
  });

  test('leaves all of it as it was when a check refuses, a table is in use, or it is stopped', async () => {
    await using database = await makeLive();
    await using client = await database.connect();
    const before = await objectsOf(client);
    const refusal = new Error('not what was planned for');
    await expect(replace(database, { check: () => Promise.reject(refusal) })).rejects.toBe(refusal);
    expect(await objectsOf(client)).toEqual(before);

    await client.query('BEGIN; SELECT * FROM users');
    await expect(replace(database)).rejects.toMatchObject({ code: 'busy' });
    await client.query('ROLLBACK');
    expect(await objectsOf(client)).toEqual(before);

    const stop = new AbortController();
    const stopped = replace(database, {
      signal: stop.signal,
      check: async (query) => {
        const asleep = query({ sql: 'SELECT pg_sleep(60)' });
        await expect.poll(() => sleepers(client)).toBe(1);
        stop.abort();
        await asleep;
      },
    });
    await expect(stopped).rejects.toMatchObject({ code: 'interrupted' });
    expect(await objectsOf(client)).toEqual(before);
  });

  test('leaves all of it as it was when its process is killed before the commit', async () => {
    await using database = await makeLive();
    await using client = await database.connect();
    const before = await objectsOf(client);
    const entry = fileURLToPath(new URL('restore-entry.ts', import.meta.url));
    const child = spawn(process.execPath, [entry, database.address.url, server.superuser.password, copy]);
    let said = '';
    child.stderr.on('data', (text) => (said += String(text)));
    const ready = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
    expect(`${said}${String(ready[0])}`).toBe('ready\n');
    child.kill('SIGKILL');
    await once(child, 'exit');
    // Its locks are gone once the server has noticed.
    await client.query('BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE; ROLLBACK');
    expect(await objectsOf(client)).toEqual(before);
    const { rows } = await client.query('SELECT m FROM users');
    expect(rows).toEqual([{ m: 'old' }]);
  });
});

/** How many statements of a test are waiting on the server. */
async function sleepers(client: Client): Promise<number> {
  const { rows } = await client.query(
    "SELECT count(*)::int AS n FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT pg_sleep%'",
  );
  return Number(rows[0]?.n);
}
