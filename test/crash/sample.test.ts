import { expect, test } from 'vitest';
import { runMatrix } from './matrix.ts';
import { printed, wrongIn } from './tally.ts';

const engines = ['libSQL file', 'D1 local', 'libSQL file, numbered'];
const kinds = ['rebuild', 'mixed'];

test(
  'a sample of `npm run test:crash`: what the dead left is told rightly or not at all, and each way out ends well',
  { timeout: 600_000 },
  async () => {
    const tally = await runMatrix({
      engines: ({ engine }) => engines.includes(engine),
      kinds: ({ name }) => kinds.includes(name),
      parts: () => true,
      every: 11,
      progress: () => undefined,
    });
    process.stdout.write(`${printed(tally).split('\n').at(-1)}\n`);
    expect(wrongIn(tally)).toEqual([]);
    expect(tally.cells.length).toBeGreaterThan(20);
    expect(tally.ways.length).toBeGreaterThan(5);
  },
);
