import { expect, test } from 'vitest';
import type { RunEvent } from '../../../src/operations/events.ts';
import { foldTables, tablesToCopy } from '../../../src/tui/present/run-tables.ts';

const at = { schemaVersion: 1, run: 7, at: '2026-11-20T14:02:00.000Z' } as const;

function copying(name: string, done: number, total: number): RunEvent {
  const progress = { kind: 'progress', step: 'copy', database: 'app', unit: 'rows', done, what: '' } as const;
  return { ...at, ...progress, table: { name, done, total } };
}

const planned = tablesToCopy([
  { database: 'app', table: 'teams', rows: 4, how: 'kept', columns: [] },
  { database: 'app', table: 'users', rows: 9, how: 'masked', columns: [] },
]);

test('a table that is followed by another one is whole', () => {
  const tables = [copying('teams', 2, 4), copying('users', 3, 9)].reduce(foldTables, planned);
  expect(tables).toMatchObject([
    { table: 'teams', here: 4, state: 'done', how: 'kept' },
    { table: 'users', here: 3, state: 'running', how: 'masked' },
  ]);
});

test('the table of the records is no table of the person, wherever in the copy it comes', () => {
  const events = [
    copying('records', 1, 1),
    copying('teams', 4, 4),
    copying('users', 9, 9),
    copying('records', 1, 1),
  ];
  expect(events.reduce(foldTables, planned).map(({ table }) => table)).toEqual(['teams', 'users']);
});

test('of a run that somebody else began the tables are learned as they come, and how they came at the end', () => {
  const first = [copying('teams', 4, 4), copying('users', 3, 9)].reduce(foldTables, []);
  expect(first).toMatchObject([
    { table: 'teams', how: 'not-known' },
    { table: 'users', how: 'not-known', state: 'running' },
  ]);
  const done: RunEvent = {
    ...at,
    kind: 'step-finished',
    step: 'copy',
    database: 'app',
    took: 1,
    says: 'production is here',
    tables: [{ table: 'users', how: 'masked', columns: [], rows: 9, here: 9 }],
  };
  expect(foldTables(first, done)).toEqual([
    { database: 'app', table: 'users', how: 'masked', columns: [], rows: 9, here: 9, state: 'done' },
  ]);
});
