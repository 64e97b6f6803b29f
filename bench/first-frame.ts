import { join } from 'node:path';
import { inTurns, type Comparison } from './measure.ts';
import { ours, root } from './projects.ts';
import type { BenchOptions } from './run.ts';
import { openScreen } from './terminal.ts';

/** From the start of the process to characters on a terminal. */
export async function firstFrame({ demo, times }: BenchOptions): Promise<readonly Comparison[]> {
  const hello = [process.execPath, join(root, 'bench/peers/hello.js')];
  const medians = await inTurns(
    [
      { name: 'hello', run: () => shown(hello, root, (text) => text.includes('hello, world')) },
      { name: 'first', run: () => shown(ours, demo, (text) => text.includes('migrate-tui')) },
      { name: 'filled', run: () => shown(ours, demo, isFilled) },
    ],
    times,
  );
  const first = medians.get('first') ?? Number.NaN;
  return [
    { what: 'first frame', ours: first, unit: 'ms', target: { limit: 200 } },
    {
      what: 'first frame',
      ours: first,
      peer: { name: 'Ink hello-world, unbundled', median: medians.get('hello') ?? Number.NaN },
      unit: 'ms',
      target: { ratio: 0.6 },
    },
    {
      what: 'matrix of four environments filled',
      ours: medians.get('filled') ?? Number.NaN,
      unit: 'ms',
      target: { limit: 600 },
    },
  ];
}

async function shown(
  command: readonly string[],
  cwd: string,
  condition: (text: string) => boolean,
): Promise<number> {
  using screen = openScreen(command, { cwd, env: { NODE_ENV: 'production' } });
  return await screen.until(condition, 'the first frame');
}

/** Every environment of the demo has answered: each shows the cell that only it has. */
function isFilled(text: string): boolean {
  return (
    ['drifted', 'skipped', 'PROTECTED', '✓ applied'].every((word) => text.includes(word)) &&
    !text.includes('asking')
  );
}
