import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { classify } from '../../src/sql/classify.ts';
import { insertedRows } from '../../src/sql/insertion.ts';
import { rebuildsIn } from '../../src/sql/rebuilds.ts';
import { tableDefinition } from '../../src/sql/table-definition.ts';

const drizzleRebuild = [
  'PRAGMA foreign_keys=OFF;',
  'CREATE TABLE `__new_users` (`id` integer PRIMARY KEY NOT NULL, `email` text);',
  'INSERT INTO `__new_users`("id", "email") SELECT "id", "email" FROM `users`;',
  'DROP TABLE `users`;',
  'ALTER TABLE `__new_users` RENAME TO `users`;',
  'PRAGMA foreign_keys=ON;',
].map((sql) => ({ sql }));

describe('what a statement does', () => {
  test.each([
    [
      'CREATE TABLE "users" (id)',
      { kind: 'create-table', table: 'users', temporary: false, ifNotExists: false },
    ],
    ['create table if not exists main.[a b] (id)', { kind: 'create-table', table: 'a b', ifNotExists: true }],
    ['CREATE TEMP TABLE t (id)', { kind: 'create-table', table: 't', temporary: true }],
    ['CREATE TABLE temp.t (id)', { kind: 'create-table', table: 't', temporary: true }],
    ['CREATE TABLE t AS SELECT * FROM u JOIN v', { kind: 'create-table', table: 't', from: ['u', 'v'] }],
    ['CREATE VIRTUAL TABLE f USING fts5(a)', { kind: 'create-virtual-table', table: 'f', module: 'fts5' }],
    ['DROP TABLE IF EXISTS `u``v`', { kind: 'drop-table', table: 'u`v', ifExists: true }],
    ['DROP INDEX i', { kind: 'drop-index', index: 'i' }],
    ['DROP VIEW v;', { kind: 'drop-view', view: 'v' }],
    ['DROP TRIGGER main.tr', { kind: 'drop-trigger', trigger: 'tr' }],
    ['CREATE UNIQUE INDEX i ON t (a)', { kind: 'create-index', index: 'i', table: 't', unique: true }],
    ['CREATE VIEW v AS SELECT 1 FROM a, b', { kind: 'create-view', view: 'v', from: ['a', 'b'] }],
    [
      'CREATE TRIGGER tr AFTER UPDATE OF a ON t BEGIN INSERT INTO log VALUES (1); DELETE FROM u; END',
      { kind: 'create-trigger', trigger: 'tr', table: 't', writes: ['log', 'u'] },
    ],
    ['DELETE FROM t', { kind: 'delete', table: 't', where: 'all' }],
    ['DELETE FROM t WHERE true', { kind: 'delete', table: 't', where: 'all' }],
    ['DELETE FROM t WHERE a IN (SELECT 1)', { kind: 'delete', table: 't', where: 'some' }],
    [
      'WITH x AS (SELECT 1 FROM y) DELETE FROM t WHERE id IN x',
      { kind: 'delete', table: 't', where: 'some' },
    ],
    [
      'UPDATE t SET a = 1, (b, "c d") = (2, 3)',
      { kind: 'update', table: 't', columns: ['a', 'b', 'c d'], where: 'all' },
    ],
    [
      'UPDATE OR REPLACE t AS x SET a = (SELECT 1 WHERE 1) FROM u WHERE x.id = u.id',
      { kind: 'update', table: 't', columns: ['a'], where: 'some', or: 'replace' },
    ],
    [
      'INSERT INTO t (a, b) VALUES (1, 2)',
      { kind: 'insert', table: 't', columns: ['a', 'b'], upsert: false },
    ],
    ['REPLACE INTO t VALUES (1)', { kind: 'insert', table: 't', or: 'replace' }],
    [
      'INSERT OR IGNORE INTO t SELECT * FROM u, v WHERE 1',
      { kind: 'insert', or: 'ignore', from: ['u', 'v'] },
    ],
    ['INSERT INTO t VALUES (1) ON CONFLICT DO UPDATE SET a = 2', { kind: 'insert', upsert: true }],
    ['WITH x(n) AS (SELECT 1) INSERT INTO t SELECT n FROM x', { kind: 'insert', table: 't', from: [] }],
    [
      'INSERT INTO t WITH x AS (SELECT a FROM u) SELECT a FROM x',
      { kind: 'insert', table: 't', from: ['u'] },
    ],
    ['PRAGMA foreign_keys = OFF', { kind: 'pragma', name: 'foreign_keys', value: 'off' }],
    ['PRAGMA defer_foreign_keys(1);', { kind: 'pragma', name: 'defer_foreign_keys', value: '1' }],
    ['BEGIN IMMEDIATE', { kind: 'transaction', verb: 'begin' }],
    ['END TRANSACTION', { kind: 'transaction', verb: 'commit' }],
    ["ATTACH 'x.db' AS x", { kind: 'attach' }],
    ['VACUUM', { kind: 'vacuum' }],
    ['ANALYZE t', { kind: 'analyze' }],
    ['-- a note\nSELECT 1 FROM t', { kind: 'select', from: ['t'] }],
    ['EXPLAIN DELETE FROM t', { kind: 'select' }],
    ['FROBNICATE', { kind: 'unknown' }],
    ['', { kind: 'unknown' }],
  ])('%s', (sql, expected) => {
    expect(classify(sql)).toMatchObject(expected);
  });

  test.each([
    ['RENAME TO u', { kind: 'rename-table', to: 'u' }],
    ['RENAME COLUMN a TO "b c"', { kind: 'rename-column', column: 'a', to: 'b c' }],
    ['RENAME a TO b', { kind: 'rename-column', column: 'a', to: 'b' }],
    ['DROP COLUMN a', { kind: 'drop-column', column: 'a' }],
    ['DROP "column"', { kind: 'drop-column', column: 'column' }],
    ['ADD `a` text DEFAULT -1 NOT NULL', { kind: 'add-column', column: 'a' }],
    ['ALTER COLUMN a TO a text NOT NULL', { kind: 'alter-column', column: 'a' }],
    // SQLite refuses it, PostgreSQL does not.
    ['ADD COLUMN IF NOT EXISTS a text', { kind: 'add-column-if-missing', column: 'a' }],
  ])('ALTER TABLE t %s', (change, action) => {
    expect(classify(`ALTER TABLE t ${change}`)).toMatchObject({ kind: 'alter-table', table: 't', action });
  });
});

