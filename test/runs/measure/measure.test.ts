import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countRows, measure } from '../../../src/runs/measure/measure.ts';
import { openMemory } from '../../schema/open-memory.ts';

async function columnsOf(statements: readonly string[], table = 't') {
  await using database = await openMemory(statements);
  const { tables } = await measure(database.query);
  return tables.find((measured) => measured.table === table);
}

const manyRows = (count: number, values: string) =>
  `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count}) INSERT INTO t SELECT ${values} FROM n`;

describe('the checksum of a column', () => {
  test('is the same whatever the order of the rows', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string(), { maxLength: 20 }), fc.nat(), async (values, turn) => {
        const turned = values.toSorted((a, b) => ((a.length * turn) % 7) - ((b.length * turn) % 7));
        const sums = await Promise.all(
          [values, turned].map(async (order) => {
            await using database = await openMemory(['CREATE TABLE t (a TEXT)']);
            for (const value of order)
              await database.query({ sql: 'INSERT INTO t VALUES (?)', args: [value] });
            return await measure(database.query);
          }),
        );
        expect(sums[0]).toEqual(sums[1]);
      }),
      { numRuns: 30 },
    );
  });

  test.each([
    ['integers become text', 'INTEGER', 'TEXT', '42'],
    ['a whole REAL becomes an integer', 'REAL', 'INTEGER', '42.0'],
    ['a number beyond 2^53 becomes text', 'INTEGER', 'TEXT', '9007199254740993'],
    ['a fraction becomes text', 'REAL', 'TEXT', '0.1'],
  ])('is the same when %s', async (_what, before, after, value) => {
    const left = await columnsOf([`CREATE TABLE t (a ${before})`, `INSERT INTO t VALUES (${value})`]);
    const right = await columnsOf([
      `CREATE TABLE u (a ${before})`,
      `INSERT INTO u VALUES (${value})`,
      `CREATE TABLE t (a ${after})`,
      'INSERT INTO t SELECT a FROM u',
    ]);
    expect(right).toEqual(left);
  });

  test.each([
    ['007 becomes 7', "'007'", "'7'"],
    ['one letter differs', "'abc'", "'abd'"],
    ['an empty text becomes NULL', "''", 'NULL'],
    ['a blob becomes the text of its digits', "x'41'", "'A'"],
    ['a blob that is no text differs in one byte', "x'FF00'", "x'FE00'"],
    ['one neighbour of 2^53 becomes the other', '9007199254740992', '9007199254740993'],
    ['a text that is no UTF-8 differs in one byte', "CAST(x'4DFF' AS TEXT)", "CAST(x'4DFE' AS TEXT)"],
    [
      'a long text that is no UTF-8 differs in one byte',
      "CAST(x'FF' || zeroblob(20000) AS TEXT)",
      "CAST(x'FE' || zeroblob(20000) AS TEXT)",
    ],
  ])('differs when %s', async (_what, one, other) => {
    const left = await columnsOf(['CREATE TABLE t (a)', `INSERT INTO t VALUES (${one})`]);
    const right = await columnsOf(['CREATE TABLE t (a)', `INSERT INTO t VALUES (${other})`]);
    expect(right?.columns).not.toEqual(left?.columns);
  });

  test('sees a change in a value too long for a page', async () => {
    const made = (text: string) => [
      'CREATE TABLE t (a)',
      manyRows(20, `printf('%.*c', 40000, 'x') || ${text}`),
    ];
    const left = await columnsOf(made("'a' || i"));
    const right = await columnsOf(made("CASE i WHEN 13 THEN 'b13' ELSE 'a' || i END"));
    expect(left?.columns[0]?.nonNull).toBe(20);
    expect(right?.columns).not.toEqual(left?.columns);
  });
});

