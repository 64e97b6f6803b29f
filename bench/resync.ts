import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { median, run, type Comparison, type Ran } from './measure.ts';
import { makeProject, ours, root } from './projects.ts';
import type { BenchOptions } from './run.ts';

/** One large file that takes the place of another, as it is and with a masked column, against a plain copy of it. */
export async function resync({ scratch, times, size }: BenchOptions): Promise<readonly Comparison[]> {
  const directory = join(scratch, 'resync');
  await mkdir(directory, { recursive: true });
  await makeProject({ directory, migrations: 1, environments: ['local', 'staging'] });
  await run([...ours, 'apply', 'staging', '--yes', '--json'], { cwd: directory });
  const from = join(directory, 'staging.db');
  const rows = await fill(from, size);
  const [plain, masked, theirs]: [Ran[], Ran[], number[]] = [[], [], []];
  for (let turn = 0; turn <= times; turn += 1) {
    await configure(directory, {});
    const asIs = await resynced(scratch, directory);
    const copy = join(directory, 'copy.db');
    const other = await run([process.execPath, join(root, 'bench/peers/plain-copy.ts'), from, copy], {
      cwd: directory,
    });
    await rm(copy);
    // The first turn warms the disk's cache.
    if (turn === 0) continue;
    plain.push(asIs);
    theirs.push(other.took);
    // It has no peer: a few goes are enough to see what it takes.
    if (turn > 3) continue;
    await configure(directory, { 'payload.owner': 'hash' });
    masked.push(await resynced(scratch, directory));
  }
  const what = `resync of ${size >= 1e9 ? `${size / 1e9} GB` : `${size / 1e6} MB`}`;
  const copy = { name: 'plain copy, fsync', median: median(theirs) };
  const took = (all: readonly Ran[]) => median(all.map((one) => one.took));
  const memory = (all: readonly Ran[]) => Math.max(...all.map((one) => one.memory)) / 1e6;
  return [
    { what: `${what}, nothing masked`, ours: took(plain), peer: copy, unit: 'ms', target: { ratio: 2 } },
    { what: `${what}, largest process`, ours: memory(plain), unit: 'MB', target: { limit: 150 } },
    { what: `${what}, ${rows} rows with a masked column`, ours: took(masked), unit: 'ms' },
    { what: `${what}, masked, largest process`, ours: memory(masked), unit: 'MB', target: { limit: 150 } },
  ];
}

/** Into a file that is not there yet: what a backup of the old one takes is no part of it. */
async function resynced(scratch: string, directory: string): Promise<Ran> {
  const state = join(scratch, 'state');
  for (const suffix of ['', '-wal', '-shm']) await rm(join(directory, `local.db${suffix}`), { force: true });
  const ran = await run([...ours, 'resync', 'local', '--from', 'staging', '--yes', '--json'], {
    cwd: directory,
    env: { XDG_STATE_HOME: state },
  });
  await rm(state, { recursive: true, force: true });
  return ran;
}

async function configure(directory: string, masks: Readonly<Record<string, string>>): Promise<void> {
  const environments = {
    local: { targets: { app: 'file:local.db' } },
    staging: { targets: { app: 'file:staging.db' } },
  };
  const config = { databases: { app: { migrations: 'drizzle' } }, environments, masks };
  await writeFile(join(directory, 'migrate-tui.config.json'), JSON.stringify(config));
}

async function fill(file: string, bytes: number): Promise<number> {
  const client = createClient({ url: `file:${file}`, concurrency: 1 });
  const rows = Math.floor(bytes / 1075);
  await client.execute('PRAGMA synchronous = OFF');
  await client.execute('CREATE TABLE payload (id integer PRIMARY KEY, owner text, body blob)');
  await client.execute(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
    INSERT INTO payload SELECT i, 'owner' || i || '@example.org', randomblob(1000) FROM n`);
  client.close();
  return rows;
}
