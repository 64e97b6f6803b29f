// The crash matrix: prints what was tried and what came of it, and ends with 1 when anything was told wrongly or a way
// out led nowhere good.
import { parseArgs } from 'node:util';
import { runMatrix } from './matrix.ts';
import { printed, wrongIn } from './tally.ts';

const { values } = parseArgs({
  options: { engine: { type: 'string' }, kind: { type: 'string' }, every: { type: 'string', default: '1' } },
});
const begun = Date.now();
const tally = await runMatrix({
  engines: ({ engine }) => values.engine === undefined || engine === values.engine,
  kinds: ({ name }) => values.kind === undefined || name === values.kind,
  every: Number(values.every),
});
const wrong = wrongIn(tally);
process.stdout.write(`${printed(tally)}, ${Math.round((Date.now() - begun) / 1000)} s\n`);
for (const each of wrong) process.stdout.write(`WRONG ${each}\n`);
process.exitCode = wrong.length === 0 ? 0 : 1;
