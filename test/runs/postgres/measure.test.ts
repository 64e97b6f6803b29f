import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openEngine } from '../../../src/engines/open.ts';
import { countExpected } from '../../../src/runs/measure/count-expected.ts';
import { countRows, countViolations, measure } from '../../../src/runs/measure/measure.ts';
import { measuredTables } from '../../../src/runs/measure/measured-tables.ts';
import { askingOver } from '../../support/postgres-asking.ts';
import { postgresServer, type PostgresDatabase, type PostgresServer } from '../../support/postgres.ts';

let server: PostgresServer;
let database: PostgresDatabase;
beforeAll(async () => {
  server = await postgresServer();
  database = await server.createDatabase();
});
afterAll(() => server[Symbol.asyncDispose]());

/** The test's database, empty but for what the statements make. */
async function made(...statements: readonly string[]) {
  const client = await database.connect();
  const schemas = await client.query<{ name: string }>(
    "SELECT nspname AS name FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'",
  );
  const empty = schemas.rows.map(({ name }) => `DROP SCHEMA ${name} CASCADE`);
  for (const sql of [...empty, 'CREATE SCHEMA public', ...statements]) await client.query(sql);
  return {
    query: askingOver(client),
    run: (sql: string) => client.query(sql),
    [Symbol.asyncDispose]: () => client.end(),
  };
}

async function columnsOf(...statements: readonly string[]) {
  await using there = await made(...statements);
  const { tables } = await measure(there.query);
  return tables.find(({ table }) => table === 't')?.columns;
}

