import { describe, expect, test } from 'vitest';
import type { Migration } from '../../../src/migrations/migration.ts';
import { isFromBefore } from '../../../src/operations/diagnosis/before-it-began.ts';
import { doubtedRecords } from '../../../src/operations/history/doubted-records.ts';
import type { HistoryItem } from '../../../src/operations/history/history.ts';
import { liveNamesIn } from '../../../src/operations/diagnosis/traces-of.ts';
import { partsOf } from '../../../src/schema/parts.ts';
import { readSchema } from '../../../src/schema/read.ts';
import { openMemory } from '../../schema/open-memory.ts';

const users = migrationOf('0000', ['CREATE TABLE users (id integer PRIMARY KEY, email text)']);
const rebuild = [
  'CREATE TABLE __new_users (id integer PRIMARY KEY, email text NOT NULL)',
  'INSERT INTO __new_users SELECT * FROM users',
  'DROP TABLE users',
  'ALTER TABLE __new_users RENAME TO users',
  'CREATE INDEX users_email ON users (email)',
];
const index = 'CREATE INDEX users_email ON users (email)';

describe('a record is doubted', () => {
  test.each([
    { what: 'when its table is gone', later: ['CREATE TABLE t (x)'], there: [], doubted: true },
    { what: 'when its column is gone', later: ['ALTER TABLE users ADD age'], there: [], doubted: true },
    {
      what: 'not when one of its names is there',
      later: ['CREATE TABLE t (x)', 'CREATE INDEX t_x ON t (x)'],
      there: ['CREATE TABLE t (y)'],
      doubted: false,
    },
    { what: 'not when it leaves no names', later: ['UPDATE users SET email = 1'], there: [], doubted: false },
    { what: 'not when it only removes', later: ['DROP TABLE IF EXISTS t'], there: [], doubted: false },
    {
      what: 'not for what it makes and drops itself',
      later: ['CREATE TABLE t (x)', 'DROP TABLE t'],
      there: [],
      doubted: false,
    },
  ])('$what', async ({ later, there, doubted }) => {
    const second = migrationOf('0001', later);
    expect(await doubtedIn([users, second], [...sqlOf(users), ...there])).toEqual(doubted ? ['0001'] : []);
  });

  test('not when a later migration drops the table with everything on it', async () => {
    const age = migrationOf('0001', ['ALTER TABLE users ADD age', index]);
    const gone = migrationOf('0002', ['DROP TABLE users']);
    expect(await doubtedIn([users, age, gone], [])).toEqual([]);
  });

  test('not in any letter case', async () => {
    const shouting = migrationOf('0001', ['CREATE TABLE "Posts" (x)']);
    expect(await doubtedIn([users, shouting], [...sqlOf(users), 'CREATE TABLE POSTS (x)'])).toEqual([]);
  });
});

describe('a backup is from before', () => {
  test.each([
    { what: 'a rebuild of a table with its index', open: rebuild, past: [index], before: true },
    {
      what: 'the half of a rebuild',
      open: rebuild,
      past: ['CREATE TABLE __new_users (id, email)'],
      before: false,
    },
    {
      what: 'a table that is there',
      open: ['CREATE TABLE t (x)'],
      past: ['CREATE TABLE t (x)'],
      before: false,
    },
    {
      what: 'a table that is there and made only if needed',
      open: ['CREATE TABLE IF NOT EXISTS t (x)'],
      past: ['CREATE TABLE t (x)'],
      before: false,
    },
    { what: 'a drop of what is gone', open: ['DROP INDEX users_email'], past: [], before: false },
    { what: 'a drop of what is there', open: ['DROP INDEX users_email'], past: [index], before: true },
    {
      what: 'a drop, if it is there, of what is gone',
      open: ['DROP TABLE IF EXISTS t'],
      past: [],
      before: false,
    },
    { what: 'rows', open: ['UPDATE users SET email = 1'], past: [], before: true },
    {
      what: 'what is made and taken away again',
      open: ['CREATE TABLE t (x)', 'DROP TABLE t', 'CREATE TABLE u (x)'],
      past: [],
      before: true,
    },
  ])('$what: $before', async ({ open, past, before }) => {
    await using database = await openMemory([...sqlOf(users), ...past]);
    const names = liveNamesIn(partsOf(await readSchema(database.query)));
    expect(isFromBefore([migrationOf('0001', open)], names)).toBe(before);
  });
});

async function doubtedIn(all: readonly Migration[], there: readonly string[]): Promise<readonly string[]> {
  await using database = await openMemory(there);
  const items = all.map((migration): HistoryItem => ({
    kind: 'applied',
    migration,
    entry: { rowid: 1, hash: migration.hash, createdAt: 1 },
  }));
  return [...doubtedRecords({ items }, liveNamesIn(partsOf(await readSchema(database.query))))];
}

function sqlOf({ statements }: Migration): readonly string[] {
  return statements.map(({ sql }) => sql);
}

function migrationOf(tag: string, chunks: readonly string[]): Migration {
  const statements = chunks.map((sql) => ({ sql, line: 1 }));
  return { tag, hash: tag, when: Number(tag), file: `/${tag}.sql`, statements };
}
