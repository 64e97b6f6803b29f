import { describe, expect, test } from 'vitest';
import { judge } from '../../../src/operations/evidence/judge.ts';
import { measure } from '../../../src/runs/measure/measure.ts';
import { readForeignKeys } from '../../../src/schema/foreign-keys.ts';
import { openMemory } from '../../schema/open-memory.ts';

/** Runs the statements on real rows, in a transaction as an apply would, and judges what became of them. */
async function judged(
  before: readonly string[],
  statements: readonly string[],
  foreignKeys: 'on' | 'off' = 'on',
) {
  await using database = await openMemory(before);
  const first = await measure(database.query);
  const keys = await readForeignKeys(database.query);
  await database.run(`PRAGMA foreign_keys = ${foreignKeys}`);
  for (const sql of statements) await database.run(sql);
  const migrations = [{ tag: '0001_it', statements: statements.map((sql, at) => ({ sql, line: at + 1 })) }];
  return judge({ before: first, after: await measure(database.query), migrations, foreignKeys: keys });
}

const family = (action: string) => [
  'CREATE TABLE users (id INTEGER PRIMARY KEY, age TEXT)',
  `CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users(id) ON DELETE ${action})`,
  'CREATE TABLE likes (post_id INTEGER REFERENCES posts(id) ON DELETE CASCADE)',
  "INSERT INTO users VALUES (1, '007'), (2, '8')",
  'INSERT INTO posts VALUES (1, 1), (2, 2)',
  'INSERT INTO likes VALUES (1), (1), (2)',
];

const rebuild = (columns: string, select: string, into = '') => [
  `CREATE TABLE __new_users (${columns})`,
  `INSERT INTO __new_users${into} SELECT ${select} FROM users`,
  'DROP TABLE users',
  'ALTER TABLE __new_users RENAME TO users',
];

const faithful = rebuild('id INTEGER PRIMARY KEY, age TEXT, email TEXT', '"id", "age"', '("id", "age")');

describe('rows that nobody asked to lose', () => {
  test('a rebuild with foreign keys on empties the children, and the children of those', async () => {
    const { losses, tables } = await judged(family('CASCADE'), faithful, 'on');
    expect(losses).toEqual([
      {
        kind: 'rows',
        table: 'likes',
        rows: 3,
        likely:
          'ON DELETE CASCADE from posts, which loses rows by ON DELETE CASCADE from users, 0001_it statement 1',
      },
      { kind: 'rows', table: 'posts', rows: 2, likely: 'ON DELETE CASCADE from users, 0001_it statement 1' },
    ]);
    expect(tables.map(({ table }) => table)).toEqual(['likes', 'posts', 'users']);
  });

  test('a rebuild with foreign keys off loses nothing', async () => {
    const { losses, tables, unchangedTables } = await judged(family('CASCADE'), faithful, 'off');
    expect(losses).toEqual([]);
    expect(unchangedTables).toEqual({ count: 2, rows: 5 });
    expect(tables).toMatchObject([
      {
        table: 'users',
        rowsBefore: 2,
        rowsAfter: 2,
        causes: [{ tag: '0001_it', statement: 1, verb: 'rebuild' }],
        columns: [
          { column: 'id', values: 'kept' },
          { column: 'age', values: 'kept' },
          { column: 'email', values: 'added', nonNullAfter: 0 },
        ],
      },
    ]);
  });

  test('SET NULL empties a column', async () => {
    const { losses } = await judged(family('SET NULL'), faithful, 'on');
    expect(losses).toEqual([
      {
        kind: 'nulled',
        table: 'posts',
        column: 'user_id',
        rows: 2,
        likely: 'ON DELETE SET NULL from users, 0001_it statement 1',
      },
    ]);
  });

  test('DELETE FROM parent that wipes children by cascade asks for the parent only', async () => {
    const { losses, tables } = await judged(family('CASCADE'), ['DELETE FROM users WHERE id = 1']);
    expect(losses.map((loss) => [loss.kind, loss.table, loss.rows])).toEqual([
      ['rows', 'likes', 2],
      ['rows', 'posts', 1],
    ]);
    expect(tables.find(({ table }) => table === 'users')).toMatchObject({
      rowsBefore: 2,
      rowsAfter: 1,
      causes: [{ verb: 'delete' }],
    });
  });

  test('rows that an INSERT adds do not hide rows that a cascade takes', async () => {
    const { losses } = await judged(family('CASCADE'), [
      'DELETE FROM users WHERE id = 1',
      'INSERT INTO posts VALUES (8, 2), (9, 2)',
    ]);
    expect(losses).toContainEqual(expect.objectContaining({ kind: 'rows', table: 'posts', rows: 1 }));
  });

  test('a rebuild whose copy leaves rows out', async () => {
    const { losses } = await judged(
      family('NO ACTION'),
      rebuild('id INTEGER PRIMARY KEY, age TEXT', 'id, age').map((sql) =>
        sql.replace('FROM users', 'FROM users WHERE id = 1'),
      ),
      'off',
    );
    expect(losses).toEqual([
      {
        kind: 'rows',
        table: 'users',
        rows: 1,
        likely: 'the rebuild in 0001_it statement 1, whose copy leaves rows out',
      },
    ]);
  });

  test('a rebuild whose copy leaves a column out', async () => {
    const { losses } = await judged(
      family('NO ACTION'),
      rebuild('id INTEGER PRIMARY KEY, age TEXT', 'id', '(id)'),
      'off',
    );
    expect(losses).toMatchObject([{ kind: 'nulled', table: 'users', column: 'age', rows: 2 }]);
  });

  test("a text '007' that becomes the number 7", async () => {
    const { losses } = await judged(
      family('NO ACTION'),
      rebuild('id INTEGER PRIMARY KEY, age INTEGER', 'id, age'),
      'off',
    );
    expect(losses).toMatchObject([{ kind: 'values', table: 'users', column: 'age', rows: 2 }]);
  });

  test('what a trigger does', async () => {
    const trigger = 'CREATE TRIGGER tr AFTER UPDATE ON users BEGIN DELETE FROM likes; END';
    const { losses } = await judged([...family('NO ACTION'), trigger], ["UPDATE users SET age = '9'"]);
    expect(losses).toEqual([
      { kind: 'rows', table: 'likes', rows: 3, likely: 'a trigger that one of the statements fires' },
    ]);
  });
});

