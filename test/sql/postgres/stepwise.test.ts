import { describe, expect, test } from 'vitest';
import { inOneTransaction } from '../../../src/sql/postgres/in-one-transaction.ts';
import { isStepwise, namedAlone, partsToRun } from '../../../src/sql/postgres/stepwise.ts';

const parts = (...statements: readonly string[]) =>
  partsToRun(statements.map((sql) => ({ sql }))).map(({ kind, first, last }) => [kind, first, last]);

describe('a migration is one transaction', () => {
  test.each([
    [['ALTER TABLE t ADD a int', 'CREATE INDEX i ON t (a)']],
    [['VACUUM t', 'REINDEX SCHEMA public', 'CREATE DATABASE x']],
    [["ALTER TYPE role ADD VALUE 'b'", 'ALTER TABLE t ADD a int']],
    [["CREATE TYPE role AS ENUM ('a')", "ALTER TYPE role ADD VALUE 'b'", "SELECT 'b'::role"]],
    [['ALTER TABLE m DETACH PARTITION m_1 CONCURRENTLY']],
  ])('with %j', (statements) => {
    expect(isStepwise(statements.map((sql) => ({ sql })))).toBe(false);
    expect(parts(...statements)).toEqual([['together', 1, statements.length]]);
  });
});

describe('it is parted', () => {
  test('around each statement that runs by itself', () => {
    expect(
      parts(
        'SELECT 1',
        'SELECT 2',
        'CREATE INDEX CONCURRENTLY i ON t (a)',
        'DROP INDEX CONCURRENTLY j',
        'SELECT 5',
        'REINDEX (CONCURRENTLY) TABLE t',
      ),
    ).toEqual([
      ['together', 1, 2],
      ['alone', 3, 3],
      ['alone', 4, 4],
      ['together', 5, 5],
      ['alone', 6, 6],
    ]);
  });

  test('in front of the first statement that uses an enum value, once for values that were added together', () => {
    const [b, c] = ["ALTER TYPE role ADD VALUE 'b'", "ALTER TYPE role ADD VALUE 'c'"];
    expect(parts(b, c, 'SELECT 1', "SELECT 'b'::role", "SELECT 'c'::role")).toEqual([
      ['together', 1, 3],
      ['together', 4, 5],
    ]);
    expect(parts(b, "SELECT 'b'::role", c, "SELECT 'c'::role")).toEqual([
      ['together', 1, 1],
      ['together', 2, 3],
      ['together', 4, 4],
    ]);
    expect(parts(b, 'DROP INDEX CONCURRENTLY j', "SELECT 'b'::role")).toEqual([
      ['together', 1, 1],
      ['alone', 2, 2],
      ['together', 3, 3],
    ]);
  });
});

test('a statement by itself is named as its error message does', () => {
  expect(namedAlone('CREATE UNIQUE INDEX CONCURRENTLY ON t (a)')).toBe('CREATE INDEX CONCURRENTLY');
  expect(namedAlone('CREATE INDEX "concurrently" ON t (a)')).toBeUndefined();
  expect(namedAlone('VACUUM')).toBeUndefined();
});

test('for a replay CONCURRENTLY is left out, where it is no name', () => {
  const texts = inOneTransaction([
    { sql: 'CREATE INDEX /* CONCURRENTLY */ CONCURRENTLY "concurrently" ON t (a)' },
    { sql: 'DROP INDEX CONCURRENTLY "concurrently"' },
    { sql: 'REINDEX TABLE CONCURRENTLY t' },
  ]);
  expect(texts).toEqual([
    { sql: 'CREATE INDEX /* CONCURRENTLY */  "concurrently" ON t (a)', number: 1 },
    { sql: 'DROP INDEX  "concurrently"', number: 2 },
    { sql: 'SELECT 1', number: 3 },
  ]);
});
