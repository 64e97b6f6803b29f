import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inTurns, run, type Comparison } from './measure.ts';
import { ours, peer, root } from './projects.ts';
import type { BenchOptions } from './run.ts';

const migrations = 10;

/** A local D1 database: looking at it, and ten pending migrations, each beside wrangler. */
export async function d1({ scratch, times }: BenchOptions): Promise<readonly Comparison[]> {
  const directory = join(scratch, 'd1');
  await makeProject(directory);
  return [...(await applying(directory, times)), await looking(directory, times)];
}

const ratioOf = (medians: ReadonlyMap<string, number>, name: string) => medians.get(name) ?? Number.NaN;

async function applying(cwd: string, times: number): Promise<readonly Comparison[]> {
  const fresh = (command: readonly string[]) => async () => {
    await rm(join(cwd, '.wrangler'), { recursive: true, force: true });
    return (await run(command, { cwd, env: quiet })).took;
  };
  const peerName = 'wrangler d1 migrations apply --local';
  const medians = await inTurns(
    [
      { name: 'deploy', run: fresh([...ours, 'deploy', 'local', '--yes', '--json']) },
      { name: peerName, run: fresh([...wrangler, 'migrations', 'apply', 'DB', '--local']) },
      { name: 'apply', run: fresh([...ours, 'apply', 'local', '--yes', '--json']) },
    ],
    times,
  );
  const against = (what: string, name: string): Comparison => ({
    what,
    ours: ratioOf(medians, name),
    peer: { name: peerName, median: ratioOf(medians, peerName) },
    unit: 'ms',
  });
  return [
    { ...against(`${migrations} pending on local D1`, 'apply'), target: { ratio: 0.05 } },
    against('the same as a deploy, with dry-run and verify', 'deploy'),
  ];
}

/** All are applied: the last contender of the bench before has left them so. */
async function looking(cwd: string, times: number): Promise<Comparison> {
  const name = 'wrangler d1 migrations list --local';
  const timed = (command: readonly string[]) => async () => (await run(command, { cwd, env: quiet })).took;
  const medians = await inTurns(
    [
      { name: 'ours', run: timed([...ours, 'status', '--json']) },
      { name, run: timed([...wrangler, 'migrations', 'list', 'DB', '--local']) },
    ],
    times,
  );
  return {
    what: 'status of a local D1',
    ours: ratioOf(medians, 'ours'),
    peer: { name, median: ratioOf(medians, name) },
    unit: 'ms',
    target: { ratio: 0.1 },
  };
}

const wrangler = [...peer('wrangler/bin/wrangler.js'), 'd1'];

/** wrangler without statistics or reports: they would be timed, too. */
const quiet = { WRANGLER_SEND_METRICS: 'false', WRANGLER_SEND_ERROR_REPORTS: 'false' };

/** A table and an index each, in a wrangler project that has its own wrangler. */
async function makeProject(directory: string): Promise<void> {
  await mkdir(join(directory, 'migrations'), { recursive: true });
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'));
  const config = { name: 'bench', d1_databases: [{ binding: 'DB', database_name: 'bench' }] };
  await writeFile(join(directory, 'wrangler.json'), JSON.stringify(config));
  await writeFile(join(directory, 'package.json'), '{ "name": "bench", "private": true }\n');
  for (let number = 1; number <= migrations; number += 1) {
    const table = `CREATE TABLE t${number} (id integer PRIMARY KEY, name text NOT NULL);\n`;
    const index = `CREATE INDEX t${number}_name ON t${number} (name);\n`;
    const file = `${String(number).padStart(4, '0')}_t${number}.sql`;
    await writeFile(join(directory, 'migrations', file), table + index);
  }
}
