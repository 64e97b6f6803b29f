import { afterAll, beforeAll, expect, test } from 'vitest';
import { estimatedRows } from '../../../src/runs/measure/estimated-rows.ts';
import { openPostgres, type Opened } from '../../schema/postgres/opened.ts';

let server: Opened;
beforeAll(async () => {
  server = await openPostgres();
}, 30_000);
afterAll(() => server[Symbol.asyncDispose]());

test('how many rows a table has is about right, analysed or not, and 0 only for an empty one', async () => {
  const given = [
    'CREATE TABLE "Users" (id int, name text)',
    'INSERT INTO "Users" SELECT i, repeat(\'x\', 60) FROM generate_series(1, 20000) AS i',
    'ANALYZE "Users"',
    'INSERT INTO "Users" SELECT * FROM "Users"',
    'CREATE SCHEMA app',
    'CREATE TABLE app.fresh (a text)',
    "INSERT INTO app.fresh SELECT repeat('x', 60) FROM generate_series(1, 1000)",
    'CREATE TABLE nothing (a int)',
    'CREATE TABLE parts (a int) PARTITION BY LIST (a)',
    'CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1)',
    'CREATE TABLE parts_2 PARTITION OF parts FOR VALUES IN (2)',
    'INSERT INTO parts SELECT 1 + i % 2 FROM generate_series(1, 5000) AS i',
    'ANALYZE parts_1',
    'ANALYZE parts_2',
    'CREATE TABLE empty_parts (a int) PARTITION BY LIST (a)',
  ];
  const names = ['users', 'app.fresh', 'Nothing', 'parts', 'empty_parts', 'gone'];
  const rows = await server.within(given, () => estimatedRows(server.query, names));
  expect([...rows.keys()].toSorted()).toEqual(['app.fresh', 'empty_parts', 'nothing', 'parts', 'users']);
  expect(rows.get('nothing')).toBe(0);
  expect(rows.get('empty_parts')).toBe(0);
  expect(rows.get('parts')).toBe(5000);
  expect(rows.get('users')).toBeGreaterThan(35_000);
  expect(rows.get('users')).toBeLessThan(45_000);
  expect(rows.get('app.fresh')).toBeGreaterThan(500);
  expect(rows.get('app.fresh')).toBeLessThan(2000);
});

test('nothing is asked where no table is named', async () => {
  expect(await estimatedRows(server.query, [])).toEqual(new Map());
});
