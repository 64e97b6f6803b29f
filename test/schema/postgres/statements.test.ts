import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compareSchemas } from '../../../src/schema/compare.ts';
import { fingerprint } from '../../../src/schema/fingerprint.ts';
import { schemaStatements } from '../../../src/schema/postgres/statements.ts';
import { readSchema } from '../../../src/schema/read.ts';
import type { Schema } from '../../../src/schema/schema.ts';
import { nasty } from './nasty.ts';
import { openPostgres, type Opened } from './opened.ts';
import { randomSchema } from './random-schema.ts';

describe('a schema made again from its statements is the same', () => {
  let database: Opened;
  beforeAll(async () => {
    database = await openPostgres();
  });
  afterAll(async () => database[Symbol.asyncDispose]());

  const readAfter = async (statements: readonly string[]) =>
    database.within(statements, async () => readSchema(database.query));

  async function madeAgain(schema: Schema): Promise<Schema> {
    const { settings, beforeRows, afterRows } = schemaStatements(schema);
    return readAfter([...settings, ...beforeRows, ...afterRows]);
  }

  test.each(Object.entries(nasty))('with %s', async (_, sql) => {
    const schema = await readAfter([sql]);
    const again = await madeAgain(schema);
    expect(compareSchemas(schema, again)).toEqual([]);
    expect(fingerprint(again)).toBe(fingerprint(schema));
    expect(again.objects.length).toBeGreaterThan(0);
  });

  test('whatever is in it', async () => {
    await fc.assert(
      fc.asyncProperty(randomSchema, async (statements) => {
        const schema = await readAfter(statements);
        const again = await madeAgain(schema);
        expect(compareSchemas(schema, again)).toEqual([]);
        expect(fingerprint(again)).toBe(fingerprint(schema));
      }),
      { numRuns: 25 },
    );
  });
});
