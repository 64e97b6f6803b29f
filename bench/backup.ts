import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { median, run, type Comparison } from './measure.ts';
import { makeProject, ours, root } from './projects.ts';
import type { BenchOptions } from './run.ts';

/** A backup of one large file, against the same steps taken by a script. */
export async function backup({ scratch, times, size }: BenchOptions): Promise<readonly Comparison[]> {
  const directory = join(scratch, 'backup');
  await mkdir(directory, { recursive: true });
  await makeProject({ directory, migrations: 1, environments: ['local'] });
  await run([...ours, 'apply', 'local', '--yes', '--json'], { cwd: directory });
  await fill(join(directory, 'local.db'), size);
  const [mine, theirs, memory]: [number[], number[], number[]] = [[], [], []];
  for (let turn = 0; turn <= times; turn += 1) {
    const state = join(scratch, 'state');
    const taken = await run([...ours, 'backup', 'local', '--json'], {
      cwd: directory,
      env: { XDG_STATE_HOME: state },
    });
    const copy = join(directory, 'copy.db');
    const plain = await run(
      [process.execPath, join(root, 'bench/peers/plain-backup.ts'), join(directory, 'local.db'), copy],
      {
        cwd: directory,
      },
    );
    await rm(copy);
    await rm(state, { recursive: true, force: true });
    // The first turn warms the disk's cache.
    if (turn === 0) continue;
    mine.push(taken.took);
    theirs.push(plain.took);
    memory.push(taken.memory / 1e6);
  }
  const what = `backup of ${size >= 1e9 ? `${size / 1e9} GB` : `${size / 1e6} MB`}`;
  const plain = { name: 'copy, fsync, checksum, quick_check', median: median(theirs) };
  return [
    { what, ours: median(mine), peer: plain, unit: 'ms', target: { ratio: 1.2 } },
    { what: `${what}, largest process`, ours: Math.max(...memory), unit: 'MB', target: { limit: 150 } },
  ];
}

async function fill(file: string, bytes: number): Promise<void> {
  const client = createClient({ url: `file:${file}`, concurrency: 1 });
  const rows = Math.floor(bytes / 1040);
  await client.execute('PRAGMA synchronous = OFF');
  await client.execute('CREATE TABLE payload (id integer PRIMARY KEY, body blob)');
  await client.execute(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
    INSERT INTO payload SELECT i, randomblob(1000) FROM n`);
  client.close();
}
