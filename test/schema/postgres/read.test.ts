import { afterAll, beforeAll, expect, test } from 'vitest';
import { compareSchemas } from '../../../src/schema/compare.ts';
import { foreignKeysOfSchema, readForeignKeys } from '../../../src/schema/foreign-keys.ts';
import { readScript } from '../../../src/schema/postgres/script.ts';
import { createSchemaReader, readObjectsOf, readSchema } from '../../../src/schema/read.ts';
import { openPostgres, type Opened } from './opened.ts';

let database: Opened;
beforeAll(async () => {
  database = await openPostgres();
});
afterAll(async () => database[Symbol.asyncDispose]());

test('reading a schema leaves the session as it was, in a transaction too', async () => {
  const settings = `SELECT current_setting('search_path') || current_setting('TimeZone') || current_setting('DateStyle') AS said`;
  const set =
    "SET LOCAL search_path = s, public; SET LOCAL TimeZone = 'Asia/Tokyo'; SET LOCAL DateStyle = 'German'";
  await database.within(['CREATE SCHEMA s', set], async () => {
    const [before] = await database.query({ sql: settings });
    await readSchema(database.query);
    expect(await database.query({ sql: settings })).toEqual([before]);
  });
  const [plain] = await database.query({ sql: settings });
  await readSchema(database.query);
  expect(await database.query({ sql: settings })).toEqual([plain]);
});

test.each([
  ['a table is made', 'CREATE TABLE other (id int)'],
  ['a column is added', 'ALTER TABLE t ADD c int'],
  ['a value is added to an enum', "ALTER TYPE mood ADD VALUE 'new'"],
  ['a default is another', 'ALTER TABLE t ALTER id SET DEFAULT 6'],
  ['a function is replaced', "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 2'"],
  ['a comment is another', "COMMENT ON TABLE t IS 'other'"],
  ['the comment of public is another', "COMMENT ON SCHEMA public IS 'other'"],
  ['a trigger is off', 'ALTER TABLE t DISABLE TRIGGER tr'],
  ['a policy is another', 'ALTER POLICY p ON t USING (false)'],
  ['a sequence counts otherwise', 'ALTER SEQUENCE q INCREMENT BY 2'],
  ['a view is another', 'CREATE OR REPLACE VIEW v AS SELECT 2 AS one'],
  ['a table inherits', 'CREATE TABLE child (id int); ALTER TABLE child INHERIT t'],
  ['an extension comes', 'CREATE EXTENSION citext'],
])('a reader sees within a transaction that %s', async (_, change) => {
  const made = [
    "CREATE TYPE mood AS ENUM ('a'); CREATE TABLE t (id int DEFAULT 5); CREATE SEQUENCE q; CREATE VIEW v AS SELECT 1 AS one",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; COMMENT ON TABLE t IS 'a'; CREATE POLICY p ON t USING (true)",
    'CREATE TRIGGER tr BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()',
  ];
  await database.within(made, async () => {
    const reader = createSchemaReader(database.query);
    const before = await reader.read();
    await database.run('INSERT INTO t VALUES (1)');
    expect(await reader.read()).toBe(before);
    await database.run(change);
    expect(compareSchemas(before, await reader.read())).not.toEqual([]);
  });
});

test('a schema is read whole while others make and drop tables', async () => {
  await using other = await database.another();
  const over = new AbortController();
  const others = (async () => {
    while (!over.signal.aborted) {
      await other.run(
        "CREATE TABLE comes (id serial PRIMARY KEY, v text CHECK (v > 'a')); CREATE VIEW seen AS SELECT * FROM comes",
      );
      await other.run('DROP TABLE comes CASCADE');
    }
  })();
  try {
    for (let times = 0; times < 10; times += 1) await readSchema(database.query);
  } finally {
    over.abort();
    await others;
  }
  expect(await readSchema(database.query)).toEqual({ objects: [] });
});

test('foreign keys are told once each, with their tables as they are called', async () => {
  const made = `CREATE SCHEMA s; CREATE TABLE s.parents (a int, b int, PRIMARY KEY (a, b));
    CREATE TABLE "Children" (x int, y int, FOREIGN KEY (y, x) REFERENCES s.parents ON DELETE SET NULL) PARTITION BY LIST (x);
    CREATE TABLE part PARTITION OF "Children" DEFAULT`;
  await database.within([made], async () => {
    const found = await readForeignKeys(database.query);
    expect(found).toEqual([
      { table: 'Children', columns: ['y', 'x'], parent: 's.parents', onDelete: 'SET NULL' },
    ]);
    expect(foreignKeysOfSchema(await readSchema(database.query))).toEqual(found);
  });
});

test('the objects of a table are its own and what stands on it', async () => {
  const made =
    'CREATE TABLE t (id serial PRIMARY KEY); CREATE INDEX i ON t ((id + 1)); CREATE TABLE u (id int); CREATE RULE r AS ON DELETE TO t DO ALSO NOTHING';
  await database.within([made], async () => {
    const found = await readObjectsOf(database.query, ['T']);
    expect(found.map(({ type, name }) => `${type} ${name}`)).toEqual(['index i', 'rule r on t', 'table t']);
  });
});

test('what is not made again is named: an index that is not valid, an event trigger, an operator', async () => {
  const made = `CREATE TABLE t (id int); CREATE INDEX broken ON t (id); CREATE FUNCTION noted() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$; CREATE EVENT TRIGGER watch ON sql_drop EXECUTE FUNCTION noted();
    CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq); UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'broken'::regclass`;
  await database.within([made], async () => {
    const { leftOut, afterRows } = await readScript(database.query);
    expect(leftOut).toEqual([
      'index broken, which is not valid',
      'event trigger watch',
      'operator public.===(integer,integer)',
    ]);
    expect(afterRows).toEqual([]);
    const { objects } = await readSchema(database.query);
    expect(objects.find(({ name }) => name === 'broken')?.display).toMatch(/^-- INVALID/);
  });
});

test('owners, grants and publications are given back by statements', async () => {
  const made = `CREATE ROLE app; CREATE ROLE owner; CREATE TABLE t (id serial, v text); GRANT SELECT ON t TO app WITH GRANT OPTION;
    GRANT UPDATE (v) ON t TO app; ALTER TABLE t OWNER TO owner; CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
    REVOKE EXECUTE ON FUNCTION f() FROM PUBLIC; ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO app;
    CREATE SCHEMA s; CREATE TABLE u (id int, "V v" text, w text); CREATE PUBLICATION every FOR ALL TABLES WITH (publish = 'insert, delete');
    CREATE PUBLICATION "some of it" FOR TABLE t, TABLE u (id, "V v") WHERE (id > 5) WITH (publish_via_partition_root); CREATE PUBLICATION whole FOR TABLES IN SCHEMA s, TABLE t;
    CREATE PUBLICATION none`;
  await database.within([made], async () => {
    const { access } = await readScript(database.query);
    await database.run(
      'ALTER TABLE t OWNER TO postgres; REVOKE ALL ON t FROM app; REVOKE UPDATE (v) ON t FROM app',
    );
    await database.run(
      'GRANT EXECUTE ON FUNCTION f() TO PUBLIC; ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE SELECT ON TABLES FROM app',
    );
    expect((await readScript(database.query)).access).not.toEqual(access);
    for (const sql of access) await database.run(sql);
    expect((await readScript(database.query)).access).toEqual(access);
  });
});
