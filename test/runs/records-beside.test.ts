import { createClient } from '@libsql/client';
import { describe, expect, test } from 'vitest';
import { d1Bookkeeping } from '../../src/bookkeeping/d1.ts';
import { openEngine } from '../../src/engines/open.ts';
import { readFolder } from '../../src/migrations/read-folder.ts';
import { readSnapshot, type Snapshot } from '../../src/runs/snapshot.ts';
import { applyAll } from '../contracts/bookkeeping.ts';
import { folder0, writeFiles } from '../support/drizzle-folders.ts';
import { drizzleLines } from '../support/drizzle-lines.ts';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts';

const files = folder0([
  { tag: '0000_a', sql: 'CREATE TABLE a (x);' },
  { tag: '0001_b', sql: 'CREATE TABLE b (x);' },
]);

describe("a target that wrangler's table speaks for", () => {
  test("and in which drizzle-orm migrated as well shows what each table says, and goes by wrangler's", async () => {
    await using folder = await project();
    using client = openClient(folder);
    const migrations = await load(folder);
    await applyAll(client, migrations.slice(0, 1), bookkeepingOf(folder));
    await client.execute('DROP TABLE a');
    await drizzleLines['drizzle-0'].migrate(client, folder.file('drizzle'));
    await client.execute('DROP TABLE b');
    const { history, beside } = await snapshot(folder);
    expect(history.items.map(({ kind }) => kind)).toEqual(['applied', 'pending']);
    expect(history.notes).toEqual([
      {
        message:
          'Both d1_migrations and __drizzle_migrations are there and differ: 1 only in __drizzle_migrations (0001_b), ' +
          '1 in both; what is applied is read from d1_migrations',
      },
    ]);
    expect(beside?.onlyOther.map(({ tag }) => tag)).toEqual(['0001_b']);
  });

  test('and in which a runner of numbered files migrated shows what that has, by name or by number', async () => {
    await using folder = await project();
    using client = openClient(folder);
    await client.executeMultiple(
      "CREATE TABLE _migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL); INSERT INTO _migrations VALUES (7, '0000_a.sql', 1), (1, 'renamed', 2), (9, 'lost', 3);",
    );
    const { history, beside } = await snapshot(folder);
    expect(history.items.map(({ kind }) => kind)).toEqual(['pending', 'pending']);
    expect(history.notes).toEqual([
      {
        message:
          'd1_migrations has no record, and _migrations of another runner has some: 2 only in _migrations (0000_a, 0001_b); what is applied is read from d1_migrations',
      },
    ]);
    expect(beside?.onlyOther.map(({ tag }) => tag)).toEqual(['0000_a', '0001_b']);
    expect(beside?.otherOrphans.map(({ name }) => name)).toEqual(['lost']);
  });

  test('and in which the other table is empty, missing or somebody else’s has nothing to show', async () => {
    for (const sql of [
      'CREATE TABLE x (y)',
      'CREATE TABLE __drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric)',
      'CREATE TABLE __drizzle_migrations (name); INSERT INTO __drizzle_migrations VALUES (1)',
      'CREATE TABLE _migrations (version, name)',
      'CREATE TABLE _migrations (file, applied); INSERT INTO _migrations VALUES (1, 2)',
    ]) {
      await using folder = await project();
      using client = openClient(folder);
      await client.executeMultiple(sql);
      const { history, beside } = await snapshot(folder);
      expect(beside).toBeUndefined();
      expect(history.notes).toEqual([]);
    }
  });
});

async function project(): Promise<TemporaryFolder> {
  const folder = await temporaryFolder();
  await writeFiles(folder.file('drizzle'), files);
  return folder;
}

function openClient(folder: TemporaryFolder) {
  const client = createClient({ url: `file:${folder.file('app.db')}` });
  return Object.assign(client, { [Symbol.dispose]: () => client.close() });
}

async function load(folder: TemporaryFolder) {
  return (await readFolder({ directory: folder.file('drizzle'), recordedBy: 'd1' })).migrations;
}

function bookkeepingOf(folder: TemporaryFolder) {
  return d1Bookkeeping({ directory: folder.file('drizzle'), table: 'd1_migrations' });
}

async function snapshot(folder: TemporaryFolder): Promise<Snapshot> {
  const opened = await openEngine(
    { kind: 'libsql-file', path: folder.file('app.db') },
    { purpose: 'question', ifMissing: 'refuse' },
  );
  if (opened.kind !== 'open') throw new Error('The database is not there.');
  await using engine = opened.engine;
  return await readSnapshot(engine, { migrations: await load(folder), bookkeeping: bookkeepingOf(folder) });
}
