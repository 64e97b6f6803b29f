import { describe, expect, test } from 'vitest';
import { draftPostgres } from '../../../src/operations/drift/draft-postgres/draft.ts';
import { draftsTried } from './drafted.ts';
import { pairs } from './postgres-pairs.ts';

const tried = draftsTried();

describe('a drafted migration, applied, makes the drift empty and keeps the rows', () => {
  test.each(Object.entries(pairs))('over %s', async (_, { one, other, rows = '' }) => {
    const there = await tried.between({ from: one, rows, to: other });
    expect(there).toMatchObject({ left: [], lost: [] });
    expect(await tried.between({ from: other, to: one })).toMatchObject({ left: [] });
  });
});

describe('a draft says above a statement', () => {
  const noteOf = async (from: string, to: string) => (await tried.between({ from, to })).draft.join('\n');

  test('that a new column needs a value that nobody gave', async () => {
    const draft = await noteOf('CREATE TABLE t (a int)', 'CREATE TABLE t (a int, b text NOT NULL)');
    expect(draft).toBe(
      '-- b may not be NULL and has no default: give the rows that are there a value.\nALTER TABLE t ADD COLUMN b text NOT NULL;',
    );
  });

  test('no more than one line whatever a name holds: PostgreSQL ends a comment at a carriage return, too', async () => {
    const draft = await noteOf(
      'CREATE TABLE t (a int)',
      'CREATE TABLE t (a int, "b\r; DROP TABLE t; --> statement-breakpoint" text NOT NULL)',
    );
    const [note = ''] = draft.split('\n');
    expect(note).toMatch(/^-- .*DROP TABLE t.* may not be NULL/);
    expect(note).not.toContain('\r');
    expect(note).not.toContain('--> statement-breakpoint');
  });

  test('that values go over by their text, and which value of an enum is no more', async () => {
    const draft = await noteOf(
      "CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE t (a text, b e)",
      "CREATE TYPE e AS ENUM ('b'); CREATE TABLE t (a int, b e)",
    );
    expect(draft).toContain(
      '-- Every value of a is read again from its text: one that integer does not take stops this.',
    );
    expect(draft).toContain("-- A row with 'a' stops this: e has no such value any more.");
  });

  test('what is rounded or left out of values that PostgreSQL takes over without a word', async () => {
    const from = `CREATE DOMAIN share AS numeric(5,3); CREATE TABLE t (a numeric(12,4), b double precision, c numeric,
      d timestamptz, e timestamp, f timestamp(6), g text, h share, i date, j int, k varchar(9), l numeric(4,1), m time)`;
    const to = `CREATE DOMAIN share AS numeric(5,1); CREATE TABLE t (a numeric(12,2), b int, c real,
      d timestamp, e date, f timestamp(3), g timestamp(0), h share, i timestamp, j bigint, k text, l numeric(8,2), m time(6))`;
    const draft = await noteOf(from, to);
    const notes = draft.split('\n').filter((line) => line.startsWith('--') && !line.includes('read again'));
    expect(notes.toSorted()).toEqual([
      '-- A time zone in g is lost.',
      '-- The time of day in e is lost.',
      '-- Values of a are rounded to 2 digits behind the point.',
      '-- Values of b are rounded to whole numbers.',
      '-- Values of c with more digits than real holds are rounded.',
      '-- Values of d go over in the time zone of the session that runs this.',
      '-- Values of f are rounded to 3 digits of a second.',
      '-- Values of g are rounded to 0 digits of a second.',
      '-- Values of h are rounded to 1 digits behind the point.',
    ]);
  });

  test('what else than digits is lost, also in arrays and attributes', async () => {
    const from = `CREATE TYPE c AS (x numeric(5,3), y text, z int); CREATE TABLE t (a json, b numeric[], c timetz, d text, e int, f timestamp[], g c, h text)`;
    const to = `CREATE TYPE c AS (z int, x numeric(5,1)); CREATE TABLE t (a jsonb, b int[], c time, d timestamptz, e boolean, f date[], g c, h jsonb)`;
    const draft = await noteOf(from, to);
    const notes = draft.split('\n').filter((line) => line.startsWith('--') && !line.includes('read again'));
    expect(notes.toSorted()).toEqual([
      '-- A time zone in c is lost.',
      '-- Every value of e but 0 becomes true.',
      '-- The order of keys in a is lost, and all but the last of those that are equal.',
      '-- The order of keys in h is lost, and all but the last of those that are equal.',
      '-- The time of day in f is lost.',
      '-- Values of b are rounded to whole numbers.',
      '-- Values of d in which no time zone stands are read in the time zone of the session that runs this.',
      '-- Values of x in values of c are rounded to 1 digits behind the point.',
      '-- What y holds in values of c is lost.',
    ]);
  });

  test('that rows beside a new part stop it, where they belong into it', async () => {
    const whole = 'CREATE TABLE t (a int) PARTITION BY LIST (a); CREATE TABLE rest PARTITION OF t DEFAULT;';
    const draft = await noteOf(whole, `${whole} CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1)`);
    expect(draft).toContain(
      '-- A row of rest that belongs into this part stops this: move it before.\nALTER TABLE ONLY t ATTACH',
    );
  });

  test('what renames a column, a table or a value, where something goes and its like comes in its place', async () => {
    const from = `CREATE SCHEMA s; CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE t (id int, name text NOT NULL, e e); CREATE INDEX i ON t (name); CREATE TABLE u (id int PRIMARY KEY, note text);
      CREATE TABLE w (id serial, x date)`;
    const to = `CREATE SCHEMA s; CREATE TYPE e AS ENUM ('a', 'c'); CREATE TABLE t (id int, label text NOT NULL, e e); CREATE INDEX i ON t (label); CREATE TABLE "U 2" (id int PRIMARY KEY, note text);
      CREATE TABLE s.w (id serial, x date)`;
    const draft = await noteOf(from, to);
    const said = [...draft.matchAll(/^-- Where .*: (ALTER .*;)$/gm)].map(([, sql = '']) => sql);
    expect(said.toSorted()).toEqual([
      'ALTER TABLE t RENAME COLUMN name TO label;',
      'ALTER TABLE u RENAME TO "U 2";',
      'ALTER TABLE w SET SCHEMA s;',
      "ALTER TYPE e RENAME VALUE 'b' TO 'c';",
    ]);
  });

  test.each([
    ['in another place', 'CREATE TABLE t (a int, b text)', 'CREATE TABLE t (b text, c int)'],
    ['of another type', 'CREATE TABLE t (a int, b text)', 'CREATE TABLE t (c bigint, b text)'],
    ['that may be NULL', 'CREATE TABLE t (a int NOT NULL)', 'CREATE TABLE t (c int)'],
    [
      'as one of two tables',
      'CREATE TABLE t (a int); CREATE TABLE u (a int)',
      'CREATE TABLE v (a int); CREATE TABLE w (a int)',
    ],
  ])('and does not speak of a rename where the new one is %s', async (_, from, to) => {
    expect(await noteOf(from, to)).not.toContain('RENAME');
  });

  test('that what a function computed stays where it is stored, and which that is', async () => {
    const schema = (
      body: string,
    ) => `CREATE FUNCTION f(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT ${body}($1)';
      CREATE TABLE t (a text, b text GENERATED ALWAYS AS (f(a)) STORED, c text GENERATED ALWAYS AS (a) STORED); CREATE INDEX i ON t (f(a));
      CREATE INDEX j ON t (a); CREATE MATERIALIZED VIEW m AS SELECT f(a) FROM t; CREATE VIEW v AS SELECT f(a) FROM t`;
    const draft = await noteOf(schema('lower'), schema('upper'));
    expect(draft).toMatch(
      /^-- What the function gave until now stays in [^:]+: UPDATE, REINDEX or REFRESH computes it anew/m,
    );
    const [, named = ''] = / stays in ([^:]+):/.exec(draft) ?? [];
    expect(named.split(', ').toSorted()).toEqual(['column t.b', 'index i', 'materialized view m']);
  });

  test('that a view made anew has no grants, and that a computed column only looks as if its values went', async () => {
    const draft = await noteOf(
      'CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a) STORED); CREATE VIEW v AS SELECT a FROM t',
      'CREATE TABLE t (a bigint, b int GENERATED ALWAYS AS (a + 1) STORED); CREATE VIEW v AS SELECT a FROM t',
    );
    expect(draft).toContain('-- The view v is made anew, without what was granted on the old one.');
    expect(draft).toContain('-- b is computed, and is made anew below.');
  });

  test('that a table which is partitioned in one only stays as it is', async () => {
    const { draft, left } = await tried.between({
      from: 'CREATE TABLE t (a int); CREATE TABLE u (a int)',
      to: 'CREATE TABLE t (a int) PARTITION BY LIST (a); CREATE TABLE u (a bigint)',
    });
    expect(draft).toEqual([
      expect.stringMatching(/^-- not drafted: table t stays as it is, because no statement changes whether/),
      'ALTER TABLE u ALTER COLUMN a TYPE bigint;',
    ]);
    expect(left).toMatchObject([{ type: 'table', name: 't' }]);
  });

  test('that a table which is partitioned in one only keeps its parts with their rows, its keys and what it needs', async () => {
    const whole = `CREATE TYPE e AS ENUM ('x'); CREATE TABLE t (a int, k int PRIMARY KEY, e e) PARTITION BY LIST (k);
      CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1); COMMENT ON TABLE t1 IS 'first'; CREATE INDEX i ON t (a); CREATE TABLE u (a int)`;
    const plain = `CREATE TABLE t (a int PRIMARY KEY, k int UNIQUE, b int); CREATE VIEW v AS SELECT b FROM t;
      CREATE TABLE u (a int REFERENCES t); CREATE TABLE w (a text)`;
    const there = await tried.between({ from: whole, to: plain, rows: "INSERT INTO t VALUES (5, 1, 'x')" });
    expect(there.lost).toEqual([]);
    expect(there.after.get('t1')).toEqual([{ a: 5, k: 1, e: 'x' }]);
    expect(there.draft).toEqual([
      expect.stringMatching(/^-- not drafted: table t stays as it is/),
      '-- not drafted: table t1 is left alone, because it is a part of such a table in one of the two.',
      '-- not drafted: table u is left alone, because it stands on what such a table does not have.',
      '-- not drafted: view v is left alone, because it stands on what such a table does not have.',
      expect.stringMatching(/^CREATE TABLE w/),
    ]);
    const back = await tried.between({ from: plain, to: whole, rows: 'INSERT INTO t VALUES (5, 1, 2)' });
    expect(back.lost).toEqual([]);
    expect(back.draft).not.toContain('ATTACH');
  });

  test('that a column by which its table is partitioned keeps its type', async () => {
    const { draft } = await tried.between({
      from: 'CREATE TABLE t (a int) PARTITION BY LIST (a)',
      to: 'CREATE TABLE t (a bigint) PARTITION BY LIST (a)',
    });
    expect(draft).toEqual([expect.stringMatching(/^-- not drafted: column a of t stays as it is/)]);
  });

  test('that a column by which a part is partitioned keeps its type in the whole, and in the other parts', async () => {
    const schema = (type: string) => `CREATE TABLE t (a int, b ${type}) PARTITION BY LIST (a);
      CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1) PARTITION BY LIST (b); CREATE TABLE t1a PARTITION OF t1 DEFAULT; CREATE TABLE t2 PARTITION OF t DEFAULT`;
    const { draft } = await tried.between({ from: schema('int'), to: schema('bigint') });
    expect(draft).toEqual([expect.stringMatching(/^-- not drafted: column b of t1 stays as it is/)]);
  });
});

