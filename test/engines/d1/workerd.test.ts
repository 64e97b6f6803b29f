import { spawn } from 'node:child_process';
import { mkdir, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { openD1Local } from '../../../src/engines/d1/local.ts';
import { findMiniflare, runInWorkerd, type WorkerdRun } from '../../../src/engines/d1/workerd.ts';
import { rehearsalDatabase } from '../../../src/engines/d1/workerd-job.ts';
import { miniflarePath } from '../../../src/project/miniflare-path.ts';
import { openedBy } from '../../support/opened-by.ts';
import { temporaryFolder, type TemporaryFolder } from '../../support/temporary-folder.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const unit = (...statements: readonly string[]) => ({ statements: statements.map((sql) => ({ sql })) });

test('the copy has the name under which workerd looks for it', () => {
  expect(basename(rehearsalDatabase.path)).toBe(basename(miniflarePath('', rehearsalDatabase.id)));
});

test('units run in real workerd on a copy: the copy has the rows of the original, even those in its WAL', async () => {
  await using shop = await shopInWal();
  const values = { sql: 'INSERT INTO item (id, name) VALUES (?, ?)', args: [9007199254740993n, "it's"] };
  const run = await runInWorkerd({
    ...shop.options,
    units: [
      unit('ALTER TABLE item ADD COLUMN price REAL', 'UPDATE item SET price = 1.5'),
      { statements: [values] },
    ],
  });
  expect(run).toMatchObject({ kind: 'ran', took: [expect.any(Number), expect.any(Number)] });
  expect(await shop.engine.query({ sql: 'SELECT * FROM item' })).toEqual([{ id: 1, name: 'bolt' }]);
  expect(await rowsIn(run, 'SELECT * FROM item ORDER BY id')).toEqual([
    { id: 1, name: 'bolt', price: 1.5 },
    { id: 9007199254740993n, name: "it's", price: null },
  ]);
});

test('a unit that D1 refuses is named with its words, leaves nothing, and no later one is run', async () => {
  await using shop = await shopInWal();
  const units = [
    unit('CREATE TABLE first (x)'),
    unit('CREATE TABLE second (x)', 'INSERT INTO nowhere VALUES (1)'),
    unit('CREATE TABLE third (x)'),
  ];
  const run = await runInWorkerd({ ...shop.options, units });
  expect(run).toMatchObject({
    kind: 'failed',
    unit: 1,
    error: { message: 'no such table: nowhere', code: 'SQLITE_ERROR' },
  });
  expect(await rowsIn(run, 'SELECT name FROM sqlite_schema ORDER BY 1')).toEqual([
    { name: 'first' },
    { name: 'item' },
  ]);
});

test('a foreign key that is broken at the end of a batch is told, though workerd does not say it', async () => {
  await using shop = await shopInWal();
  const orphan = unit(
    'CREATE TABLE part (item REFERENCES item (id))',
    'PRAGMA defer_foreign_keys = ON',
    'INSERT INTO part VALUES (7)',
  );
  const run = await runInWorkerd({ ...shop.options, units: [orphan] });
  expect(run).toMatchObject({ kind: 'failed', unit: 0 });
  expect(run.kind === 'failed' && run.error.message).toMatch(/foreign key/i);
  expect(await rowsIn(run, 'SELECT name FROM sqlite_schema')).toEqual([{ name: 'item' }]);
});

test('a project without wrangler or miniflare has no workerd to run in', async () => {
  await using shop = await shopInWal();
  const run = await runInWorkerd({ ...shop.options, root: shop.folder.path, units: [] });
  expect(run).toEqual({ kind: 'not-installed' });
});

test("miniflare is found through the project's wrangler when it is not installed beside it", async () => {
  await using folder = await temporaryFolder();
  await mkdir(folder.file('node_modules'));
  await symlink(`${root}node_modules/wrangler`, folder.file('node_modules/wrangler'));
  expect(findMiniflare(folder.path)).toBe(findMiniflare(root));
});

const endless =
  'WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 1e12) SELECT max(x) FROM n';

test('a stopped rehearsal ends workerd with it', async () => {
  await using shop = await shopInWal();
  const stop = new AbortController();
  const running = runInWorkerd({ ...shop.options, units: [unit(endless)], signal: stop.signal });
  await vi.waitUntil(() => workerdIn(shop.folder) === 'at work', patience);
  stop.abort();
  await expect(running).rejects.toMatchObject({ code: 'interrupted' });
  await vi.waitUntil(() => workerdIn(shop.folder) === 'gone', patience);
});

test('a program that is killed in a rehearsal leaves no workerd behind', async () => {
  await using shop = await shopInWal();
  const script = `
    const { runInWorkerd } = await import(${JSON.stringify(`${root}src/engines/d1/workerd.ts`)});
    await runInWorkerd(${JSON.stringify({ ...shop.options, units: [unit(endless)] })});`;
  const program = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
  await vi.waitUntil(() => workerdIn(shop.folder) === 'at work', patience);
  program.kill('SIGKILL');
  await vi.waitUntil(() => workerdIn(shop.folder) === 'gone', patience);
});

/** Without a request workerd closes the database and goes on; what miniflare keeps beside it stays open. */
function workerdIn(folder: TemporaryFolder): 'at work' | 'idle' | 'gone' {
  const copy = folder.file(`scratch/${rehearsalDatabase.path}`);
  if (openedBy(copy).includes('workerd')) return 'at work';
  return openedBy(join(dirname(copy), 'metadata.sqlite')).includes('workerd') ? 'idle' : 'gone';
}

const patience = { timeout: 15_000, interval: 20 };

/** A shop whose only row stands in the WAL of a database that is still open. */
async function shopInWal() {
  const folder = await temporaryFolder();
  const file = folder.file('shop.sqlite');
  const engine = await openD1Local({ path: file, ifMissing: 'create', busyTimeout: 0 });
  const statements = [
    'CREATE TABLE item (id INTEGER PRIMARY KEY, name)',
    "INSERT INTO item VALUES (1, 'bolt')",
  ];
  await engine.unit({ foreignKeys: 'on', statements: statements.map((sql) => ({ sql, role: 'record' })) });
  return {
    folder,
    engine,
    options: { root, file, folder: folder.file('scratch') },
    async [Symbol.asyncDispose]() {
      await engine[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function rowsIn(run: WorkerdRun, sql: string) {
  if (!('file' in run)) throw new Error(`There is no file after ${run.kind}.`);
  await using engine = await openD1Local({ path: run.file, ifMissing: 'refuse', busyTimeout: 0 });
  return await engine.query({ sql });
}
