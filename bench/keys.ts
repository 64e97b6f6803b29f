import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { percentile, run, type Comparison } from './measure.ts';
import { makeProject, ours } from './projects.ts';
import type { BenchOptions } from './run.ts';
import { openScreen, type Screen } from './terminal.ts';

const migrations = 2000;
const environments = Array.from({ length: 8 }, (_, number) => `env${number + 1}`);

/** From a key to the next frame, on a matrix that no window holds. */
export async function keys({ scratch }: BenchOptions): Promise<readonly Comparison[]> {
  const directory = join(scratch, 'keys');
  await makeProject({ directory, migrations, environments });
  await run([...ours, 'status', '--json'], { cwd: directory });
  using screen = openScreen(ours, { cwd: directory, columns: 160, rows: 50 });
  await screen.until((text) => text.includes('pending') && !text.includes('asking'), 'the matrix');
  await screen.quiet(300);
  const walk = walker(screen);
  const single = await pressed(100, () => walk(1), { rest: () => screen.quiet(60) });
  await pressed(45, () => walk(20), { rest: () => Promise.resolve() });
  const early = await memoryOf(screen);
  const held = await pressed(200, () => walk(1), { rest: () => setTimeout(15) });
  await pressed(440, () => walk(20), { rest: () => Promise.resolve() });
  const late = await memoryOf(screen);
  const size = `${migrations} × ${environments.length}`;
  return [
    {
      what: `key to frame, ${size}, single, p95`,
      ours: percentile(single, 95),
      unit: 'ms',
      target: { limit: 20 },
    },
    {
      what: `key to frame, ${size}, held, p95`,
      ours: percentile(held, 95),
      unit: 'ms',
      target: { limit: 50 },
    },
    {
      what: 'memory after 10,000 keys',
      ours: late / 1e6,
      peer: { name: 'after 1,000 keys', median: early / 1e6 },
      unit: 'MB',
      target: { ratio: 1.2 },
    },
  ];
}

/** Moves the cursor by so many rows and waits for the frame; turns round before an end, where a key draws nothing. */
function walker(screen: Screen): (rows: number) => Promise<number> {
  let [row, key] = [0, 'j'];
  return async (rows) => {
    const turns = key === 'j' ? row + rows >= migrations : row - rows < 0;
    if (turns) {
      key = key === 'j' ? 'k' : 'j';
      // Down and up in one frame would draw nothing.
      await screen.quiet(200);
    }
    row += key === 'j' ? rows : -rows;
    return await screen.press(key.repeat(rows));
  };
}

async function pressed(
  count: number,
  press: () => Promise<number>,
  { rest }: { readonly rest: () => Promise<void> },
): Promise<readonly number[]> {
  const taken: number[] = [];
  for (let number = 0; number < count; number += 1) {
    taken.push(await press());
    await rest();
  }
  return taken;
}

/** Resident bytes, once the screen is at rest. */
async function memoryOf(screen: Screen): Promise<number> {
  await screen.quiet(200);
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${screen.pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes ?? Number.NaN) * 1024;
}
