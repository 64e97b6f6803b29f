import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { randomPair } from '../../schema/postgres/random-schema.ts';
import { draftsTried, Stopped } from './drafted.ts';

const tried = draftsTried();

/** A row or two in every table that takes one with its defaults. */
const rows = `DO $$ DECLARE t regclass; BEGIN
  FOR t IN SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname IN ('public', 's') LOOP
    BEGIN EXECUTE format('INSERT INTO %s DEFAULT VALUES', t); EXECUTE format('INSERT INTO %s DEFAULT VALUES', t);
    EXCEPTION WHEN OTHERS THEN NULL; END;
  END LOOP; END $$`;

test('where two PostgreSQL schemas have much in common, rows stay, or stop the draft', async () => {
  const seen = { kept: 0, stopped: 0 };
  await fc.assert(
    fc.asyncProperty(randomPair, async ([from, to]) => {
      const trial = { from: from.join(';'), to: to.join(';') };
      try {
        expect(await tried.between({ ...trial, rows })).toMatchObject({ left: [], lost: [] });
        seen.kept += 1;
      } catch (error) {
        if (!(error instanceof Stopped) || !error.isByRows) throw error;
        seen.stopped += 1;
        expect(await tried.between(trial)).toMatchObject({ left: [] });
      }
    }),
    { numRuns: 40 },
  );
  expect(seen.kept).toBeGreaterThan(seen.stopped);
});
