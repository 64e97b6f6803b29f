import { expect, test } from 'vitest';
import { keepsIn } from '../../src/sql/keeps.ts';

const found = (...sql: readonly string[]) => keepsIn(sql.map((text) => ({ sql: text })));

test('rows that are copied aside and put back are found, with the DELETE in between', () => {
  expect(
    found(
      'CREATE TABLE k (a)',
      'INSERT INTO k SELECT a FROM t',
      'DELETE FROM t',
      'INSERT INTO t SELECT a FROM k',
    ),
  ).toEqual([{ table: 't', via: 'k', out: 2, back: 4, what: 'rows', removes: [3] }]);
});

test('values that are put back by an UPDATE are found, under a new name of the table, too', () => {
  expect(
    found(
      'CREATE TABLE k AS SELECT id, "the user" FROM t WHERE "the user" IS NOT NULL',
      'UPDATE t SET "the user" = NULL WHERE "the user" IS NOT NULL',
      'ALTER TABLE t RENAME TO u',
      'UPDATE u SET "the user" = k."the user" FROM k WHERE k.id = u.id',
    ),
  ).toEqual([{ table: 't', via: 'k', out: 1, back: 4, what: 'values', removes: [2] }]);
});

test.each([
  ['only some rows are copied', 'INSERT INTO k SELECT a FROM t WHERE a > 3'],
  ['equal rows are copied once', 'INSERT INTO k SELECT DISTINCT a FROM t'],
  ['two tables are read', 'INSERT INTO k SELECT a FROM t JOIN u'],
])('nothing is kept where %s', (_why, copy) => {
  expect(found('CREATE TABLE k (a)', copy, 'DELETE FROM t', 'INSERT INTO t SELECT a FROM k')).toEqual([]);
});

test('an UPDATE in between that gives values is the migration\u2019s own, not part of the keeping', () => {
  const [keep] = found(
    'CREATE TABLE k AS SELECT a FROM t',
    'UPDATE t SET a = 5',
    'INSERT INTO t SELECT a FROM k',
  );
  expect(keep?.removes).toEqual([]);
});