describe('rows that a statement asks for', () => {
  test.each([
    ['DELETE', ['DELETE FROM likes']],
    ['DROP TABLE', ['DROP TABLE likes']],
    ['UPDATE to NULL', ['UPDATE posts SET user_id = NULL']],
    ['UPDATE of values', ["UPDATE users SET age = age || '!'"]],
    ['DROP COLUMN', ['ALTER TABLE users DROP COLUMN age']],
    ['REPLACE', ["REPLACE INTO users VALUES (1, 'x')"]],
    ['UPSERT', ["INSERT INTO users VALUES (1, 'x') ON CONFLICT DO UPDATE SET age = NULL"]],
    ['a table made anew after a DROP', ['DROP TABLE likes', 'CREATE TABLE likes (id)']],
    [
      'an UPDATE of the new table in a rebuild',
      [
        ...rebuild('id INTEGER PRIMARY KEY, age TEXT', 'id, age').slice(0, 2),
        'UPDATE __new_users SET age = NULL',
        ...rebuild('', '').slice(2),
      ],
    ],
  ])('%s is no loss', async (_what, statements) => {
    expect((await judged(family('NO ACTION'), statements, 'off')).losses).toEqual([]);
  });

  test('numbers that become text in a rebuild keep their values', async () => {
    const { losses } = await judged(
      family('NO ACTION'),
      rebuild('id TEXT PRIMARY KEY, age TEXT', 'id, age'),
      'off',
    );
    expect(losses).toEqual([]);
  });

  test('a renamed table and a renamed column are compared with what they were', async () => {
    const { losses, tables } = await judged(family('NO ACTION'), [
      'ALTER TABLE users RENAME TO people',
      'ALTER TABLE people RENAME COLUMN age TO years',
      'ALTER TABLE people ADD COLUMN age TEXT',
    ]);
    expect(losses).toEqual([]);
    expect(tables).toMatchObject([
      {
        table: 'people',
        rowsBefore: 2,
        rowsAfter: 2,
        columns: [
          { values: 'kept' },
          { column: 'years', values: 'kept' },
          { column: 'age', values: 'added' },
        ],
      },
    ]);
  });

  test('a column renamed by a rebuild is compared with what it was', async () => {
    const { losses, tables } = await judged(
      family('NO ACTION'),
      rebuild('id INTEGER PRIMARY KEY, years TEXT', 'id, age', '(id, years)'),
      'off',
    );
    expect(losses).toEqual([]);
    expect(tables).toEqual([]);
  });

  test('a table that is dropped and made again is one line', async () => {
    const { tables } = await judged(family('NO ACTION'), [
      'DROP TABLE likes',
      'CREATE TABLE likes (id)',
      'INSERT INTO likes VALUES (1)',
    ]);
    expect(tables).toMatchObject([
      {
        table: 'likes',
        rowsBefore: 3,
        rowsAfter: 1,
        causes: [{ verb: 'drop' }, { verb: 'create' }, { verb: 'insert' }],
      },
    ]);
  });

  test('the index of a full-text table follows rows that were deleted', async () => {
    const notes = [
      'CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT)',
      'CREATE VIRTUAL TABLE found USING fts5(body)',
      'CREATE TRIGGER out AFTER DELETE ON notes BEGIN DELETE FROM found WHERE rowid = old.id; END',
      "INSERT INTO notes VALUES (1, 'a'), (2, 'b')",
      "INSERT INTO found(rowid, body) VALUES (1, 'a'), (2, 'b')",
    ];
    expect((await judged(notes, ['DELETE FROM notes WHERE id = 1'])).losses).toEqual([]);
  });
});

test('only violations that were not there before count as added', async () => {
  const broken = ['PRAGMA foreign_keys = OFF', ...family('NO ACTION'), 'INSERT INTO likes VALUES (77)'];
  const { violations } = await judged(broken, ['INSERT INTO likes VALUES (78), (79)'], 'off');
  expect(violations).toEqual({
    before: [{ table: 'likes', parent: 'posts', count: 1 }],
    added: [{ table: 'likes', parent: 'posts', count: 2 }],
  });
});
