import { describe, expect, test } from 'vitest';
import type { Loss } from '../../../src/operations/evidence/evidence.ts';
import { rowExpectations } from '../../../src/operations/evidence/row-expectations.ts';
import { readForeignKeys } from '../../../src/schema/foreign-keys.ts';
import { readSchema } from '../../../src/schema/read.ts';
import { openMemory } from '../../schema/open-memory.ts';

const family = [
  'CREATE TABLE users (id INTEGER PRIMARY KEY, age TEXT)',
  'CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users(id) ON DELETE CASCADE)',
  'CREATE TABLE likes (post_id INTEGER REFERENCES posts(id) ON DELETE CASCADE)',
  'CREATE TABLE notes (id INTEGER, user_id INTEGER REFERENCES users(id) ON DELETE SET NULL)',
  'CREATE TABLE others (id INTEGER)',
  'CREATE TABLE log (id INTEGER)',
  'CREATE TRIGGER tr AFTER UPDATE ON others BEGIN DELETE FROM log; DELETE FROM found; END',
  'CREATE VIRTUAL TABLE found USING fts5(body)',
];
const rebuild = [
  'CREATE TABLE __new_users (id INTEGER PRIMARY KEY, age INTEGER)',
  'INSERT INTO __new_users SELECT id, age FROM users',
  'DROP TABLE users',
  'ALTER TABLE __new_users RENAME TO users',
];

async function expectations(
  migrations: readonly (readonly string[])[],
  accepted: readonly { table: string; rows: number }[] = [],
) {
  await using database = await openMemory(family);
  const losses: readonly Loss[] = accepted.map(({ table, rows }) => ({
    kind: 'rows',
    table,
    rows,
    likely: '',
  }));
  return rowExpectations({
    migrations: migrations.map((sql, at) => ({
      tag: `000${at}`,
      statements: sql.map((text, line) => ({ sql: text, line })),
    })),
    foreignKeys: await readForeignKeys(database.query),
    schema: await readSchema(database.query),
    evidence: { losses },
    accepted,
  });
}

describe('the rows that a migration must keep', () => {
  test('are those of a rebuilt table, of what cascades from it, and the values that would be cleared', async () => {
    expect(await expectations([rebuild])).toEqual([
      {
        tag: '0000',
        tables: [
          { table: 'users', mayLose: 0 },
          { table: 'posts', mayLose: 0 },
          { table: 'likes', mayLose: 0 },
          { table: 'notes', column: 'user_id', mayLose: 0 },
        ],
      },
    ]);
  });

  test('are not those that a DELETE names, but those that it takes along, less what was accepted', async () => {
    const [found] = await expectations([['DELETE FROM users WHERE id = 1']], [{ table: 'Posts', rows: 3 }]);
    expect(found?.tables).toEqual([
      { table: 'posts', mayLose: 3 },
      { table: 'likes', mayLose: 0 },
      { table: 'notes', column: 'user_id', mayLose: 0 },
    ]);
  });

  test('are those that a trigger writes to, but for an index that follows its rows', async () => {
    expect(await expectations([['UPDATE others SET id = 1']])).toEqual([
      { tag: '0000', tables: [{ table: 'log', mayLose: 0 }] },
    ]);
  });

  test('are none for a migration that only makes and adds', async () => {
    const adding = [
      'CREATE TABLE n (a REFERENCES users(id))',
      'ALTER TABLE users ADD b TEXT',
      'CREATE INDEX i ON users (b)',
    ];
    expect(await expectations([adding])).toEqual([]);
  });

  test('leave out a table that the migration itself makes, drops or renames', async () => {
    const made = [
      'CREATE TABLE n (a)',
      ...rebuild.map((sql) => sql.replaceAll('users', 'n').replace('id, age', 'a')),
    ];
    expect(await expectations([made])).toEqual([]);
    const [found] = await expectations([
      ['DELETE FROM users WHERE id = 1', 'DROP TABLE posts', 'ALTER TABLE likes RENAME TO hearts'],
    ]);
    expect(found?.tables).toEqual([{ table: 'notes', column: 'user_id', mayLose: 0 }]);
  });

  test('know the tables that an earlier migration of the plan made', async () => {
    const found = await expectations([
      ['CREATE TABLE later (u REFERENCES users(id) ON DELETE CASCADE)'],
      rebuild,
    ]);
    expect(found[0]?.tag).toBe('0001');
    expect(found[0]?.tables).toContainEqual({ table: 'later', mayLose: 0 });
  });
});
