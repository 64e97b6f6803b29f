import { expect, test } from 'vitest';
import { answerTo, countAnswers } from '../../src/runs/own-queries.ts';
import { openMemory } from '../schema/open-memory.ts';

const teams = [
  'CREATE TABLE teams (id INTEGER PRIMARY KEY, name)',
  "INSERT INTO teams VALUES (1, 'Zürich'), (2, CAST(x'5afc' AS TEXT)), (3, NULL), (4, 1.5), (5, x'5afc')",
];

test('a query of the project is answered where a text is no UTF-8', async () => {
  await using database = await openMemory(teams);
  expect(await answerTo(database.query, 'SELECT id, name FROM teams ORDER BY id; -- all')).toEqual([
    ['1', 'Zürich'],
    ['2', 'Zü'],
    ['3', 'null'],
    ['4', '1.5'],
    ['5', '90,252'],
  ]);
  expect(await countAnswers(database.query, 'SELECT name FROM teams WHERE id < 3;')).toBe(2);
});

test.each([
  ['without a row', 'SELECT id, name FROM teams WHERE id > 9', []],
  ['of columns with one name', 'SELECT count(*), count(*), 1 FROM teams', [['5', '5', '1']]],
  ['of VALUES', "VALUES (1, 'a'), (2, 'b')", [['1', 'a'], ['2', 'b']]], // prettier-ignore
  ['of a name for a query', 'WITH n AS (SELECT 7 AS a) SELECT a AS "x y" FROM n', [['7']]],
  ['that begins with a comment', '-- why\nSELECT 1', [['1']]],
])('an answer %s is what the query says', async (_what, sql, answer) => {
  await using database = await openMemory(teams);
  expect(await answerTo(database.query, sql)).toEqual(answer);
  expect(await countAnswers(database.query, sql)).toBe(answer.length);
});

test('texts of a database in UTF-16 are answered as they are', async () => {
  await using database = await openMemory(["PRAGMA encoding = 'UTF-16'", ...teams]);
  expect(await answerTo(database.query, 'SELECT name FROM teams WHERE id = 1')).toEqual([['Zürich']]);
});
