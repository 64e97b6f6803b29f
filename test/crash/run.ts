// The crash matrix: prints what was tried and what came of it, and ends with 1 when anything was told wrongly or a way
// out led nowhere good.
import { parseArgs } from 'node:util';
import { runMatrix } from './matrix.ts';
import { printed, wrongIn } from './tally.ts';

const { values } = parseArgs({
  options: {
    engine: { type: 'string' },
    kind: { type: 'string' },
    part: { type: 'string' },
    every: { type: 'string', default: '1' },
  },
});
const begun = Date.now();
const seconds = () => Math.round((Date.now() - begun) / 1000);
let shown = 0;
const tally = await runMatrix({
  engines: ({ engine }) => values.engine === undefined || engine === values.engine,
  kinds: ({ name }) => values.kind === undefined || name === values.kind,
  parts: ({ name }) => values.part === undefined || name === values.part,
  every: Number(values.every),
  progress: (what, sofar) => {
    process.stderr.write(`${seconds()} s: ${what}\n`);
    for (const each of wrongIn(sofar).slice(shown)) process.stderr.write(`WRONG ${each}\n`);
    shown = wrongIn(sofar).length;
  },
});
const wrong = wrongIn(tally);
process.stdout.write(`${printed(tally)}, ${seconds()} s\n`);
process.exitCode = wrong.length === 0 ? 0 : 1;
