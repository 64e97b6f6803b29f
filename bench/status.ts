import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { inTurns, run, type Comparison } from './measure.ts';
import { ours, peer, root } from './projects.ts';
import type { BenchOptions } from './run.ts';

/** Reading four environments against one tool looking at one of them and finding nothing to do. */
export async function status({ demo, times }: BenchOptions): Promise<readonly Comparison[]> {
  await symlink(join(root, 'node_modules'), join(demo, 'node_modules')).catch(() => undefined);
  const medians = await inTurns(
    [
      { name: 'ours', run: async () => (await run([...ours, 'status', '--json'], { cwd: demo })).took },
      {
        name: 'drizzle-kit migrate',
        run: async () => (await run([...peer('drizzle-kit/bin.cjs'), 'migrate'], { cwd: demo })).took,
      },
    ],
    times,
  );
  return [
    {
      what: 'status of four local environments',
      ours: medians.get('ours') ?? Number.NaN,
      peer: {
        name: 'drizzle-kit migrate, nothing to do',
        median: medians.get('drizzle-kit migrate') ?? Number.NaN,
      },
      unit: 'ms',
      target: { ratio: 0.5 },
    },
  ];
}
