import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sqliteLease } from '../../src/bookkeeping/lease-sqlite.ts';
import type { BackupSummary } from '../../src/operations/reports.ts';
import { inlined } from '../../src/sql/inline.ts';
import { d1Project, type D1Project } from '../support/d1-project.ts';
import { startD1Server, type D1Server, type D1TestDatabase } from '../support/d1-server.ts';

let server: D1Server;
let shop: D1TestDatabase;
let filled: string;
beforeAll(async () => {
  server = await startD1Server({ databases: ['shop', 'again'] });
  shop = server.database('shop');
  await shop.run(
    'CREATE TABLE orders (id INTEGER PRIMARY KEY, customer REFERENCES customers (id), total)',
    'CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT)',
    "INSERT INTO customers VALUES (1, 'Noor'), (2, 'Ada')",
    'INSERT INTO orders VALUES (1, 1, 9007199254740993), (2, 2, 1.0), (3, NULL, NULL)',
    'CREATE TABLE d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)',
    "INSERT INTO d1_migrations (name) VALUES ('0001_shop.sql')",
  );
  filled = shop.bookmark;
}, 60_000);
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  server.noFault();
  await shop.takeBack(filled);
});

describe('backup --archive', () => {
  test('says beforehand that everybody else is kept out, and keeps a file that D1 takes and one to look into', async () => {
    await using project = await wranglerProject();
    await otherHeldLock();
    const from = server.requests.length;
    const { last, lines } = await insist(project, 'backup', 'remote', '--archive');
    const notice = lines.find(({ kind }) => kind === 'notice');
    expect(notice?.['message']).toMatch(
      /^DB: An export keeps everybody else out of the database .*; this is one of \d/,
    );
    const sent = server.requests.slice(from);
    expect(sent.filter(({ endpoint }) => endpoint === 'export').length).toBeGreaterThan(1);
    expect(sent.filter(({ kind }) => kind === 'write')).toEqual([]);

    const backup = await backupOf(project, last?.['backup']);
    expect(backup).toMatchObject({ proof: 'kept-by-server', databases: [{ position: shop.bookmark }] });
    const archive = archiveOf(backup);
    expect(archive).toMatchObject({ loadsInto: 'd1', moment: 'one' });
    expect(backup.size).toBe(archive.bytes);
    for (const path of [archive.sql, archive.loaded]) expect((await stat(path)).mode & 0o077).toBe(0);
    using loaded = new DatabaseSync(archive.loaded, { readOnly: true });
    expect(loaded.prepare('SELECT count(*) AS n FROM orders').get()).toEqual({ n: 3 });
    expect(loaded.prepare('SELECT count(*) AS n FROM __migrate_tui_lease').get()).toEqual({ n: 0 });

    const again = { binding: 'AGAIN', database_name: 'again', database_id: server.database('again').uuid };
    await project.write({ 'wrangler.json': JSON.stringify({ name: 'shop', d1_databases: [again] }) });
    await project.wrangler('execute', 'again', '--remote', '--yes', '--file', archive.sql);
    const rows = 'SELECT id, customer, CAST(total AS TEXT) AS total, typeof(total) AS type FROM orders';
    expect(await server.database('again').run(rows)).toEqual(await shop.run(rows));
  }, 60_000);

  test('is refused while somebody holds the lock, whom it would keep out', async () => {
    await using project = await wranglerProject();
    await otherTakesLock();
    const from = server.requests.length;
    const { exitCode, last } = await project.ours('backup', 'remote', '--archive');
    expect({ exitCode, last }).toMatchObject({ exitCode: 4, last: { code: 'locked' } });
    expect(server.requests.slice(from).some(({ endpoint }) => endpoint === 'export')).toBe(false);
    expect((await project.ours('backup', 'remote')).exitCode).toBe(0);
  });

  test('has nothing to do for files, and takes no single tables', async () => {
    await using project = await wranglerProject();
    await insist(project, 'deploy', 'local', '--yes');
    const local = await project.ours('backup', 'local', '--archive');
    expect(local).toMatchObject({ exitCode: 4, last: { code: 'refused' } });
    expect(local.last?.['message']).toContain('Nothing of local is at Cloudflare');
    const some = await project.ours('backup', 'remote', '--archive', '--tables', 'orders');
    expect(some).toMatchObject({ exitCode: 2, last: { code: 'usage' } });
  });

  test('that the server breaks off leaves no backup', async () => {
    await using project = await wranglerProject();
    server.fault(
      { kind: 'status', status: 400, code: 7500, message: 'out of luck', when: 'before' },
      { on: 'export' },
    );
    const { exitCode } = await project.ours('backup', 'remote', '--archive');
    expect(exitCode).toBe(1);
    expect(await backupsOf(project)).toEqual([]);
  });
});

