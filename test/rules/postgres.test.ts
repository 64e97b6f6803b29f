import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allRules } from '../../src/rules/all-rules.ts';
import { runRules } from '../../src/rules/run-rules.ts';
import { keepsRows } from '../../src/rules/stored-types.ts';
import { readForeignKeys } from '../../src/schema/foreign-keys.ts';
import { readSchema } from '../../src/schema/read.ts';
import { splitPostgres } from '../../src/sql/postgres/split-postgres.ts';
import { openPostgres, type Opened } from '../schema/postgres/opened.ts';

let server: Opened;
beforeAll(async () => {
  server = await openPostgres();
}, 30_000);
afterAll(() => server[Symbol.asyncDispose]());

/** The findings for one migration, `rule` and `severity` of each. */
async function found(
  given: readonly string[],
  sql: readonly string[],
  rows: Readonly<Record<string, number>> = {},
) {
  return server.within(given, async () =>
    runRules({
      database: 'app',
      migrations: [{ tag: '0001_it', statements: sql.map((text, at) => ({ sql: text, line: at + 1 })) }],
      schema: await readSchema(server.query),
      foreignKeys: await readForeignKeys(server.query),
      engine: 'postgres',
      rows: new Map(Object.entries(rows)),
    }),
  );
}

const named = (all: Awaited<ReturnType<typeof found>>) => all.map(({ rule, severity }) => [rule, severity]);

describe('what loses rows or breaks running code is found on PostgreSQL as everywhere', () => {
  test.each([
    ['DELETE FROM t', 'deletes-all-rows', 'error'],
    ['DELETE FROM ONLY public.t AS x WHERE true', 'deletes-all-rows', 'error'],
    ['DELETE FROM t WHERE a = 1', 'destroys-rows', 'warning'],
    ['WITH gone AS (DELETE FROM t WHERE a = 1 RETURNING *) SELECT * FROM gone', 'destroys-rows', 'warning'],
    ['DROP TABLE "public"."t"', 'destroys-rows', 'warning'],
    ["UPDATE t SET b = E'it\\'s WHERE'", 'updates-all-rows', 'warning'],
    ['ALTER TABLE t DROP COLUMN IF EXISTS b', 'drop-column', 'warning'],
    ['ALTER TABLE t RENAME COLUMN a TO c', 'rename-column', 'warning'],
    ['ALTER TABLE IF EXISTS ONLY t RENAME TO u', 'rename-table', 'warning'],
    ['ALTER TABLE t ADD COLUMN c text NOT NULL', 'not-null-without-default', 'error'],
    ['COMMIT', 'transaction-control', 'error'],
    ['START TRANSACTION', 'transaction-control', 'error'],
  ])('%s', async (sql, rule, severity) => {
    expect(named(await found(['CREATE TABLE t (a int, b text)'], [sql]))).toEqual([[rule, severity]]);
  });

  test('in each action of one ALTER TABLE, and in each table of one DROP', async () => {
    const given = ['CREATE TABLE t (a int, b text)', 'CREATE TABLE u (a int)'];
    expect(
      named(await found(given, ['ALTER TABLE t DROP COLUMN a, DROP COLUMN b', 'DROP TABLE t, u'])),
    ).toEqual([
      ['drop-column', 'warning'],
      ['drop-column', 'warning'],
      ['destroys-rows', 'warning'],
      ['destroys-rows', 'warning'],
    ]);
  });
});

describe('nothing is said on PostgreSQL', () => {
  test.each([
    'SAVEPOINT s',
    'ROLLBACK TO SAVEPOINT s',
    'RELEASE s',
    'ALTER TABLE t ADD COLUMN c int GENERATED ALWAYS AS (a + 1) VIRTUAL',
    "ALTER TABLE t ADD COLUMN c text DEFAULT 'x' NOT NULL",
    'ALTER TABLE t ADD COLUMN c timestamptz DEFAULT now() NOT NULL',
    'ANALYZE t',
    "COMMENT ON TABLE t IS 'x'",
    'CREATE TEMP TABLE x (a int)',
    'INSERT INTO t (a) VALUES (1)',
    "ALTER TYPE role ADD VALUE 'b'",
  ])('of %s', async (sql) => {
    const given = ["CREATE TYPE role AS ENUM ('a')", 'CREATE TABLE t (a int, b text)'];
    expect(await found(given, [sql])).toEqual([]);
  });

  test('of NOT NULL without a default where the table is empty, or has a value for every row', async () => {
    const given = ['CREATE TABLE t (a int)'];
    expect(await found(given, ['ALTER TABLE t ADD COLUMN c text NOT NULL'], { t: 0 })).toEqual([]);
    expect(await found(given, ['ALTER TABLE t ADD COLUMN c serial NOT NULL'], { t: 9 })).toEqual([]);
  });
});

