import { expect, test } from 'vitest';
import { mergeSnapshots } from '../../src/migrations/merge-snapshots.ts';

const base = snapshot('base', 'none', { posts: { columns: { id: 'integer', title: 'text' } } });

test('what a branch added and took away is done to the snapshot of the other', () => {
  const own = snapshot('own', 'base', { posts: { columns: { id: 'integer', body: 'text' } } });
  const onto = snapshot('theirs', 'base', {
    posts: { columns: { id: 'integer', title: 'text', author: 'text' } },
    tags: { columns: { id: 'integer' } },
  });
  expect(mergeSnapshots({ base, own, onto }, 'new')).toEqual({
    kind: 'merged',
    snapshot: snapshot('new', 'theirs', {
      posts: { columns: { id: 'integer', author: 'text', body: 'text' } },
      tags: { columns: { id: 'integer' } },
    }),
  });
});

test('the same change on both sides is one change', () => {
  const own = snapshot('own', 'base', { posts: { columns: { id: 'integer', title: 'blob' } } });
  const onto = snapshot('theirs', 'base', { posts: { columns: { id: 'integer', title: 'blob' } } });
  expect(mergeSnapshots({ base, own, onto }, 'new')).toMatchObject({
    kind: 'merged',
    snapshot: { tables: { posts: { columns: { title: 'blob' } } } },
  });
});

test.each([
  ['changed by both', { columns: { id: 'integer', title: 'blob' } }],
  ['taken away by the other', { columns: { id: 'integer' } }],
])('a column that is %s is named', (_how, posts) => {
  const own = snapshot('own', 'base', { posts: { columns: { id: 'integer', title: 'real' } } });
  expect(mergeSnapshots({ base, own, onto: snapshot('theirs', 'base', { posts }) }, 'new')).toEqual({
    kind: 'both-changed',
    what: 'tables.posts.columns.title',
  });
});

test('what was renamed in its own step stays its own', () => {
  const own = { ...snapshot('own', 'base', base.tables), _meta: { columns: { a: 'b' } } };
  const onto = { ...snapshot('theirs', 'base', base.tables), _meta: { columns: { c: 'd' } } };
  expect(mergeSnapshots({ base, own, onto }, 'new')).toMatchObject({
    snapshot: { _meta: { columns: { a: 'b' } } },
  });
});

function snapshot<T extends object>(id: string, prevId: string, tables: T) {
  return { id, prevId, version: '6', tables, _meta: { columns: {} } };
}