test('a number with a floating point keeps all its digits where it becomes a decimal one', async () => {
  const { after } = await tried.between({
    from: 'CREATE TABLE t (a double precision, b real[], c numeric)',
    rows: "INSERT INTO t VALUES (9007199254740991, '{16777216}', 1.25)",
    to: 'CREATE TABLE t (a numeric, b numeric[], c money)',
    check: 'ALTER TABLE t ALTER COLUMN a TYPE text, ALTER COLUMN b TYPE text, ALTER COLUMN c TYPE numeric',
  });
  expect(after.get('t')).toEqual([{ a: '9007199254740991', b: '{16777216}', c: 1.25 }]);
});

test('an address behind the bits of its network stops a draft and is not cut', async () => {
  const [from, to] = ['CREATE TABLE t (a inet)', 'CREATE TABLE t (a cidr)'];
  const rows = "INSERT INTO t VALUES ('10.0.0.5/24')";
  await expect(tried.between({ from, rows, to })).rejects.toMatchObject({ isByRows: true });
  expect(await tried.between({ from: to, to: from })).toMatchObject({ left: [] });
});

describe('a value that is too long stops a draft and is not cut', () => {
  test.each<readonly [string, string, string, string]>([
    [
      'a domain over a string',
      'CREATE TABLE t (a text)',
      'CREATE DOMAIN d AS varchar(3); CREATE TABLE t (a d)',
      "'long'",
    ],
    [
      'a domain over such a domain, in an array',
      'CREATE TABLE t (a int[])',
      'CREATE DOMAIN d AS varchar(3); CREATE DOMAIN e AS d; CREATE TABLE t (a e[])',
      "'{1234}'",
    ],
    [
      'a domain that is made anew',
      'CREATE DOMAIN d AS varchar(9); CREATE TABLE t (a d)',
      'CREATE DOMAIN d AS varchar(3); CREATE TABLE t (a d)',
      "'long'",
    ],
    [
      'a composite type that is made anew',
      'CREATE TYPE c AS (x varchar(9), y json); CREATE TABLE t (a c)',
      'CREATE TYPE c AS (y json, x varchar(3)); CREATE TABLE t (a c)',
      `ROW('long', '{"a": "b, c"}')`,
    ],
    ['an array of strings', 'CREATE TABLE t (a int[])', 'CREATE TABLE t (a varchar(3)[])', "'{1234}'"],
    ['bits', 'CREATE TABLE t (a text)', 'CREATE TABLE t (a bit(3))', "'1010'"],
  ])('for %s', async (_, from, to, value) => {
    const rows = `INSERT INTO t VALUES (${value})`;
    await expect(tried.between({ from, rows, to })).rejects.toMatchObject({ isByRows: true });
    expect(await tried.between({ from, to })).toMatchObject({ left: [] });
  });
});

