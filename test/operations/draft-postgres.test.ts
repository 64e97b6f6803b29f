import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { draftPostgres } from '../../src/operations/draft-postgres/draft.ts';
import { compareSchemas } from '../../src/schema/compare.ts';
import { readSchema } from '../../src/schema/read.ts';
import type { Schema } from '../../src/schema/schema.ts';
import { nasty } from '../schema/postgres/nasty.ts';
import { openPostgres, type Opened } from '../schema/postgres/opened.ts';
import { randomSchema } from '../schema/postgres/random-schema.ts';
import { pairs } from './postgres-pairs.ts';

let database: Opened;
beforeAll(async () => {
  database = await openPostgres();
});
afterAll(async () => database[Symbol.asyncDispose]());

const schemaOf = async (statements: readonly string[]): Promise<Schema> =>
  database.within(statements, async () => readSchema(database.query));

/** What still differs once the draft between two schemas ran. */
async function leftOver(from: readonly string[], to: readonly string[]) {
  const wanted = await schemaOf(to);
  return database.within(from, async () => {
    const draft = draftPostgres(await readSchema(database.query), wanted);
    for (const sql of draft) await ran(sql, draft);
    return compareSchemas(wanted, await readSchema(database.query));
  });
}

async function ran(sql: string, draft: readonly string[]): Promise<void> {
  try {
    await database.run(sql);
  } catch (error) {
    throw new Error(`${String(error)} of:\n${sql}\n\nin:\n${draft.join('\n')}`, { cause: error });
  }
}

describe('a drafted migration, applied, makes the drift empty', () => {
  test.each(Object.entries(nasty))('with %s, from nothing and back', async (_, sql) => {
    expect(await leftOver([], [sql])).toEqual([]);
    // Casts are not told, and stay.
    const told = [sql.replace(/; CREATE CAST[^;]*$/, '')];
    expect(await leftOver(told, [])).toEqual([]);
  });

  test.each(Object.entries(pairs))('over %s', async (_, { one, other, rows = '' }) => {
    expect(await leftOver([one, rows], [other])).toEqual([]);
    expect(await leftOver([other], [one])).toEqual([]);
  });

  test('between any two schemas', async () => {
    await fc.assert(
      fc.asyncProperty(randomSchema, randomSchema, async (from, to) => {
        expect(await leftOver(from, to)).toEqual([]);
      }),
      { numRuns: 100 },
    );
  }, 60_000);
});
