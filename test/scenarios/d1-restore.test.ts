import { expect, test } from 'vitest';
import { sqliteLease } from '../../src/bookkeeping/lease-sqlite.ts';
import { inlined } from '../../src/sql/inline.ts';
import type { D1Project } from '../support/d1-project.ts';
import { d1ForFile } from '../support/d1-for-file.ts';
import { d1Shop, insist } from '../support/d1-shop.ts';

const cloudflare = d1ForFile('shop');

test('a restore is refused while another operator holds the lock, and nothing moves', async () => {
  await using project = await deployedShop();
  await otherTakesLock();
  const at = cloudflare.database.bookmark;
  const { exitCode, last } = await project.ours('restore', 'remote', 'b2', '--yes');
  expect({ exitCode, last }).toMatchObject({ exitCode: 4, last: { kind: 'failed', code: 'locked' } });
  expect(last?.['message']).toContain('noor@elsewhere');
  expect(cloudflare.server.requests.some(({ endpoint }) => endpoint === 'restore')).toBe(false);
  expect(cloudflare.database.bookmark).toBe(at);
});

test('an operator who took over the lock just before the database goes back in time can write nothing afterwards', async () => {
  await using project = await deployedShop();
  const other = { run: 'other', epoch: 0 };
  cloudflare.server.before('restore', async () => {
    other.epoch = await otherTakesLock();
  });
  await insist(project, 'restore', 'remote', 'b2', '--yes');
  expect(await tables()).toEqual(['users']);
  const unit = sqliteLease.fence(other, '0003_more').map(inlined);
  await expect(cloudflare.database.run(...unit, 'CREATE TABLE of_the_other (id)')).rejects.toThrow(
    /^bad JSON path: 'migrate-tui/,
  );
  expect(await tables()).toEqual(['users']);
});

test('a lock of somebody else that comes back with the past is taken over and given back, and the way back is kept', async () => {
  await using project = await deployedShop();
  await otherTakesLock();
  const { last: backup } = await project.ours('backup', 'remote');
  await cloudflare.database.run('UPDATE __migrate_tui_lease SET run = NULL, expires_at = 0');
  await project.write({ 'migrations/0003_tags.sql': 'CREATE TABLE tags (id integer PRIMARY KEY);\n' });
  await insist(project, 'deploy', 'remote', '--yes');
  expect(await tables()).toEqual(['users', 'posts', 'tags']);

  const restored = await insist(project, 'restore', 'remote', String(backup?.['backup']), '--yes');
  expect(await tables()).toEqual(['users', 'posts']);
  expect(await cloudflare.database.run('SELECT run FROM __migrate_tui_lease')).toEqual([{ run: null }]);
  await insist(project, 'restore', 'remote', String(restored?.['backup']), '--yes');
  expect(await tables()).toEqual(['users', 'posts', 'tags']);
});

test('the answer to going back is lost: the database says whether it went', async () => {
  await using project = await deployedShop();
  cloudflare.server.fault({ kind: 'cut', when: 'before' }, { on: 'restore' });
  const { exitCode, last } = await project.ours('restore', 'remote', 'b2', '--yes');
  expect({ exitCode, last }).toMatchObject({ exitCode: 5, last: { code: 'stopped-part-way' } });
  expect(await tables()).toEqual(['users', 'posts']);
  cloudflare.server.fault({ kind: 'status', status: 500, when: 'after' }, { on: 'restore' });
  await insist(project, 'restore', 'remote', 'b2', '--yes');
  expect(await tables()).toEqual(['users']);
  await insist(project, 'deploy', 'remote', '--yes');
  expect(await tables()).toEqual(['users', 'posts']);
});

async function deployedShop(): Promise<D1Project> {
  const project = await d1Shop(cloudflare.server);
  await insist(project, 'deploy', 'remote', '--yes');
  await project.write({ 'migrations/0002_posts.sql': 'CREATE TABLE posts (id integer PRIMARY KEY);\n' });
  await insist(project, 'deploy', 'remote', '--yes');
  return project;
}

/** As another machine would: ours had run out. Gives the epoch. */
async function otherTakesLock(): Promise<number> {
  const [row] = await cloudflare.database.run(
    "UPDATE __migrate_tui_lease SET run = 'other', held_by = 'noor', host = 'elsewhere', epoch = epoch + 1, expires_at = (julianday('now') - 2440587.5) * 86400000 + 60000",
    'SELECT epoch FROM __migrate_tui_lease',
  );
  return Number(row?.['epoch']);
}

async function tables(): Promise<readonly unknown[]> {
  const rows = await cloudflare.database.run(
    "SELECT name FROM sqlite_schema WHERE name IN ('users', 'posts', 'tags', 'of_the_other')",
  );
  return rows.map(({ name }) => name);
}
