import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { randomReferences } from '../support/random-references.ts';
import { startD1 } from '../support/real-d1.ts';
import { runRewritten } from './keep-children-support.ts';

const cases = Number(process.env['CASES'] ?? 30);
let d1: Awaited<ReturnType<typeof startD1>>;
beforeAll(async () => {
  d1 = await startD1({ databases: cases });
}, 30_000);
afterAll(async () => {
  await d1[Symbol.asyncDispose]();
});

test('rows and values of random schemas outlive the rebuild of a table that others refer to', async () => {
  let rewritten = 0;
  await fc.assert(
    fc.asyncProperty(randomReferences, async (random) => {
      const rewriting = await runRewritten(await d1.next(), random);
      if (rewriting.kind === 'rewritten') rewritten += 1;
      else expect(rewriting.why).toMatch(/in a circle, and cannot be NULL|Nothing refers/);
    }),
    { numRuns: cases, endOnFailure: true },
  );
  expect(rewritten).toBeGreaterThan(cases / 3);
});
