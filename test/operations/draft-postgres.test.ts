import { describe, expect, test } from 'vitest';
import { nasty } from '../schema/postgres/nasty.ts';
import { draftsTried } from './drafted.ts';
import { pairs } from './postgres-pairs.ts';

const tried = draftsTried();

describe('a drafted migration, applied, makes the drift empty and keeps the rows', () => {
  test.each(Object.entries(nasty))('with %s, from nothing and back', async (_, sql) => {
    expect(await tried.between({ from: '', to: sql })).toMatchObject({ left: [] });
    // Casts are not told, and stay.
    const from = sql.replace(/; CREATE CAST[^;]*$/, '');
    expect(await tried.between({ from, to: '' })).toMatchObject({ left: [] });
  });

  test.each(Object.entries(pairs))('over %s', async (_, { one, other, rows = '' }) => {
    const there = await tried.between({ from: one, rows, to: other });
    expect(there).toMatchObject({ left: [], lost: [] });
    expect(await tried.between({ from: other, to: one })).toMatchObject({ left: [] });
  });
});

test('a draft between two that mean the same is empty', async () => {
  const { one } = pairs['constraints that come, go, are others and have other names'] ?? { one: '' };
  const other = one.replace('CONSTRAINT ub UNIQUE', 'CONSTRAINT ub UNIQUE');
  expect(await tried.between({ from: one, to: other })).toMatchObject({ draft: [] });
});
