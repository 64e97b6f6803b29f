import { expect, test } from 'vitest';
import { checkForeignKeys } from '../../src/runs/checks.ts';
import { openMemory } from '../schema/open-memory.ts';

test('many old violations of a foreign key are counted as people read figures', async () => {
  await using database = await openMemory([
    'PRAGMA foreign_keys = OFF',
    'CREATE TABLE teams (id INTEGER PRIMARY KEY)',
    'CREATE TABLE members (team INTEGER REFERENCES teams (id))',
    'INSERT INTO members WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2327) SELECT i FROM n',
  ]);
  const before = [{ table: 'members', parent: 'teams', count: 2327 }];
  expect(await checkForeignKeys(database.query, before)).toMatchObject({
    state: 'proven',
    says: '0 new, 2,327 from before',
  });
});
