import { describe, expect, test } from 'vitest';
import { draftRollback } from '../../../src/operations/rollback/draft.ts';
import { sketched, sketchOf } from '../../../src/schema/sketch.ts';
import type { Dialect } from '../../../src/sql/statement.ts';

describe('what a migration made is dropped, newest first', () => {
  test('columns, indexes, views, triggers and names of tables that were there', () => {
    expect(
      drafted({
        given: ['CREATE TABLE t (a)', 'CREATE TABLE old (a)'],
        sql: [
          'ALTER TABLE t ADD b TEXT',
          'CREATE UNIQUE INDEX t_b ON t (b)',
          'UPDATE t SET a = 1',
          'ALTER TABLE t RENAME COLUMN a TO c',
          'ALTER TABLE old RENAME TO older',
          'CREATE VIEW v AS SELECT c FROM t',
          'CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END',
        ],
      }),
    ).toEqual({
      lines: [
        'DROP TRIGGER "r";',
        'DROP VIEW "v";',
        'ALTER TABLE "older" RENAME TO "old";',
        'ALTER TABLE "t" RENAME COLUMN "c" TO "a";',
        '-- Left open: what takes back statement 3, line 3: UPDATE t SET a = 1',
        'DROP INDEX "t_b";',
        'ALTER TABLE "t" DROP COLUMN "b";',
      ],
      drafted: 6,
      open: [3],
    });
  });

  test('tables with all that is on them, those first that refer to others', () => {
    expect(
      drafted({
        sql: [
          'CREATE TABLE authors (id integer PRIMARY KEY, best REFERENCES posts(id))',
          'CREATE TABLE posts (id integer PRIMARY KEY)',
          'CREATE INDEX i ON posts (id)',
          "INSERT INTO posts VALUES (1), (';')",
          'ALTER TABLE posts ADD b TEXT',
          'PRAGMA foreign_keys = ON',
        ],
      }),
    ).toEqual({ lines: ['DROP TABLE "authors";', 'DROP TABLE "posts";'], drafted: 2, open: [] });
  });

  test('not what IF NOT EXISTS passes over, and what was made and dropped again', () => {
    expect(
      drafted({
        given: ['CREATE TABLE t (a)', 'CREATE INDEX i ON t (a)'],
        sql: [
          'CREATE TABLE IF NOT EXISTS t (a)',
          'CREATE INDEX IF NOT EXISTS i ON t (a)',
          'CREATE TABLE x (a)',
          'DROP TABLE x',
          'DROP TABLE IF EXISTS never',
        ],
      }).lines,
    ).toEqual(['-- Nothing of it has to be taken back.', 'SELECT 1;']);
  });

  test('in PostgreSQL types after the tables that are made of them, and an index in the schema of its table', () => {
    expect(
      drafted({
        dialect: 'postgres',
        given: ['CREATE TABLE app.t (a int)', 'CREATE TABLE "public"."u" (a int)'],
        sql: [
          "CREATE TYPE lang AS ENUM ('nl')",
          'CREATE TABLE m (l lang)',
          'CREATE INDEX CONCURRENTLY t_a ON app.t (a)',
          'ALTER TABLE u ADD CONSTRAINT u_a FOREIGN KEY (a) REFERENCES m (l)',
          'ALTER TABLE u ALTER COLUMN a SET NOT NULL',
          'ALTER TABLE u ADD COLUMN IF NOT EXISTS a int',
          "ALTER TYPE old ADD VALUE 'x'",
        ],
      }),
    ).toEqual({
      lines: [
        "-- Left open: what takes back statement 7, line 7: ALTER TYPE old ADD VALUE 'x'",
        'ALTER TABLE "u" ALTER COLUMN "a" DROP NOT NULL;',
        'ALTER TABLE "u" DROP CONSTRAINT "u_a";',
        'DROP INDEX CONCURRENTLY "app"."t_a";',
        'DROP TABLE "m";',
        'DROP TYPE "lang";',
      ],
      drafted: 5,
      open: [7],
    });
  });
});

describe('what a text does not tell is left open, by its line', () => {
  test.each([
    ['a table that is dropped', 'DROP TABLE t'],
    ['a column that is dropped', 'ALTER TABLE t DROP COLUMN a'],
    ['an index that is dropped', 'DROP INDEX i'],
    ['rows that are changed', 'DELETE FROM t'],
    ['rows that are added', 'INSERT INTO t VALUES (1)'],
    ['what nobody knows', 'FROB t'],
  ])('%s', (_what, sql) => {
    const given = ['CREATE TABLE t (a, b)', 'CREATE INDEX i ON t (a)'];
    expect(drafted({ given, sql: [sql] })).toEqual({
      lines: [`-- Left open: what takes back statement 1, line 1: ${sql}`],
      drafted: 0,
      open: [1],
    });
  });

  test('a table that is made anew, once', () => {
    const found = drafted({
      given: ['CREATE TABLE t (a)'],
      sql: [
        'PRAGMA foreign_keys = OFF',
        'CREATE TABLE __new_t (a NOT NULL)',
        'INSERT INTO __new_t SELECT a FROM t',
        'DROP TABLE t',
        'ALTER TABLE __new_t RENAME TO t',
        'CREATE INDEX t_a ON t (a)',
      ],
    });
    expect(found).toMatchObject({
      lines: ['DROP INDEX "t_a";', expect.stringContaining('statement 5')],
      open: [5],
    });
  });

  test('a statement of many lines in one line, and nothing that ends the comment', () => {
    const { lines } = drafted({ given: ['CREATE TABLE t (a)'], sql: ["UPDATE t\nSET a =\r\n'x\u2028y';"] });
    expect(lines).toEqual(["-- Left open: what takes back statement 1, line 1: UPDATE t SET a = 'x y';"]);
  });
});

test('a migration without a statement gets a file without one', () => {
  expect(drafted({ sql: [] })).toEqual({ lines: [], drafted: 0, open: [] });
});

function drafted({
  given = [],
  sql,
  dialect = 'sqlite',
}: {
  readonly given?: readonly string[];
  readonly sql: readonly string[];
  readonly dialect?: Dialect;
}) {
  const before = given.reduce((so, one) => sketched(so, one, 'before'), sketchOf({ objects: [] }, []));
  const statements = sql.map((one, index) => ({ sql: one, line: index + 1 }));
  const { text, ...rest } = draftRollback({ tag: '0007_x', statements }, { before, dialect });
  const [heading, ...lines] = text.trimEnd().split('\n');
  expect(heading).toMatch(/^-- Takes 0007_x back\. /);
  return { lines, ...rest };
}
