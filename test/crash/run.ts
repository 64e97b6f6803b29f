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
const tally = await runMatrix({
  engines: ({ engine }) => values.engine === undefined || engine === values.engine,
  kinds: ({ name }) => values.kind === undefined || name === values.kind,
  parts: ({ name }) => values.part === undefined || name === values.part,
  every: Number(values.every),
  progress: (what, sofar) => {
    const wrong = wrongIn(sofar).length;
    process.stderr.write(`${seconds()} s: ${what}${wrong === 0 ? '' : `, ${wrong} wrong`}\n`);
  },
});
const wrong = wrongIn(tally);
process.stdout.write(`${printed(tally)}, ${seconds()} s\n`);
for (const each of wrong) process.stdout.write(`WRONG ${each}\n`);
process.exitCode = wrong.length === 0 ? 0 : 1;
