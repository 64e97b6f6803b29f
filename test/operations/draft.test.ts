import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { draftMigration } from '../../src/operations/draft.ts';
import { compareSchemas } from '../../src/schema/compare.ts';
import { readSchema } from '../../src/schema/read.ts';
import { splitMigration } from '../../src/sql/split.ts';
import { openMemory } from '../schema/open-memory.ts';
import { randomFolder } from '../support/random-folder.ts';

describe('a drafted migration, applied, makes the drift empty', () => {
  test.each([
    ['a table that is missing', '', 'CREATE TABLE a (id integer PRIMARY KEY)'],
    [
      'a table too many, with what stands on it',
      'CREATE TABLE a (id integer); CREATE INDEX i ON a (id); CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END',
      '',
    ],
    [
      'a column that can be added in place',
      'CREATE TABLE a (id integer)',
      "CREATE TABLE a (id integer, b text NOT NULL DEFAULT 'x')",
    ],
    [
      'a column that only a rebuild can add',
      'CREATE TABLE a (id integer)',
      'CREATE TABLE a (id integer, b text UNIQUE)',
    ],
    [
      'a column too many, in an index',
      'CREATE TABLE a (id integer, b text); CREATE INDEX i ON a (b)',
      'CREATE TABLE a (id integer)',
    ],
    [
      'another default',
      "CREATE TABLE a (id integer, b text DEFAULT 'x')",
      "CREATE TABLE a (id integer, b text DEFAULT 'y')",
    ],
    [
      'another order inside a composite key',
      'CREATE TABLE a (b integer, c integer, PRIMARY KEY (b, c))',
      'CREATE TABLE a (b integer, c integer, PRIMARY KEY (c, b))',
    ],
    [
      'a lost trigger on a table that is rebuilt',
      'CREATE TABLE a (id integer)',
      'CREATE TABLE a (id integer NOT NULL); CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END',
    ],
    [
      'a view over a table that is rebuilt',
      'CREATE TABLE a (id integer); CREATE VIEW v AS SELECT id FROM a',
      'CREATE TABLE a (id integer NOT NULL); CREATE VIEW v AS SELECT id FROM a',
    ],
    [
      'another view',
      'CREATE TABLE a (id integer, b text); CREATE VIEW v AS SELECT id FROM a',
      'CREATE TABLE a (id integer, b text); CREATE VIEW v AS SELECT id, b FROM a',
    ],
    [
      'a foreign key',
      'CREATE TABLE a (id integer PRIMARY KEY); CREATE TABLE b (a integer)',
      'CREATE TABLE a (id integer PRIMARY KEY); CREATE TABLE b (a integer REFERENCES a (id) ON DELETE CASCADE)',
    ],
    [
      'names that need quotes',
      'CREATE TABLE "a ""b" ("c d" integer)',
      'CREATE TABLE "a ""b" ("c d" integer NOT NULL, "e f" text)',
    ],
    [
      'a full-text table',
      'CREATE TABLE a (id integer)',
      'CREATE TABLE a (id integer); CREATE VIRTUAL TABLE f USING fts5(body)',
    ],
    ['a strict table', 'CREATE TABLE a (id integer)', 'CREATE TABLE a (id integer) STRICT'],
  ])('%s', async (_what, from, to) => {
    expect(await leftOver(statementsOf(from), statementsOf(to))).toEqual([]);
  });

  test('between any two places of any history', async () => {
    await fc.assert(
      fc.asyncProperty(randomFolder, fc.nat(25), async ({ migrations }, cut) => {
        const all = migrations.map(({ chunks }) => chunks.flatMap((chunk) => statementsOf(chunk)));
        const part = all.slice(0, cut % (all.length + 1)).flat();
        expect(await leftOver(part, all.flat())).toEqual([]);
        expect(await leftOver(all.flat(), part)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

test('rows stay in a table that a draft rebuilds', async () => {
  const setUp = ['CREATE TABLE a (id integer, b text)', "INSERT INTO a VALUES (1, 'x'), (2, NULL)"];
  const draft = await draftBetween(setUp, ['CREATE TABLE a (id integer NOT NULL, b text)']);
  await using memory = await openMemory([...setUp, ...draft]);
  expect(await memory.query({ sql: 'SELECT id, b FROM a ORDER BY id' })).toEqual([
    { id: 1, b: 'x' },
    { id: 2, b: null },
  ]);
});

test('where a new column needs a value that nobody gave, the draft says so instead of making one up', async () => {
  const draft = await draftBetween(
    ['CREATE TABLE a (id integer)'],
    ['CREATE TABLE a (id integer, b text NOT NULL)'],
  );
  expect(draft.join('\n')).toContain('-- b may not be NULL and has no default');
});

async function leftOver(from: readonly string[], to: readonly string[]) {
  const draft = await draftBetween(from, to);
  return compareSchemas(await schemaOf(to), await schemaOf([...withoutRows(from), ...draft]));
}

async function draftBetween(from: readonly string[], to: readonly string[]): Promise<readonly string[]> {
  return draftMigration(await schemaOf(from), await schemaOf(to));
}

/** What is compared is the schema: a draft cannot know values for rows. */
function withoutRows(statements: readonly string[]): readonly string[] {
  return statements.filter((sql) => !/^\s*(?:INSERT|UPDATE|DELETE|REPLACE)\b/i.test(sql));
}

async function schemaOf(statements: readonly string[]) {
  await using memory = await openMemory(withoutRows(statements));
  return await readSchema(memory.query);
}

function statementsOf(sql: string): readonly string[] {
  return splitMigration(sql).map((statement) => statement.sql);
}