test('a value that is added to an enum is not used where another word holds it', async () => {
  const { draft } = await tried.between({
    from: "CREATE TYPE e AS ENUM ('a'); CREATE TABLE orders (e e)",
    to: "CREATE TYPE e AS ENUM ('a', 'order'); CREATE TABLE orders (e e NOT NULL)",
  });
  expect(draft).toEqual([
    "ALTER TYPE e ADD VALUE 'order' AFTER 'a';",
    'ALTER TABLE orders ALTER COLUMN e SET NOT NULL;',
  ]);
});

test('an index of a partition is not built anew where the partition becomes a table of its own, or the other way round', async () => {
  const whole = 'CREATE TABLE t (a int) PARTITION BY LIST (a); CREATE INDEX i ON t (a);';
  const part = `${whole} CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1)`;
  const alone = `${whole} CREATE TABLE t1 (a int); CREATE INDEX t1_a_idx ON t1 (a)`;
  const { draft } = await tried.between({ from: part, to: alone });
  expect(draft).toEqual(['ALTER TABLE t DETACH PARTITION t1;']);
  expect((await tried.between({ from: alone, to: part })).draft).toEqual([
    'ALTER TABLE ONLY t ATTACH PARTITION t1 FOR VALUES IN (1);',
    'ALTER INDEX i ATTACH PARTITION t1_a_idx;',
  ]);
});

