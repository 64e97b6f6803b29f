import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { draftMigration } from '../../../src/operations/drift/draft.ts';
import { schemaText } from '../../../src/operations/drift/schema-text.ts';
import { compareSchemas } from '../../../src/schema/compare.ts';
import { readSchema } from '../../../src/schema/read.ts';
import { splitMigration } from '../../../src/sql/split.ts';
import { openMemory } from '../../schema/open-memory.ts';
import { randomFolder } from '../../support/random-folder.ts';

test('a draft says of a column that needs a value on one line, whatever its name holds', async () => {
  await using one = await openMemory(['CREATE TABLE t (a int)']);
  await using other = await openMemory([
    'CREATE TABLE t (a int, "b\nDELETE FROM t; --> statement-breakpoint" text NOT NULL)',
  ]);
  const draft = draftMigration(await readSchema(one.query), await readSchema(other.query));
  const insert = draft.find((sql) => sql.includes('INSERT INTO')) ?? '';
  const [note = '', next = ''] = insert.split('\n');
  expect(note).toMatch(/^-- .*delete from t; a breakpoint.* may not be NULL/i);
  expect(next).toMatch(/^INSERT INTO/);
});

test('a draft makes what is missing in the order in which the text of a schema has it', async () => {
  const schema = await schemaOf([
    'CREATE TABLE a (id integer PRIMARY KEY)',
    'CREATE INDEX i ON a (id)',
    'CREATE VIEW v AS SELECT id FROM a',
    'CREATE TRIGGER t INSTEAD OF INSERT ON v BEGIN SELECT 1; END',
  ]);
  const [came, text] = [draftMigration({ objects: [] }, schema), schemaText(schema)];
  expect(came.toSorted((a, b) => text.indexOf(a) - text.indexOf(b))).toEqual(came);
  const kinds = draftMigration(schema, { objects: [] }).map((sql) => sql.split(' ')[1]);
  expect(kinds).toEqual(['TRIGGER', 'INDEX', 'VIEW', 'TABLE']);
});

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
    [
      'a default with a comma at the end of its line, beside a new column',
      "CREATE TABLE a (id integer, b text DEFAULT 'x,\n  y')",
      "CREATE TABLE a (id integer, b text DEFAULT 'x,\n  y', c text)",
    ],
    [
      'another default with a comma at the end of its line',
      "CREATE TABLE a (id integer, b text DEFAULT 'x,\n  y')",
      "CREATE TABLE a (id integer, b text DEFAULT 'x,\nCHECK (y)\n) z')",
    ],
    [
      'a new column whose default has commas, quotes and brackets',
      'CREATE TABLE a (id integer)',
      "CREATE TABLE a (id integer, b text DEFAULT 'it''s, (a) \"b\",\n''c'', UNIQUE' NOT NULL, c text DEFAULT '')",
    ],
    [
      'a computed default',
      'CREATE TABLE a (id integer)',
      "CREATE TABLE a (id integer, b text DEFAULT (printf('%s,\n%s', 'x', 'y')), c blob DEFAULT x'2c0a')",
    ],
    [
      'checks with commas',
      "CREATE TABLE a (id integer, b text CHECK (b IN ('x', 'y,\n')))",
      "CREATE TABLE a (id integer, b text CHECK (b IN ('x', 'y,\n', 'z')), CHECK (coalesce(b, ',\n') <> 'q,'), CONSTRAINT \"c,\n d\" CHECK (id > 0))",
    ],
    [
      'names that hold commas and line ends',
      'CREATE TABLE "a,\n b" ("c,\n d" integer, e text)',
      'CREATE TABLE "a,\n b" ("c,\n d" integer NOT NULL, e text, "f,\n (" text)',
    ],
    [
      'columns named like words of SQL',
      'CREATE TABLE a (id integer)',
      'CREATE TABLE a (id integer, "DEFAULT" text NOT NULL, "UNIQUE" text, "CHECK (" text)',
    ],
    [
      'a new column that may not be NULL and has NULL as its default',
      'CREATE TABLE a (id integer)',
      'CREATE TABLE a (id integer, b text NOT NULL DEFAULT NULL)',
    ],
    [
      'a rebuilt table with generated columns',
      "CREATE TABLE a (id integer, b text AS (id || ',') STORED, c integer)",
      "CREATE TABLE a (id integer NOT NULL, b text AS (id || ',') STORED, c integer AS (id + 1))",
    ],
    [
      'a rebuilt table that a trigger on another one names',
      'CREATE TABLE a (id integer); CREATE TABLE b (id integer); CREATE TRIGGER t AFTER INSERT ON b BEGIN INSERT INTO a VALUES (new.id); END',
      'CREATE TABLE a (id integer NOT NULL); CREATE TABLE b (id integer); CREATE TRIGGER t AFTER INSERT ON b BEGIN INSERT INTO a VALUES (new.id); END',
    ],
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

test('rows stay where names and defaults hold commas, line ends and words of SQL', async () => {
  const setUp = [
    `CREATE TABLE "a,\n b" ("c,\n d" integer, e text DEFAULT 'x,\n  y', "GENERATED" text)`,
    `INSERT INTO "a,\n b" VALUES (1, 'x', 'z')`,
  ];
  const draft = await draftBetween(setUp, [
    `CREATE TABLE "a,\n b" ("c,\n d" integer NOT NULL, e text DEFAULT 'x,\n  y', "GENERATED" text, f text DEFAULT 'NOT NULL' NOT NULL)`,
  ]);
  await using memory = await openMemory([...setUp, ...draft]);
  expect(await memory.query({ sql: 'SELECT * FROM "a,\n b"' })).toEqual([
    { 'c,\n d': 1, e: 'x', GENERATED: 'z', f: 'NOT NULL' },
  ]);
});

test('where a new column needs a value that nobody gave, the draft says so instead of making one up', async () => {
  const draft = await draftBetween(
    ['CREATE TABLE a (id integer)'],
    ['CREATE TABLE a (id integer, b text NOT NULL)'],
  );
  expect(draft.join('\n')).toContain('-- b may not be NULL and has no default');
  const named = await draftBetween(
    ['CREATE TABLE a (id integer)'],
    ['CREATE TABLE a (id integer, "DEFAULT" text NOT NULL)'],
  );
  expect(named.join('\n')).toContain('-- default may not be NULL and has no default');
});

async function leftOver(from: readonly string[], to: readonly string[]) {
  const draft = await draftBetween(from, to);
  // With what the draft copies: an INSERT that names no column of the table fails without rows as well.
  await using memory = await openMemory([...withoutRows(from), ...draft]);
  return compareSchemas(await schemaOf(to), await readSchema(memory.query));
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