describe('a backup with an archive', () => {
  test('is restored through the history of the server, as any other', async () => {
    await using project = await wranglerProject();
    const { last } = await insist(project, 'backup', 'remote', '--archive');
    await shop.run('DELETE FROM orders');
    await insist(project, 'restore', 'remote', String(last?.['backup']), '--yes');
    expect(await shop.run('SELECT count(*) AS n FROM orders')).toEqual([{ n: 3 }]);
  });

  test('stays when others of its age are removed', async () => {
    await using project = await wranglerProject();
    const { last } = await insist(project, 'backup', 'remote', '--archive');
    await insist(project, 'backup', 'remote');
    await insist(project, 'backup', 'remote');
    for (const { path } of await backupsOf(project)) await age(join(path, 'manifest.json'));
    await insist(project, 'backup', 'remote');
    const kept = await backupsOf(project);
    expect(kept.map(({ id }) => id)).toEqual(['b4', 'b3', last?.['backup']]);
    expect(kept.at(-1)?.keptUntil).toBeUndefined();
  });

  test('whose place in the history is gone names the file, and how a new database is made of it', async () => {
    await using project = await wranglerProject();
    const { last } = await insist(project, 'backup', 'remote', '--archive');
    const id = String(last?.['backup']);
    const { sql } = archiveOf(await backupOf(project, id));
    const message = 'The bookmark is no longer in the history';
    server.fault({ kind: 'status', status: 400, code: 7500, message, when: 'before' }, { on: 'restore' });
    const restored = await project.ours('restore', 'remote', id, '--yes');
    expect(restored).toMatchObject({ exitCode: 4, last: { code: 'refused' } });
    expect(restored.last?.['message']).toContain(
      'The archive of DB is whole, but no server takes it back in place.',
    );
    expect(restored.last?.['next']).toContain(`npx wrangler d1 execute NAME --remote --file "${sql}"`);
  });

  test('in whose file a byte turned is damaged', async () => {
    await using project = await wranglerProject();
    const { last } = await insist(project, 'backup', 'remote', '--archive');
    const { sql } = archiveOf(await backupOf(project, last?.['backup']));
    await writeFile(sql, (await readFile(sql, 'utf8')).replace('Noor', 'Moor'));
    expect(await backupOf(project, last?.['backup'])).toMatchObject({ proof: 'damaged' });
  });
});

function wranglerProject(): Promise<D1Project> {
  const binding = {
    binding: 'DB',
    database_name: 'shop',
    database_id: shop.uuid,
    migrations_dir: 'migrations',
  };
  return d1Project(
    {
      'wrangler.json': JSON.stringify({ name: 'shop', d1_databases: [binding] }),
      'migrations/0001_shop.sql': 'CREATE TABLE orders (id INTEGER PRIMARY KEY);\n',
    },
    { server },
  );
}

const other = { run: 'r', by: 'noor', host: 'elsewhere', backup: undefined };

async function otherTakesLock(): Promise<void> {
  await shop.run(...[...sqliteLease.create, sqliteLease.take(other)].map(inlined));
}

async function otherHeldLock(): Promise<void> {
  await otherTakesLock();
  await shop.run('UPDATE __migrate_tui_lease SET run = NULL, expires_at = 0');
}

async function insist(project: D1Project, ...args: readonly string[]) {
  const ended = await project.ours(...args);
  expect(ended.last, ended.stdout + ended.stderr).toMatchObject({ kind: 'done' });
  return ended;
}

/** As if it had been taken a year ago. */
async function age(manifest: string): Promise<void> {
  const known: { readonly takenAt: string } = JSON.parse(await readFile(manifest, 'utf8'));
  const takenAt = new Date(Date.parse(known.takenAt) - 365 * 86_400_000).toISOString();
  await writeFile(manifest, JSON.stringify({ ...known, takenAt }));
}

async function backupsOf(project: D1Project): Promise<readonly BackupSummary[]> {
  const { stdout } = await project.ours('backups', 'remote');
  const { backups }: { readonly backups: readonly BackupSummary[] } = JSON.parse(stdout);
  return backups;
}

async function backupOf(project: D1Project, id: unknown): Promise<BackupSummary> {
  const found = (await backupsOf(project)).find((backup) => backup.id === id);
  if (!found) throw new Error(`There is no backup ${String(id)}.`);
  return found;
}

function archiveOf({ databases: [database] }: BackupSummary) {
  if (!database?.archive) throw new Error('The backup has no archive.');
  return database.archive;
}
