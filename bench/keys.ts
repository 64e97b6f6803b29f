import { readFileSync } from 'node:fs';
import { join } from 'node:path';
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
  const single = await pressed(screen, 100, 'single');
  const early = await memoryAfter(screen, 1000);
  const held = await pressed(screen, 200, 'held');
  const late = await memoryAfter(screen, 9000);
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

/** `single`: each key after the screen came to rest; `held`: as a key repeats, thirty a second. */
async function pressed(screen: Screen, count: number, how: 'single' | 'held'): Promise<readonly number[]> {
  const taken: number[] = [];
  for (let number = 0; number < count; number += 1) {
    taken.push(await screen.press(number % 80 < 40 ? 'j' : 'k'));
    await (how === 'single' ? screen.quiet(60) : new Promise((resolve) => setTimeout(resolve, 15)));
  }
  return taken;
}

/** Resident bytes after so many more keys, in bursts as fast as they are drawn. */
async function memoryAfter(screen: Screen, count: number): Promise<number> {
  for (let number = 0; number < count; number += 20) {
    await screen.press((number / 20) % 2 === 0 ? 'j'.repeat(20) : 'k'.repeat(20));
  }
  await screen.quiet(200);
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${screen.pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes ?? Number.NaN) * 1024;
}