describe('measuring', () => {
  test.each([
    ['with a rowid', 'CREATE TABLE t (a INT, b)'],
    [
      'without a rowid, with a key of two columns',
      'CREATE TABLE t (a INT, b, PRIMARY KEY (b, a)) WITHOUT ROWID',
    ],
    ['whose column is called rowid', 'CREATE TABLE t (a INT, rowid)'],
    [
      'without a rowid, with texts and numbers in its key',
      'CREATE TABLE t (a, b, PRIMARY KEY (a, b)) WITHOUT ROWID',
    ],
    [
      'whose columns hide every name of the rowid',
      'CREATE TABLE t (a INT, rowid, oid DEFAULT 1, _rowid_ DEFAULT 2)',
    ],
  ])('counts every row of a table %s, over many pages', async (_what, create) => {
    const rows = 5000;
    const into = manyRows(rows, "i, CASE WHEN i % 3 THEN 'v' || (i % 100) ELSE 'w' END").replace(
      'INTO t',
      `INTO t (a, ${create.includes('rowid,') || create.includes('rowid)') ? 'rowid' : 'b'})`,
    );
    const found = await columnsOf([create, into]);
    const other = await columnsOf([
      'CREATE TABLE t (a TEXT, b)',
      manyRows(rows, "i, CASE WHEN i % 3 THEN 'v' || (i % 100) ELSE 'w' END"),
    ]);
    expect(found?.rows).toBe(rows);
    expect(found?.columns.slice(0, 2).map(({ checksum }) => checksum)).toEqual(
      other?.columns.map(({ checksum }) => checksum),
    );
  });

  test.each([
    ['of one column', 'CREATE TABLE t (a PRIMARY KEY, b) WITHOUT ROWID'],
    ['of two columns', 'CREATE TABLE t (a, b, PRIMARY KEY (b, a)) WITHOUT ROWID'],
  ])('counts every row of a table with a key %s that is no UTF-8, or a number', async (_what, create) => {
    const found = await columnsOf([
      create,
      manyRows(1500, "CASE WHEN i % 2 THEN CAST(x'ff' || i AS TEXT) ELSE i END, CAST('v' || x'fe' AS TEXT)"),
    ]);
    expect(found?.rows).toBe(1500);
    expect(found?.columns.map(({ nonNull }) => nonNull)).toEqual([1500, 1500]);
  });

  test('takes a database in UTF-16', async () => {
    const rows = ['CREATE TABLE t (a)', "INSERT INTO t VALUES ('Zürich'), ('x'), (7), (NULL)"];
    const wide = await columnsOf(["PRAGMA encoding = 'UTF-16'", ...rows]);
    expect(wide).toMatchObject({ rows: 4, columns: [{ nonNull: 3 }] });
  });

  test('leaves out bookkeeping, our lease and shadow tables, and counts virtual tables', async () => {
    await using database = await openMemory([
      'CREATE TABLE t (a, b AS (a + 1))',
      'INSERT INTO t VALUES (1), (NULL)',
      'CREATE VIRTUAL TABLE f USING fts5(a)',
      "INSERT INTO f VALUES ('x')",
      'CREATE TABLE __drizzle_migrations (id)',
      'CREATE TABLE journal (id)',
      'CREATE TABLE __migrate_tui_lease (id)',
    ]);
    const { tables } = await measure(database.query, { leaveOut: ['Journal'] });
    expect(
      tables.map(({ table, rows, columns }) => [
        table,
        rows,
        columns.map(({ column, nonNull }) => [column, nonNull]),
      ]),
    ).toEqual([
      ['f', 1, []],
      ['t', 2, [['a', 1]]],
    ]);
  });

  test('counts rows that break a foreign key, by table and parent', async () => {
    await using database = await openMemory([
      'PRAGMA foreign_keys = OFF',
      'CREATE TABLE p (id INTEGER PRIMARY KEY)',
      'CREATE TABLE c (p INTEGER REFERENCES p(id))',
      'INSERT INTO c VALUES (1), (2), (NULL)',
    ]);
    expect((await measure(database.query)).violations).toEqual([{ table: 'c', parent: 'p', count: 2 }]);
  });

  test('says which foreign key SQLite cannot check', async () => {
    await using database = await openMemory([
      'CREATE TABLE p (id INTEGER)',
      'CREATE TABLE c (p REFERENCES p(id))',
    ]);
    await expect(measure(database.query)).rejects.toMatchObject({
      code: 'rehearsal-failed',
      message:
        'The foreign keys cannot be checked: "c" referencing "p" names columns that are neither primary key nor UNIQUE there.',
    });
  });

  test('ends when it is asked to', async () => {
    await using database = await openMemory(['CREATE TABLE t (a)', manyRows(5000, 'i')]);
    const stop = new AbortController();
    const measuring = measure(database.query, {
      signal: stop.signal,
      onProgress: () => stop.abort(new Error('enough')),
    });
    await expect(measuring).rejects.toThrow('enough');
  });

  test('counts rows alone, of the tables that are asked for', async () => {
    await using database = await openMemory([
      'CREATE TABLE t (a)',
      'CREATE TABLE u (a)',
      "INSERT INTO u VALUES ('x')",
    ]);
    expect(await countRows(database.query)).toEqual([
      { table: 't', rows: 0 },
      { table: 'u', rows: 1 },
    ]);
    expect(await countRows(database.query, { tables: ['U', 'gone'] })).toEqual([{ table: 'u', rows: 1 }]);
    expect(await countRows(database.query, { tables: [] })).toEqual([]);
  });
});
