import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { usedEnumValues } from '../../../src/sql/postgres/enum-values.ts';
import { namedServerWide } from '../../../src/sql/postgres/server-wide.ts';
import { namedOutside } from '../../../src/sql/postgres/outside-transaction.ts';
import { postgresServer, type PostgresDatabase, type PostgresServer } from '../../support/postgres.ts';

let server: PostgresServer;
let database: PostgresDatabase;
beforeAll(async () => {
  server = await postgresServer();
  database = await server.createDatabase();
  await using client = await database.connect();
  for (const statement of before) await client.query(statement);
}, 30_000);
afterAll(() => server[Symbol.asyncDispose]());

const before = [
  'CREATE TABLE t (a int)',
  'CREATE INDEX i ON t (a)',
  'CREATE TABLE m (a int) PARTITION BY LIST (a)',
  'CREATE TABLE m_1 PARTITION OF m FOR VALUES IN (1)',
  'CREATE MATERIALIZED VIEW v AS SELECT 1 AS a',
  'CREATE UNIQUE INDEX v_a ON v (a)',
  "CREATE TYPE role AS ENUM ('a')",
];

/** SQLSTATE of a statement inside a transaction block, which is undone. */
async function codeInside(sql: string): Promise<string> {
  await using client = await database.connect();
  await client.query('BEGIN');
  // Awaited here: the connection is closed at the end of the scope.
  return await client.query(sql).then(
    () => 'ran',
    (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error)),
  );
}

describe('outside of a transaction alone runs what PostgreSQL refuses inside one', () => {
  test.each([
    'CREATE INDEX CONCURRENTLY j ON t (a)',
    'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS j ON public.t USING btree (a)',
    'CREATE INDEX CONCURRENTLY ON t (a)',
    'DROP INDEX CONCURRENTLY IF EXISTS i',
    'REINDEX INDEX CONCURRENTLY i',
    'REINDEX (CONCURRENTLY) TABLE t',
    'REINDEX SCHEMA public',
    'REINDEX DATABASE',
    'VACUUM',
    'VACUUM (FULL) t',
    'CREATE DATABASE x',
    'DROP DATABASE IF EXISTS x',
    "CREATE TABLESPACE x LOCATION '/tmp'",
    "ALTER SYSTEM SET work_mem = '8MB'",
    'ALTER DATABASE postgres SET TABLESPACE pg_default',
    'ALTER TABLE m DETACH PARTITION m_1 CONCURRENTLY',
    'DISCARD ALL',
    "COMMIT PREPARED 'x'",
    "ROLLBACK PREPARED 'x'",
    'CLUSTER',
    "CREATE SUBSCRIPTION s CONNECTION 'dbname=x' PUBLICATION p",
  ])('%s', async (sql) => {
    expect(namedOutside(sql)).toBeDefined();
    expect(await codeInside(sql)).toBe('25001');
  });

  test.each([
    'CREATE INDEX j ON t (a)',
    'DROP INDEX i',
    'REINDEX TABLE t',
    'REINDEX (CONCURRENTLY false) TABLE t',
    'ALTER TABLE m DETACH PARTITION m_1',
    'REFRESH MATERIALIZED VIEW CONCURRENTLY v',
    'CLUSTER t USING i',
    'CREATE EXTENSION pg_trgm',
    'TRUNCATE t',
    'CREATE ROLE somebody',
    "ALTER TYPE role ADD VALUE 'b'",
    'ANALYZE t',
    'DISCARD PLANS',
    "ALTER DATABASE postgres SET work_mem = '8MB'",
    'LOCK TABLE t',
  ])('not %s', async (sql) => {
    expect(namedOutside(sql)).toBeUndefined();
    expect(await codeInside(sql)).toBe('ran');
  });
});

describe('an enum value that a migration adds', () => {
  test.each([
    ["INSERT INTO users VALUES ('mod')"],
    ["ALTER TABLE users ALTER COLUMN role SET DEFAULT 'mod'::role"],
    ["DO $$ BEGIN UPDATE users SET role = 'mod'; END $$"],
  ])('cannot be used in the same transaction by %s', async (sql) => {
    const statements = ["ALTER TYPE role ADD VALUE 'mod'", sql].map((each) => ({ sql: each }));
    expect(usedEnumValues(statements)).toEqual([{ type: 'role', value: 'mod', added: 1, used: 2 }]);
    await using own = await server.createDatabase();
    await using client = await own.connect();
    await client.query("CREATE TYPE role AS ENUM ('a')");
    await client.query('CREATE TABLE users (role role)');
    await client.query("INSERT INTO users VALUES ('a')");
    await client.query('BEGIN');
    await client.query(statements[0]?.sql ?? '');
    await expect(client.query(sql)).rejects.toMatchObject({ code: '55P04' });
  });

  test('is free to be used where the migration makes the type itself, or only names it again', () => {
    const migrations = [
      ["CREATE TYPE role AS ENUM ('a')", "ALTER TYPE role ADD VALUE 'b'", "INSERT INTO t VALUES ('b')"],
      ["ALTER TYPE role ADD VALUE 'b'", "ALTER TYPE role ADD VALUE 'c' AFTER 'b'"],
      ["INSERT INTO t VALUES ('b')", "ALTER TYPE role ADD VALUE 'b'"],
    ];
    for (const sql of migrations) expect(usedEnumValues(sql.map((each) => ({ sql: each })))).toEqual([]);
  });
});

describe('what belongs to the whole server', () => {
  test.each([
    ['CREATE ROLE "Reporter" LOGIN', 'CREATE ROLE Reporter'],
    ['CREATE USER u', 'CREATE USER u'],
    ['ALTER ROLE r SET search_path = app', 'ALTER ROLE r'],
    ['DROP ROLE IF EXISTS r', 'DROP ROLE r'],
    ["ALTER DATABASE app SET timezone = 'UTC'", 'ALTER DATABASE app'],
    ['CREATE DATABASE x', 'CREATE DATABASE x'],
    ['ALTER SYSTEM SET work_mem = 1', 'ALTER SYSTEM'],
    ['GRANT reporter TO app', 'GRANT of a role'],
    ["COMMENT ON ROLE r IS 'x'", 'COMMENT ON ROLE r'],
  ])('%s', (sql, named) => {
    expect(namedServerWide(sql)).toBe(named);
  });

  test.each([
    'GRANT SELECT ON t TO r',
    'ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO r',
    'CREATE USER MAPPING FOR u SERVER s',
    'CREATE POLICY p ON t TO r',
    'ALTER TABLE t OWNER TO r',
    "COMMENT ON TABLE t IS 'a database'",
    'CREATE TABLE database (role text)',
    'REASSIGN OWNED BY a TO b',
  ])('not %s', (sql) => {
    expect(namedServerWide(sql)).toBeUndefined();
  });
});
