// Times migrate-tui beside its peers and writes RESULTS.md: npm run bench [-- --only NAME,NAME] [--times N] [--full]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { backup } from './backup.ts';
import { d1 } from './d1.ts';
import { drift } from './drift.ts';
import { firstFrame } from './first-frame.ts';
import { keys } from './keys.ts';
import { run, type Comparison } from './measure.ts';
import { pending } from './pending.ts';
import { postgresCopies, postgresPending, postgresStatus } from './postgres.ts';
import { ours, root } from './projects.ts';
import { recover } from './recover.ts';
import { resync } from './resync.ts';
import { status } from './status.ts';

export interface BenchOptions {
  /** A folder of this run's own. */
  readonly scratch: string;
  /** The practice project, made anew. */
  readonly demo: string;
  /** Goes of each contender, after one that is not counted. */
  readonly times: number;
  /** Bytes of the database that is backed up and copied. */
  readonly size: number;
}

const benches = {
  'first-frame': firstFrame,
  status,
  pending,
  'postgres-pending': postgresPending,
  'postgres-status': postgresStatus,
  d1,
  backup,
  resync,
  'postgres-copies': postgresCopies,
  drift,
  recover,
  keys,
} as const;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    times: { type: 'string', default: '7' },
    full: { type: 'boolean', default: false },
  },
});
const chosen = values.only?.split(',') ?? Object.keys(benches);
const scratch = mkdtempSync(join(tmpdir(), 'migrate-tui-bench-'));
try {
  const demo = join(scratch, 'demo');
  await run([...ours, 'demo', demo, '--no-open'], { cwd: scratch });
  const options = { scratch, demo, times: Number(values.times), size: values.full ? 1e9 : 200e6 };
  const lines: string[] = [];
  for (const [name, bench] of Object.entries(benches)) {
    if (!chosen.includes(name)) continue;
    process.stderr.write(`${name} …\n`);
    lines.push(...(await bench(options)).map(row));
  }
  const report = [...heading(options), ...lines, ''].join('\n');
  process.stdout.write(report);
  if (!values.only) writeFileSync(join(root, 'bench/RESULTS.md'), report);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function heading({ times }: BenchOptions): readonly string[] {
  const busy = `load ${(loadavg()[0] ?? 0).toFixed(1)} at the end`;
  const machine = `${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown processor'}, ${busy}`;
  return [
    '# Results of `npm run bench`',
    '',
    `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC, Node ${process.versions.node}, ${machine}. ` +
      `Medians of ${times} runs each, ours and the peer in turns; start of the process included.`,
    '',
    '| what | ours | beside | its time | ratio | target | |',
    '| --- | ---: | --- | ---: | ---: | ---: | --- |',
  ];
}

function row({ what, ours, peer, unit, target }: Comparison): string {
  const ratio = peer && ours / peer.median;
  const shown = (value: number) => `${value < 10 ? value.toFixed(2) : Math.round(value)} ${unit}`;
  const wanted = !target ? '' : 'limit' in target ? `≤ ${target.limit} ${unit}` : `≤ ${target.ratio} ×`;
  const reached = !target || ('limit' in target ? ours <= target.limit : (ratio ?? Infinity) <= target.ratio);
  const cells = [
    what,
    shown(ours),
    peer?.name ?? '',
    peer ? shown(peer.median) : '',
    ratio ? `${ratio.toFixed(2)} ×` : '',
    wanted,
  ];
  return `| ${cells.join(' | ')} | ${target ? (reached ? 'ok' : 'over') : ''} |`;
}
