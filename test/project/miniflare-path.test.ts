import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { getPlatformProxy } from 'wrangler';
import { localId, miniflarePath, stateFolder } from '../../src/project/miniflare-path.ts';
import { readWranglerConfig } from '../../src/project/wrangler/config.ts';

const folder = mkdtempSync(join(tmpdir(), 'miniflare-path-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = join(folder, 'wrangler.toml');
writeFileSync(
  file,
  `name = "worker"
compatibility_date = "2026-01-01"
d1_databases = [
  { binding = "PREVIEW", database_name = "a", database_id = "3d1e9a52-0000-4000-8000-000000000001", preview_database_id = "a preview id" },
  { binding = "KNOWN", database_name = "b", database_id = "3d1e9a52-0000-4000-8000-000000000002" },
  { binding = "UNKNOWN" },
]

[[env.staging.d1_databases]]
binding = "KNOWN"
database_name = "c"
database_id = "3d1e9a52-0000-4000-8000-000000000003"
`,
);
const { top, environments } = readWranglerConfig(file);

/** The databases of a state folder: miniflare keeps its alarms beside them. */
function filesIn(state: string): readonly string[] {
  const inside = dirname(miniflarePath(state, ''));
  return readdirSync(inside)
    .filter((name) => /^[\da-f]{64}\.sqlite$/.test(name))
    .map((name) => join(inside, name))
    .toSorted();
}

test('a local database is where "wrangler dev" keeps it, by its preview id, its id or its binding', async () => {
  const proxy = await getPlatformProxy<Record<string, { exec(sql: string): Promise<unknown> }>>({
    configPath: file,
    persist: { path: join(stateFolder(folder), 'v3') },
  });
  try {
    for (const { binding } of top.databases) await proxy.env[binding]?.exec('CREATE TABLE t (a)');
  } finally {
    await proxy.dispose();
  }
  expect(top.databases.map(localId)).toEqual([
    'a preview id',
    '3d1e9a52-0000-4000-8000-000000000002',
    'UNKNOWN',
  ]);
  const expected = top.databases.map((d1) => miniflarePath(stateFolder(folder), localId(d1)));
  expect(filesIn(stateFolder(folder))).toEqual(expected.toSorted());
});

test('another environment of wrangler has a file of its own, also in a folder that --persist-to names', () => {
  const state = join(folder, 'kept elsewhere');
  const wrangler = fileURLToPath(new URL('../../node_modules/wrangler/bin/wrangler.js', import.meta.url));
  const words = ['d1', 'execute', 'KNOWN', '--local', '--env', 'staging', '--persist-to', state];
  execFileSync(process.execPath, [wrangler, ...words, '--command', 'CREATE TABLE t (a)'], {
    cwd: folder,
    stdio: 'pipe',
    env: { PATH: process.env['PATH'], HOME: folder, CI: '1', WRANGLER_SEND_METRICS: 'false' },
  });
  const [d1] = environments.get('staging')?.databases ?? [];
  expect(filesIn(state)).toEqual(d1 === undefined ? [] : [miniflarePath(state, localId(d1))]);
});
