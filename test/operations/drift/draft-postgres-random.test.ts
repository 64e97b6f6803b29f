import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { nasty } from '../../schema/postgres/nasty.ts';
import { randomSchema } from '../../schema/postgres/random-schema.ts';
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

test.each(Object.entries(nasty))(
  'a draft leads from nothing to a database with %s, and back',
  async (_, sql) => {
    expect(await tried.between({ from: '', to: sql })).toMatchObject({ left: [] });
    // Casts are not told, and stay.
    const from = sql.replace(/; CREATE CAST[^;]*$/, '');
    expect(await tried.between({ from, to: '' })).toMatchObject({ left: [] });
  },
);