test('the values of an attribute stay when its type changes, and go into no other attribute', async () => {
  const { after, left } = await tried.between({
    from: 'CREATE TYPE c AS (x varchar(3), y text); CREATE TABLE t (a c)',
    rows: "INSERT INTO t VALUES (ROW('a,b', 'y')), (NULL)",
    to: 'CREATE TYPE c AS (y text, x varchar(5)); CREATE TABLE t (a c)',
  });
  expect(left).toEqual([]);
  expect(after.get('t')).toEqual([{ a: { x: 'a,b', y: 'y' } }, {}]);
  const moved = (column: string, type = '') =>
    tried.between({
      from: `CREATE TYPE c AS (x text, y text); ${type} CREATE TABLE t (a ${column})`,
      rows: 'INSERT INTO t VALUES (NULL)',
      to: `CREATE TYPE c AS (y text, x text); ${type} CREATE TABLE t (a ${column})`,
    });
  // The old type cannot go as long as the column has it: nothing of the draft takes effect.
  const notDrafted = /-- not drafted: column a of t stays as it is, because the attributes inside of its/;
  await expect(moved('c[]')).rejects.toThrow(notDrafted);
  await expect(moved('d', 'CREATE TYPE d AS (c c);')).rejects.toThrow(notDrafted);
});

