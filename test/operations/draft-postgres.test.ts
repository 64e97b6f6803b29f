import { describe, expect, test } from 'vitest';
import { draftPostgres } from '../../src/operations/draft-postgres/draft.ts';
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

  test('that a column by which its table is partitioned keeps its type', async () => {
    const { draft } = await tried.between({
      from: 'CREATE TABLE t (a int) PARTITION BY LIST (a)',
      to: 'CREATE TABLE t (a bigint) PARTITION BY LIST (a)',
    });
    expect(draft).toEqual([expect.stringMatching(/^-- not drafted: column a of t stays as it is/)]);
  });
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