describe('the checksum of a column', () => {
  test('is the same whatever the order of the rows, and wherever a partition holds them', async () => {
    const plain = await columnsOf(
      'CREATE TABLE t (a int, b text)',
      "INSERT INTO t SELECT i, 'row ' || i FROM generate_series(1, 500) AS i",
    );
    const parted = await columnsOf(
      'CREATE TABLE t (b text, a int) PARTITION BY RANGE (a)',
      'CREATE TABLE low PARTITION OF t FOR VALUES FROM (MINVALUE) TO (100)',
      'CREATE TABLE high PARTITION OF t FOR VALUES FROM (100) TO (MAXVALUE) PARTITION BY LIST (a)',
      'CREATE TABLE rest PARTITION OF high DEFAULT',
      "INSERT INTO t SELECT 'row ' || i, i FROM generate_series(500, 1, -1) AS i",
    );
    expect(parted?.toReversed()).toEqual(plain);
    expect(plain).toMatchObject([
      { column: 'a', nonNull: 500, checksum: expect.stringMatching(/^[\da-f]{16}$/) },
      { column: 'b', nonNull: 500 },
    ]);
  });

  test.each([
    ['a whole number gets more room', 'int', 'bigint', '42'],
    ['a whole number becomes a decimal', 'int', 'numeric(10, 2)', '42'],
    ['a decimal gets more digits', 'numeric(10, 1)', 'numeric(12, 4)', '4.2'],
    ['a text loses its limit', 'varchar(20)', 'text', "'abc'"],
    ['a text becomes a value of an enum', 'text', 'colour', "'red'"],
    ['a uuid becomes text', 'uuid', 'text', "'6f9619ff-8b86-d011-b42d-00c04fc964ff'"],
    ['a time gets a zone, under UTC', 'timestamp', 'timestamptz', "'2026-01-02 03:04:05.6'"],
  ])('is the same when %s', async (_what, before, after, value) => {
    const make = ["SET timezone = 'UTC'", "CREATE TYPE colour AS ENUM ('red')"];
    const filled = [...make, `CREATE TABLE t (a ${before})`, `INSERT INTO t VALUES (${value}), (NULL)`];
    const left = await columnsOf(...filled);
    const right = await columnsOf(...filled, `ALTER TABLE t ALTER a TYPE ${after} USING a::${after}`);
    expect(right).toEqual(left);
    expect(left?.[0]?.nonNull).toBe(1);
  });

  test.each([
    ['007 becomes 7', 'text', "'007'", "'7'"],
    ['one letter differs', 'text', "'abc'", "'abd'"],
    ['letters differ in their case, in a type that does not mind', 'citext', "'abc'", "'ABC'"],
    ['an empty text becomes NULL', 'text', "''", 'NULL'],
    ['bytes differ in one', 'bytea', "'\\xff00'", "'\\xfe00'"],
    ['a number differs in its last digit', 'float8', '0.1', '0.10000000000000002'],
    ['one value is twice there and then another', 'text', "'a'), ('a'), ('b'", "'a'), ('b'), ('b'"],
    ['an element of an array moves', 'int[]', "'{1,2}'", "'{2,1}'"],
    ['a moment is another one', 'timestamptz', "'2026-01-01 00:00+00'", "'2026-01-01 00:00+01'"],
  ])('differs when %s', async (_what, type, one, other) => {
    const make = ['CREATE EXTENSION citext', `CREATE TABLE t (a ${type})`];
    const left = await columnsOf(...make, `INSERT INTO t VALUES (${one})`);
    const right = await columnsOf(...make, `INSERT INTO t VALUES (${other})`);
    expect(right).not.toEqual(left);
  });

  test('does not follow the settings of the session, which stay as they are', async () => {
    await using there = await made(
      'CREATE DOMAIN moment AS timestamptz',
      'CREATE TABLE t (a timestamptz, b date, c interval, d float8, e bytea[], f money, g tstzrange, h moment)',
      `INSERT INTO t VALUES ('2026-01-02 03:04:05.678', '2026-01-02', '1 year 2 days', 0.1::float8 + 0.2, '{"\\\\x0102"}', 12.34,
        '[2026-01-02 03:04, 2026-02-03)', '2026-07-02 03:04')`,
    );
    const before = await measure(there.query);
    const odd = {
      timezone: 'Asia/Kolkata',
      datestyle: 'German, DMY',
      intervalstyle: 'iso_8601',
      extra_float_digits: '0',
      bytea_output: 'escape',
    };
    for (const [name, value] of Object.entries(odd)) await there.run(`SET ${name} = '${value}'`);
    expect(await measure(there.query)).toEqual(before);
    const [kept] = await there.query({ sql: "SELECT current_setting('timezone') AS zone" });
    expect(kept).toEqual({ zone: 'Asia/Kolkata' });
  });

  test('is the same in PGlite', async () => {
    const statements = [
      'CREATE DOMAIN small AS numeric CHECK (VALUE < 100)',
      'CREATE DOMAIN tiny AS small',
      'CREATE TABLE t (a int, b text, c numeric, d timestamptz, e jsonb, f bytea, g tiny, h text[], i float8, j uuid)',
      `INSERT INTO t VALUES (1, 'Straße €', 1.50, '2026-01-02 03:04:05+02', '{"b": [1, null]}', '\\xff00', 2.50, '{a,NULL}', 1e300 / 3, NULL)`,
    ];
    const opened = await openEngine({ kind: 'pglite', folder: undefined }, { purpose: 'change' });
    if (opened.kind !== 'open') throw new Error('It is in memory.');
    await using inside = opened.engine;
    const unit = statements.map((sql, at) => ({ sql, role: 'migration', number: at + 1 }) as const);
    expect(await inside.unit({ foreignKeys: 'on', statements: unit })).toMatchObject({ kind: 'committed' });
    expect((await measure(inside.query)).tables[0]?.columns).toEqual(await columnsOf(...statements));
  });

  test('sees one changed value among many blocks, and says how far it came', async () => {
    await using there = await made(
      // Eleven blocks a row out of line, and a main part wide enough for more than one span of 8192 blocks.
      'CREATE TABLE t (a int, b text) WITH (fillfactor = 10)',
      "INSERT INTO t SELECT i, repeat('x', 1000) || i FROM generate_series(1, 17000) AS i",
    );
    const said: number[] = [];
    const onProgress = ({ rows }: { rows: number }) => said.push(rows);
    const before = await measure(there.query, { onProgress });
    expect(said.length).toBeGreaterThan(1);
    expect(said.at(-1)).toBe(17_000);
    await there.run("UPDATE t SET b = b || '.' WHERE a = 16999");
    const after = await measure(there.query);
    expect(after.tables[0]?.rows).toBe(17_000);
    expect(after.tables[0]?.columns[0]).toEqual(before.tables[0]?.columns[0]);
    expect(after.tables[0]?.columns[1]).not.toEqual(before.tables[0]?.columns[1]);
    const stop = new AbortController();
    const stopped = measure(there.query, {
      signal: stop.signal,
      onProgress: () => stop.abort(new Error('enough')),
    });
    await expect(stopped).rejects.toThrow('enough');
  });
});

