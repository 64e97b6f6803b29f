import { describe, expect, test } from 'vitest';
import { followTables } from '../../../src/operations/evidence/lineage.ts';
import { rowExpectations } from '../../../src/operations/evidence/row-expectations.ts';

const measured = (table: string, ...columns: string[]) => ({
  table,
  rows: 3,
  columns: columns.map((column) => ({ column, nonNull: 3, checksum: 'x' })),
});

function follow(...sql: string[]) {
  const statements = sql.map((text, at) => ({ sql: text, line: at + 1 }));
  const tables = [measured('users', 'id', 'name'), measured('app.posts', 'id')];
  return followTables(tables, [{ tag: '0001', statements }]);
}

describe('a table of PostgreSQL is followed', () => {
  test.each([
    ['TRUNCATE users', 'delete'],
    ['TRUNCATE TABLE ONLY public.users, app.posts RESTART IDENTITY', 'delete'],
    ['WITH gone AS (DELETE FROM users RETURNING *) INSERT INTO archive SELECT * FROM gone', 'delete'],
    ['MERGE INTO users u USING x ON u.id = x.id WHEN MATCHED THEN DELETE', 'delete'],
    ['DROP TABLE app.posts, "users"', 'delete'],
    ['MERGE INTO users u USING x ON u.id = x.id WHEN MATCHED THEN UPDATE SET name = x.name', 'nothing'],
    ['DROP SCHEMA app CASCADE', 'nothing'],
    ['DO $$ BEGIN DELETE FROM users; END $$', 'nothing'],
  ])('%s: what is asked of its rows is %s', (sql, asked) => {
    expect(follow(sql)[0]?.asked).toBe(asked);
  });

  test('into another schema, and by each action of one ALTER TABLE', () => {
    const [users, posts] = follow(
      'ALTER TABLE users RENAME COLUMN name TO title, ALTER COLUMN id TYPE bigint',
      'ALTER TABLE app.posts RENAME TO articles',
      'ALTER TABLE app.articles SET SCHEMA public',
      'ALTER TABLE articles DROP COLUMN id',
    );
    expect([...(users?.columns ?? [])]).toEqual([
      ['id', 'id'],
      ['title', 'name'],
    ]);
    expect([...(users?.updated ?? [])]).toEqual(['id']);
    expect(posts?.current).toBe('articles');
    expect([...(posts?.columns ?? [])]).toEqual([]);
  });
});

test('what changes no row of PostgreSQL is no cause of a difference', () => {
  const [users] = follow(
    'ALTER TABLE users ENABLE ROW LEVEL SECURITY',
    'ALTER TABLE users DROP CONSTRAINT c, ALTER name SET NOT NULL',
    'ALTER TABLE users ADD COLUMN age int',
    'TRUNCATE users',
  );
  expect(users?.causes.map(({ verb, statement }) => [verb, statement])).toEqual([
    ['alter', 3],
    ['delete', 4],
  ]);
});

test('rows of PostgreSQL that a cascade reaches are counted, through a common table, too', () => {
  const foreignKeys = [
    { table: 'app.posts', columns: ['u'], parent: 'users', onDelete: 'CASCADE', onUpdate: 'NO ACTION' },
  ] as const;
  const expected = (sql: string) =>
    rowExpectations({
      migrations: [{ tag: '0001', statements: [{ sql, line: 1 }] }],
      foreignKeys,
      evidence: undefined,
      accepted: [],
    });
  expect(expected('WITH x AS (DELETE FROM users RETURNING *) SELECT * FROM x')).toEqual([
    { tag: '0001', tables: [{ table: 'app.posts', mayLose: 0 }] },
  ]);
  expect(expected('ALTER TABLE users ADD CONSTRAINT c CHECK (id > 0), ALTER id SET NOT NULL')).toEqual([]);
});
