import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { randomSchema } from '../schema/postgres/random-schema.ts';
import { draftsTried } from './drafted.ts';

const tried = draftsTried();

test('a draft between any two PostgreSQL schemas, applied, makes the drift empty', async () => {
  await fc.assert(
    fc.asyncProperty(randomSchema, randomSchema, async (from, to) => {
      const { left } = await tried.between({ from: from.join(';'), to: to.join(';') });
      expect(left).toEqual([]);
    }),
    { numRuns: 60 },
  );
});