describe('what is measured', () => {
  test('the tables of the project in every schema, and stored columns only', async () => {
    await using there = await made(
      'CREATE EXTENSION citext',
      'CREATE SCHEMA shop',
      'CREATE SCHEMA drizzle',
      'CREATE TABLE drizzle.__drizzle_migrations (id serial PRIMARY KEY, hash text)',
      'CREATE SCHEMA __migrate_tui',
      'CREATE TABLE __migrate_tui.lease (id int)',
      'CREATE TABLE "Odd ""name" (b int, "A b" int, sum int GENERATED ALWAYS AS (b + 1) STORED, PRIMARY KEY ("A b", b))',
      'CREATE TABLE shop.orders (id int)',
      'CREATE UNLOGGED TABLE quick (id int)',
      'CREATE TEMPORARY TABLE short (id int)',
      'CREATE VIEW seen AS SELECT 1 AS one',
      'CREATE TABLE parent (id int)',
      'CREATE TABLE child () INHERITS (parent)',
      'CREATE TABLE none ()',
      'ALTER TABLE shop.orders ADD gone int',
      'ALTER TABLE shop.orders DROP gone',
      'INSERT INTO child VALUES (1), (2)',
      'INSERT INTO none DEFAULT VALUES',
    );
    expect(await measuredTables(there.query)).toEqual([
      { name: 'Odd "name', kind: 'table', columns: ['b', 'A b'], key: ['A b', 'b'] },
      { name: 'child', kind: 'table', columns: ['id'], key: [] },
      { name: 'none', kind: 'table', columns: [], key: [] },
      { name: 'parent', kind: 'table', columns: ['id'], key: [] },
      { name: 'quick', kind: 'table', columns: ['id'], key: [] },
      { name: 'shop.orders', kind: 'table', columns: ['id'], key: [] },
    ]);
    expect((await measure(there.query)).tables.map(({ table, rows }) => [table, rows])).toEqual([
      ['Odd "name', 0],
      ['child', 2],
      ['none', 1],
      ['parent', 0],
      ['quick', 0],
      ['shop.orders', 0],
    ]);
    expect(await countRows(there.query, { tables: ['Child', 'shop.orders', 'nothing'] })).toEqual([
      { table: 'child', rows: 2 },
      { table: 'shop.orders', rows: 0 },
    ]);
  });

  test('a configured tracking table is left out, in any schema or in the one that is named', async () => {
    await using there = await made(
      'CREATE SCHEMA drizzle',
      'CREATE SCHEMA ops',
      'CREATE TABLE drizzle.ran (id int)',
      'CREATE TABLE ops.ran (id int)',
      'CREATE TABLE shop (id int)',
    );
    const names = async (leaveOut: readonly string[]) =>
      (await measuredTables(there.query, leaveOut)).map(({ name }) => name);
    expect(await names(['ran'])).toEqual(['shop']);
    expect(await names(['ops.ran'])).toEqual(['drizzle.ran', 'shop']);
  });

  test('a table of 900 columns', async () => {
    const columns = Array.from({ length: 900 }, (_, at) => `c${at} int`);
    await using there = await made(
      `CREATE TABLE t (${columns.join(', ')})`,
      'INSERT INTO t (c0, c899) VALUES (1, 2), (3, 4)',
    );
    const [table] = (await measure(there.query)).tables;
    expect(table?.rows).toBe(2);
    expect(table?.columns.map(({ nonNull }) => nonNull)).toEqual([2, ...Array<number>(898).fill(0), 2]);
  });

  test('rows that row security hides from the role are refused, and not passed over', async () => {
    await using there = await made(
      'CREATE TABLE notes (id int)',
      'ALTER TABLE notes ENABLE ROW LEVEL SECURITY',
      'CREATE ROLE reader',
      'CREATE TABLE plain (id int)',
      'GRANT SELECT ON notes, plain TO reader',
      'GRANT USAGE ON SCHEMA public TO reader',
      'SET ROLE reader',
    );
    await expect(countRows(there.query)).rejects.toMatchObject({
      code: 'refused',
      message: 'The rows of notes cannot all be seen: its row security applies to the role reader.',
    });
    await expect(measure(there.query)).rejects.toMatchObject({ code: 'refused' });
    expect(await countRows(there.query, { tables: ['plain'] })).toEqual([{ table: 'plain', rows: 0 }]);
    await there.run('RESET ROLE');
    await there.run('DROP OWNED BY reader');
    await there.run('DROP ROLE reader');
  });

  test('a table that the role may not read is named, with the right that is missing', async () => {
    await using there = await made(
      'CREATE TABLE notes (id int)',
      'CREATE TABLE "Odd ""one" (id int)',
      'CREATE TABLE plain (id int)',
      'CREATE ROLE reader',
      'GRANT SELECT ON plain TO reader',
      'GRANT USAGE ON SCHEMA public TO reader',
      'SET ROLE reader',
    );
    await expect(countRows(there.query)).rejects.toMatchObject({
      code: 'refused',
      message: 'The role reader may not read Odd "one, notes: the right SELECT is missing.',
      next: expect.stringContaining('GRANT SELECT ON "public"."Odd ""one", "public"."notes" TO "reader"'),
    });
    expect(await countRows(there.query, { tables: ['plain'] })).toEqual([{ table: 'plain', rows: 0 }]);
    await there.run('RESET ROLE');
    await there.run('DROP OWNED BY reader');
    await there.run('DROP ROLE reader');
  });

  test('what a migration must leave alone, under the names that its statements use', async () => {
    await using there = await made(
      'CREATE TABLE users (id int, email text)',
      'CREATE TABLE "Users" (id int)',
      "INSERT INTO users VALUES (1, 'a'), (2, NULL)",
    );
    const expectations = [
      { table: 'users', mayLose: 0 },
      { table: 'users', column: 'Email', mayLose: 0 },
      { table: 'Users', mayLose: 0 },
    ] as const;
    expect(await countExpected(there.query, expectations)).toEqual([2, 1, 0]);
  });
});

