import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { BackupSummary } from '../../src/operations/reports.ts';
import type { D1Project } from '../support/d1-project.ts';
import { startD1Server, type D1Server } from '../support/d1-server.ts';
import { d1Shop, insist } from '../support/d1-shop.ts';
import { filesHolding } from '../support/files-holding.ts';

let server: D1Server;
beforeAll(async () => {
  server = await startD1Server({ databases: ['shop'] });
}, 60_000);
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(() => server.noFault());

const key = randomBytes(32).toString('hex');

test('a local D1 is rehearsed on and restored from an encrypted backup', async () => {
  await using project = await shopUnderKey();
  await insist(project, 'deploy', 'local', '--yes');
  await project.write({ 'migrations/0002_more.sql': 'ALTER TABLE users ADD note text;\n' });
  const deployed = await insist(project, 'deploy', 'local', '--yes');
  expect(await backupOf(project, deployed?.['backup'])).toMatchObject({
    proof: 'proven',
    encrypted: { is: 'here' },
  });
  await insist(project, 'restore', 'local', String(deployed?.['backup']), '--yes');
  const status = await project.ours('status', 'local');
  expect(status.last).toMatchObject({ environments: [{ targets: [{ applied: 1, pending: 1 }] }] });
  expect(await clearIn(project, 'Ottoline')).toEqual([]);
});

test('an archive of D1 is kept encrypted, and decrypt writes what D1 and SQLite take', async () => {
  await using project = await shopUnderKey();
  await insist(project, 'deploy', 'remote', '--yes');
  const { last } = await project.ours('backup', 'remote', '--archive');
  const id = String(last?.['backup']);
  const backup = await backupOf(project, id);
  expect(backup).toMatchObject({ proof: 'kept-by-server', encrypted: { is: 'here' } });
  expect(await clearIn(project, 'Ottoline')).toEqual([]);

  const message = 'The bookmark is no longer in the history';
  server.fault({ kind: 'status', status: 400, code: 7500, message, when: 'before' }, { on: 'restore' });
  const refused = await project.ours('restore', 'remote', id, '--yes');
  expect(refused.last?.['next']).toContain(`migrate-tui decrypt remote ${id} FOLDER, then npx wrangler`);

  await insist(project, 'decrypt', 'remote', id, 'out');
  const out = join(project.root, 'out');
  expect(await readFile(join(out, 'DB@archive.sql'), 'utf8')).toContain('Ottoline');
  using loaded = new DatabaseSync(join(out, 'DB@archive.db'), { readOnly: true });
  expect(loaded.prepare('SELECT name FROM users').all()).toEqual([{ name: 'Ottoline' }]);

  const other = await project.ours('decrypt', 'remote', id, 'other', '--database', 'CACHE');
  expect(other).toMatchObject({ exitCode: 2, last: { code: 'not-found' } });
  expect(other.last?.['message']).toContain('has no copy of CACHE; it is of DB');
  const again = await project.ours('decrypt', 'remote', id, 'out');
  expect(again).toMatchObject({ exitCode: 4, last: { code: 'refused' } });
  await writeFile(join(project.root, '.env'), '');
  const keyless = await project.ours('decrypt', 'remote', id, 'elsewhere');
  expect(keyless).toMatchObject({ exitCode: 2, last: { code: 'config' } });
});

/** A place in the history of a server needs no key: nothing of it lies here. */
test('a backup that the server keeps is taken without the key', async () => {
  await using project = await shopUnderKey();
  await writeFile(join(project.root, '.env'), '');
  await insist(project, 'backup', 'remote');
  const archived = await project.ours('backup', 'remote', '--archive');
  expect(archived).toMatchObject({ exitCode: 2, last: { code: 'config' } });
  const decrypted = await project.ours('decrypt', 'remote', 'b1', 'out');
  expect(decrypted).toMatchObject({ exitCode: 4, last: { code: 'refused' } });
  expect(decrypted.last?.['message']).toContain('kept by the server');
});

async function shopUnderKey(): Promise<D1Project> {
  const project = await d1Shop(server, {
    'migrations/0001_users.sql':
      "CREATE TABLE users (id integer PRIMARY KEY, name text);\nINSERT INTO users (name) VALUES ('Ottoline');\n",
    '.env': `KEY=${key}\n`,
    'migrate-tui.config.json': JSON.stringify({ backups: { key: 'env:KEY' } }),
  });
  return project;
}

async function backupOf(project: D1Project, id: unknown): Promise<BackupSummary | undefined> {
  const { stdout } = await project.ours('backups');
  const backups: readonly BackupSummary[] = JSON.parse(stdout).backups;
  return backups.find((one) => one.id === id);
}

function clearIn({ home }: D1Project, word: string): Promise<readonly string[]> {
  return filesHolding(home, [word, key], { passing: () => false });
}
