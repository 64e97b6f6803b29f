import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { randomReferences } from '../../support/random-references.ts';
import { databaseIds, startD1Engine, type D1Engine } from '../../support/d1-engine.ts';
import { runRewritten } from './support.ts';

const cases = Number(process.env['CASES'] ?? 30);
let d1: D1Engine;
beforeAll(async () => {
  d1 = await startD1Engine({ ids: databaseIds(cases) });
}, 30_000);
afterAll(async () => {
  await d1[Symbol.asyncDispose]();
});

test('rows and values of random schemas outlive the rebuild of a table that others refer to', async () => {
  let rewritten = 0;
  await fc.assert(
    fc.asyncProperty(randomReferences, async (random) => {
      const rewriting = await runRewritten(d1.next(), random);
      if (rewriting.kind === 'rewritten') rewritten += 1;
      else expect(rewriting.why).toMatch(/in a circle, and cannot be NULL|Nothing refers/);
    }),
    { numRuns: cases, endOnFailure: true },
  );
  expect(rewritten).toBeGreaterThan(cases / 3);
});