describe('rows that break a foreign key', () => {
  const tables = [
    'CREATE TABLE p (id int PRIMARY KEY, b int, UNIQUE (id, b))',
    'CREATE TABLE c (p int, b int)',
    'INSERT INTO p VALUES (1, 1)',
  ];

  test('are none where PostgreSQL holds the key', async () => {
    await using there = await made(...tables, 'ALTER TABLE c ADD FOREIGN KEY (p) REFERENCES p');
    expect(await countViolations(there.query)).toEqual([]);
  });

  test.each([
    ['NOT VALID', 'ALTER TABLE c ADD FOREIGN KEY (p) REFERENCES p NOT VALID', 2],
    ['over two columns', 'ALTER TABLE c ADD FOREIGN KEY (p, b) REFERENCES p (id, b) NOT VALID', 2],
    ['MATCH FULL', 'ALTER TABLE c ADD FOREIGN KEY (p, b) REFERENCES p (id, b) MATCH FULL NOT VALID', 3],
    [
      'NOT ENFORCED, which promises nothing',
      'ALTER TABLE c ADD FOREIGN KEY (p) REFERENCES p NOT ENFORCED',
      0,
    ],
  ])('of a key that is %s', async (_what, key, count) => {
    await using there = await made(
      ...tables,
      'INSERT INTO c VALUES (1, 1), (NULL, NULL), (7, NULL), (8, 1), (9, 9)'.replace(
        '(7, NULL)',
        '(NULL, 7)',
      ),
      key,
    );
    const expected = count === 0 ? [] : [{ table: 'c', parent: 'p', count }];
    expect(await countViolations(there.query)).toEqual(expected);
  });

  test('of a key whose triggers are off, on a partition, between schemas', async () => {
    await using there = await made(
      'CREATE SCHEMA shop',
      'CREATE TABLE shop."Orders" (id int PRIMARY KEY)',
      'CREATE TABLE lines (id int, o int REFERENCES shop."Orders") PARTITION BY RANGE (id)',
      'CREATE TABLE first_lines PARTITION OF lines FOR VALUES FROM (0) TO (10)',
      'ALTER TABLE first_lines DISABLE TRIGGER ALL',
      'INSERT INTO lines VALUES (1, 1), (2, NULL)',
    );
    expect(await countViolations(there.query)).toEqual([{ table: 'lines', parent: 'shop.Orders', count: 1 }]);
  });

  test('of a key over a period', async () => {
    await using there = await made(
      'CREATE EXTENSION btree_gist',
      'CREATE TABLE p (id int, at daterange, PRIMARY KEY (id, at WITHOUT OVERLAPS))',
      'CREATE TABLE c (id int, at daterange)',
      "INSERT INTO p VALUES (1, '[2026-01-01, 2026-02-01)'), (1, '[2026-02-01, 2026-03-01)')",
      "INSERT INTO c VALUES (1, '[2026-01-15, 2026-02-15)'), (1, '[2026-02-15, 2026-03-15)'), (2, '[2026-01-01, 2026-01-02)')",
      'ALTER TABLE c ADD FOREIGN KEY (id, PERIOD at) REFERENCES p (id, PERIOD at) NOT VALID',
    );
    expect(await countViolations(there.query)).toEqual([{ table: 'c', parent: 'p', count: 2 }]);
  });
});