describe('a rebuild', () => {
  test('is seen in what drizzle-kit writes, with its statements by number', () => {
    expect(rebuildsIn(drizzleRebuild)).toEqual([
      {
        table: 'users',
        via: '__new_users',
        create: 2,
        copies: [3],
        drop: 4,
        end: 5,
        how: 'create-copy-drop-rename',
      },
    ]);
  });

  test('is seen when the old table is renamed away first', () => {
    const statements = [
      'ALTER TABLE t RENAME TO old',
      'CREATE TABLE t (a)',
      'INSERT INTO t SELECT a FROM old',
      'DROP TABLE old',
    ];
    expect(rebuildsIn(statements.map((sql) => ({ sql })))).toMatchObject([
      { table: 't', via: 'old', create: 2, copies: [3], drop: 4, end: 4 },
    ]);
  });

  test('is seen when the rows go out and come back', () => {
    const statements = [
      'CREATE TABLE keep AS SELECT * FROM t',
      'DROP TABLE t',
      'CREATE TABLE t (a)',
      'INSERT INTO t SELECT a FROM keep',
      'DROP TABLE keep',
    ];
    expect(rebuildsIn(statements.map((sql) => ({ sql })))).toMatchObject([
      { table: 't', via: 'keep', copies: [1, 4], drop: 2 },
    ]);
  });

  test('without a copy of the rows still names the table that comes back', () => {
    const without = drizzleRebuild.filter((_, index) => index !== 2);
    expect(rebuildsIn(without)).toMatchObject([{ table: 'users', copies: [] }]);
  });

  test('is not seen in a plain DROP TABLE', () => {
    expect(rebuildsIn([{ sql: 'DROP TABLE t' }, { sql: 'CREATE TABLE u (a)' }])).toEqual([]);
  });
});

describe('a CREATE TABLE', () => {
  test('is taken apart with every kind of constraint', () => {
    const made = tableDefinition(`CREATE TABLE t (
      id INTEGER CONSTRAINT pk PRIMARY KEY DESC ON CONFLICT FAIL AUTOINCREMENT,
      a VARCHAR (10, 2) NOT NULL DEFAULT (1 + 1) COLLATE NOCASE,
      b AS (a || 'x') STORED,
      c REFERENCES p ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
      CHECK (a > 1) CONSTRAINT u UNIQUE (a, b DESC)
    ) STRICT, WITHOUT ROWID`);
    expect(made?.columns.map(({ name, type }) => [name, type])).toEqual([
      ['id', 'INTEGER'],
      ['a', 'VARCHAR(10,2)'],
      ['b', ''],
      ['c', ''],
    ]);
    expect(made?.columns.map(({ constraints }) => constraints.map(({ kind }) => kind))).toEqual([
      ['primary-key'],
      ['not-null', 'default', 'collate'],
      ['generated'],
      ['references'],
    ]);
    expect(made?.columns[3]?.constraints[0]).toMatchObject({
      clause: { parent: 'p', columns: [], onDelete: 'SET NULL', checked: 'at-commit' },
    });
    expect(made?.constraints.map(({ kind }) => kind)).toEqual(['check', 'unique']);
    expect(made?.options).toEqual(['STRICT', 'WITHOUT ROWID']);
  });
});

test('an INSERT of many rows is told by its head and its end', () => {
  const rows = Array.from({ length: 20_000 }, (_, at) => `(${at}, 'a ( of ) row, ${at}')`).join(', ');
  expect(classify(`INSERT INTO t (a, b) VALUES ${rows}`)).toEqual({
    kind: 'insert',
    table: 't',
    columns: ['a', 'b'],
    upsert: false,
  });
  expect(classify(`INSERT INTO t VALUES ${rows} ON CONFLICT DO UPDATE SET a = 1`)).toMatchObject({
    kind: 'insert',
    upsert: true,
  });
  expect(insertedRows(`INSERT INTO t (a, b) VALUES ${rows}`)).toBe(20_000);
});

test('no text at all makes reading it fail', () => {
  const words =
    'CREATE TABLE t ( a , b ) AS SELECT FROM INSERT INTO VALUES UPDATE SET WHERE ALTER ADD COLUMN RENAME TO DEFAULT CHECK . ; \' " ` [ /* --'.split(
      ' ',
    );
  const text = fc.oneof(
    fc.string(),
    fc.array(fc.constantFrom(...words), { maxLength: 15 }).map((chosen) => chosen.join(' ')),
  );
  fc.assert(
    fc.property(
      text,
      fc.constantFrom('', 'CREATE TABLE ', 'INSERT INTO ', 'ALTER TABLE t ', 'CREATE TRIGGER ', 'WITH '),
      (rest, start) => {
        classify(start + rest);
        tableDefinition(start + rest);
        rebuildsIn([{ sql: start + rest }]);
      },
    ),
    { numRuns: 2000 },
  );
});