test('a column that gets an identity, or becomes serial, goes on behind the numbers that rows have', async () => {
  const from = 'CREATE TABLE "T t" (a int NOT NULL, b int NOT NULL); CREATE TABLE empty (a int NOT NULL)';
  const to =
    'CREATE TABLE "T t" (a int GENERATED ALWAYS AS IDENTITY, b serial); CREATE TABLE empty (a serial)';
  const rows = 'INSERT INTO "T t" VALUES (7, 9)';
  const check = 'INSERT INTO "T t" DEFAULT VALUES; INSERT INTO empty DEFAULT VALUES';
  const { draft, left, after } = await tried.between({ from, to, rows, check });
  expect(draft.filter((sql) => sql.includes('setval'))).toHaveLength(3);
  expect(left).toEqual([]);
  expect(after.get('"T t"')).toEqual([
    { a: 7, b: 9 },
    { a: 8, b: 10 },
  ]);
  expect(after.get('empty')).toEqual([{ a: 1 }]);
});

test('what may differ and stands on what goes is not made again, and it is said', async () => {
  const statements = draftPostgres(
    ...(await tried.schemas(
      'CREATE TABLE t (a int); CREATE VIEW v AS SELECT a FROM t',
      '',
      ({ type }) => type === 'view',
    )),
  );
  expect(statements).toEqual([
    '-- not drafted: view v may be there, and stands on table t, which goes: drop it by hand, or let that stay as well.',
    'DROP TABLE t;',
  ]);
});

test('a draft between two that mean the same is empty', async () => {
  const from =
    'CREATE TABLE x (id serial PRIMARY KEY, a int CONSTRAINT x_a_check CHECK (a > 0), b int REFERENCES x (id)); ALTER TABLE x RENAME TO t';
  const to =
    'CREATE TABLE t (b int, id serial CONSTRAINT t_pk PRIMARY KEY, a int CHECK (a > 0), FOREIGN KEY (b) REFERENCES t (id))';
  expect(await tried.between({ from, to })).toMatchObject({ draft: [], left: [] });
});