describe('what drizzle-kit writes for a new project', () => {
  test.each(['drizzle-kit-0.31.sql', 'drizzle-kit-1.0.sql'])(
    '%s: the first migration is found to hold nothing but its role and its CONCURRENTLY',
    async (file) => {
      const text = await readFile(
        new URL(`../fixtures/postgres-statements/${file}`, import.meta.url),
        'utf8',
      );
      const all = (await splitPostgres(text)).map(({ sql }) => sql);
      const first = all.slice(
        0,
        all.findIndex((sql) => sql.startsWith('ALTER TYPE')),
      );
      expect(named(await found([], first))).toEqual([
        ['server-wide', 'error'],
        ['stepwise', 'info'],
      ]);
    },
  );

  test.each(['drizzle-kit-0.31.sql', 'drizzle-kit-1.0.sql'])(
    '%s: in what comes later, on small tables, only what loses something',
    async (file) => {
      const text = await readFile(
        new URL(`../fixtures/postgres-statements/${file}`, import.meta.url),
        'utf8',
      );
      const all = (await splitPostgres(text)).map(({ sql }) => sql);
      const split = all.findIndex((sql) => sql.startsWith('ALTER TYPE'));
      const rows = { users: 300, posts: 2000, gone: 5 };
      const given = all.slice(0, split).map((sql) => sql.replace(' CONCURRENTLY', ''));
      expect(named(await found(given, all.slice(split), rows)).map(([rule]) => rule)).toEqual([
        'destroys-rows',
        'drop-column',
        'not-null-without-default',
      ]);
    },
  );
});

/** Whether a statement writes the table `t` anew. */
async function rewrites(given: readonly string[], sql: string): Promise<boolean> {
  return server.within(given, async () => {
    const file = async () => {
      const [row] = await server.query({ sql: "SELECT pg_relation_filenode('t')::int AS file" });
      return row?.file;
    };
    const before = await file();
    await server.run(sql);
    return (await file()) !== before;
  });
}

describe('a type that is said to keep the rows as they are stored', () => {
  const families = [
    ['text', 'varchar', 'varchar(10)', 'varchar(20)', 'char(10)', 'text[]', 'varchar(10)[]'],
    ['int', 'bigint', 'smallint', 'numeric', 'numeric(10,2)', 'numeric(12,2)', 'numeric(12,3)', 'real'],
    ['timestamp', 'timestamp(3)', 'date', 'text'],
    ['timestamptz', 'timestamptz(3)', 'timestamp (3) with time zone'],
    ['time', 'time(3)', 'interval'],
    ['bit(4)', 'varbit(4)', 'varbit(8)'],
    ['cidr', 'inet', 'text'],
    ['jsonb', 'json', 'text'],
  ];

  test('does, and no other type does, for every pair that PostgreSQL converts', async () => {
    let kept = 0;
    for (const [from, to] of families.flatMap((types) => types.flatMap((a) => types.map((b) => [a, b])))) {
      if (from === undefined || to === undefined) continue;
      const given = [`CREATE TABLE t (a ${from})`, 'INSERT INTO t VALUES (NULL)'];
      const wrote = await rewrites(given, `ALTER TABLE t ALTER COLUMN a TYPE ${to}`).catch(() => undefined);
      if (wrote === undefined) continue;
      expect([from, to, keepsRows(from, to)]).toEqual([from, to, !wrote]);
      if (!wrote) kept += 1;
    }
    expect(kept).toBeGreaterThan(40);
  });
});

describe('a new column writes the table anew', () => {
  const given = ['CREATE TABLE t (a int)', 'INSERT INTO t VALUES (1)'];

  test.each([
    'uuid DEFAULT gen_random_uuid()',
    'uuid DEFAULT uuidv7()',
    'double precision DEFAULT random()',
    'timestamptz DEFAULT clock_timestamp()',
    'bigserial',
    'int GENERATED ALWAYS AS IDENTITY',
    'int GENERATED ALWAYS AS (a + 1) STORED',
  ])('with %s, and is found', async (column) => {
    const sql = `ALTER TABLE t ADD COLUMN b ${column}`;
    expect(await rewrites(given, sql)).toBe(true);
    expect(named(await found(given, [sql]))).toEqual([['rewrites-table', 'info']]);
  });

  test.each([
    'timestamptz DEFAULT now() NOT NULL',
    "text DEFAULT 'x' || 'y'",
    "text[] DEFAULT '{}'::text[] NOT NULL",
    'int GENERATED ALWAYS AS (a + 1) VIRTUAL',
    'text',
  ])('not with %s', async (column) => {
    const sql = `ALTER TABLE t ADD COLUMN b ${column}`;
    expect(await rewrites(given, sql)).toBe(false);
    expect(await found(given, [sql])).toEqual([]);
  });
});

