import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { versionsAfter } from '../../src/runs/diagnosis/scratch-history.ts';
import { followSchema, type SchemaStep } from '../../src/schema/follow.ts';
import { partsOf } from '../../src/schema/parts.ts';
import { readSchema } from '../../src/schema/read.ts';
import { schemaAt, type SchemaVersion } from '../../src/schema/versions.ts';
import { randomHalfRun } from '../support/random-half-run.ts';
import { openMemory } from './open-memory.ts';

const bookkeeping = { bookkeeping: ['__drizzle_migrations'] };

test('a schema that is followed from statement to statement is the one that is read whole, whatever is run', async () => {
  await fc.assert(
    fc.asyncProperty(randomHalfRun, async ({ base, drift, first, recorded, second }) => {
      await follow([...base, ...drift, ...first.statements, ...recorded, ...second.statements]);
    }),
    { numRuns: 60 },
  );
});

test.each([
  {
    what: 'tables that a virtual table keeps its rows in',
    run: [
      'CREATE VIRTUAL TABLE texts USING fts5(body)',
      'CREATE TABLE other (x)',
      'DROP TABLE texts',
      'CREATE TABLE texts_data (x)',
    ],
  },
  {
    what: 'a vector index with its shadow',
    run: [
      'CREATE TABLE vectors (id integer PRIMARY KEY, v F32_BLOB(3))',
      'CREATE INDEX vectors_idx ON vectors (libsql_vector_idx(v))',
      'DROP INDEX vectors_idx',
    ],
  },
  {
    what: 'a table that takes its indexes and triggers along',
    run: [
      'CREATE TABLE "Mixed" (a, b)',
      'CREATE INDEX mixed_a ON MIXED (a)',
      'CREATE TRIGGER mixed_t AFTER INSERT ON mixed BEGIN SELECT 1; END',
      'CREATE VIEW mixed_view AS SELECT a FROM mixed',
      'CREATE TRIGGER view_t INSTEAD OF INSERT ON mixed_view BEGIN SELECT 1; END',
      'DROP TRIGGER MIXED_T',
      'DROP INDEX Mixed_A',
      'DROP VIEW mixed_view',
      'DROP TABLE mixed',
    ],
  },
  {
    what: 'what a rename changes elsewhere',
    run: [
      'CREATE TABLE parents (id integer PRIMARY KEY)',
      'CREATE TABLE children (id integer PRIMARY KEY, parent REFERENCES parents(id))',
      'CREATE INDEX children_parent ON children (parent)',
      'ALTER TABLE parents RENAME TO elders',
      'ALTER TABLE children RENAME COLUMN parent TO elder',
    ],
  },
  {
    what: 'our bookkeeping, which is no part of it',
    run: [
      'CREATE TABLE __drizzle_migrations (id)',
      'CREATE TABLE d1_migrations (id)',
      'DROP TABLE d1_migrations',
    ],
  },
  {
    what: 'SQLite keeping figures',
    run: ['CREATE TABLE a (id integer PRIMARY KEY AUTOINCREMENT)', 'CREATE INDEX a_id ON a (id)', 'ANALYZE'],
  },
])('follows $what', async ({ run }) => {
  await follow(run);
});

test('what was rolled back is forgotten, and what was run unseen is found', async () => {
  await using database = await openMemory(['CREATE TABLE a (x)']);
  const follower = followSchema(bookkeeping);
  await follower.sync(database.query);
  await database.run('CREATE INDEX a_x ON a (x)');
  const step = await follower.look(database.query, 'CREATE INDEX a_x ON a (x)');
  expect(follower.part('index a_x')).toBeDefined();
  await database.run('DROP INDEX a_x');
  follower.revert(step);
  await follower.sync(database.query);
  expect(follower.part('index a_x')).toBeUndefined();
  expect(follower.part('column a.x')).toBeDefined();
  await database.run('CREATE TABLE b (y)');
  follower.lose();
  expect([...(await follower.sync(database.query)).parts.keys()]).toEqual(['table b', 'column b.y']);
});

async function follow(statements: readonly string[]): Promise<void> {
  await using database = await openMemory();
  const follower = followSchema(bookkeeping);
  const steps: SchemaStep[] = [await follower.sync(database.query)];
  for (const sql of statements) {
    // A random one may fail: then it changes nothing.
    await database.run(sql).catch(() => undefined);
    steps.push(await follower.look(database.query, sql));
    const read = await readSchema(database.query, bookkeeping);
    const start: SchemaVersion = { objects: new Map() };
    expect(schemaAt(versionsAfter(start, steps).at(-1) ?? start), sql).toEqual(read);
    for (const [key, part] of partsOf(read)) expect(follower.part(key)?.value, sql).toBe(part.value);
    for (const step of steps)
      for (const key of step.parts.keys())
        expect(follower.part(key)?.value).toBe(partsOf(read).get(key)?.value);
  }
}