test('a table that is written anew for what it is as a whole is told to stand still, not to add a column otherwise', async () => {
  const given = ['CREATE TABLE t (a int)', 'INSERT INTO t VALUES (1)'];
  const [finding] = await found(given, ['ALTER TABLE t SET UNLOGGED']);
  expect(finding?.fix).toMatch(/^Apply it when the table may stand still/);
  expect(finding?.fix).not.toContain('column');
});

test('what EXCLUDE does not go with is not given as the safe way', async () => {
  const sql = 'ALTER TABLE t ADD CONSTRAINT x EXCLUDE USING gist (a WITH &&)';
  const [finding] = await found(['CREATE TABLE t (a int4range)'], [sql]);
  expect(finding?.fix).toMatch(/^Apply it when the table may stand still/);
});

test('a table that refers to itself is named once', async () => {
  const given = ['CREATE SCHEMA app', 'CREATE TABLE app.tree (id int PRIMARY KEY, above int)'];
  const sql = 'ALTER TABLE app.tree ADD CONSTRAINT up FOREIGN KEY (above) REFERENCES app.tree (id)';
  const [finding] = await found(given, [sql]);
  expect(finding?.message).toMatch(/nobody can write to app\.tree\.$/);
});

test('every rule says whether it speaks on PostgreSQL, and SQLite has its own', () => {
  const silent = allRules.filter(({ severity }) => severity.postgres === 'off').map(({ id }) => id);
  const alone = allRules.filter(({ severity }) => severity.file === 'off' && severity.d1Remote === 'off');
  expect(silent).toContain('rebuild-of-referenced-table');
  expect(alone.map(({ id }) => id)).toContain('truncates');
});

describe('every row is looked at', () => {
  const given = [
    'CREATE TABLE u (id int PRIMARY KEY)',
    'CREATE TABLE t (a int)',
    'INSERT INTO u VALUES (1)',
    'INSERT INTO t VALUES (1)',
  ];

  /** Rows of `t` that a statement reads, as the server counts them in the transaction. */
  async function rowsRead(sql: string): Promise<number> {
    return server.within(given, async () => {
      const read = async () => {
        const [row] = await server.query({
          sql: "SELECT seq_tup_read::int AS rows FROM pg_stat_xact_user_tables WHERE relname = 't'",
        });
        return Number(row?.rows);
      };
      const before = await read();
      await server.run(sql);
      return (await read()) - before;
    });
  }

  test.each([
    ['ALTER TABLE t ALTER COLUMN a SET NOT NULL', 'set-not-null'],
    ['ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)', 'constraint-checks-rows'],
    ['ALTER TABLE t ADD CONSTRAINT c NOT NULL a', 'constraint-checks-rows'],
    ['ALTER TABLE t ADD UNIQUE (a)', 'constraint-checks-rows'],
    ['ALTER TABLE t ADD PRIMARY KEY (a)', 'constraint-checks-rows'],
    ['ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u (id)', 'constraint-checks-rows'],
    ['ALTER TABLE t ADD COLUMN b int UNIQUE', 'constraint-checks-rows'],
    ['ALTER TABLE t ADD COLUMN b int CHECK (b > 0)', 'constraint-checks-rows'],
    ['CREATE INDEX ON t (a)', 'index-blocks-writes'],
  ])('by %s, and it is found', async (sql, rule) => {
    expect(await rowsRead(sql)).toBeGreaterThan(0);
    expect(named(await found(given, [sql]))).toEqual([[rule, 'info']]);
    expect(named(await found(given, [sql], { t: 3_000_000 }))).toEqual([[rule, 'warning']]);
    expect(await found(given, [sql], { t: 300 })).toEqual([]);
  });

  test.each([
    'ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID',
    'ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u (id) NOT VALID',
    'ALTER TABLE t ADD CHECK (a > 0) NOT ENFORCED',
    'ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u (id) ON DELETE CASCADE NOT ENFORCED',
    'ALTER TABLE t ALTER COLUMN a SET DEFAULT 5',
    'ALTER TABLE t ADD COLUMN b int REFERENCES u (id)',
  ])('not by %s', async (sql) => {
    expect(await rowsRead(sql)).toBe(0);
    expect(await found(given, [sql])).toEqual([]);
  });
});
