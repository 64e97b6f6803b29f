import { readFile, readdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { expect, test, vi } from 'vitest';
import { isServed } from '../../../src/engines/d1/is-served.ts';
import { openD1Local } from '../../../src/engines/d1/local.ts';
import { openEngine } from '../../../src/engines/open.ts';
import { backupFile } from '../../../src/engines/libsql/backup-file.ts';
import { restoreFile } from '../../../src/engines/libsql/restore-file.ts';
import { miniflarePath } from '../../../src/project/miniflare-path.ts';
import { startD1Database } from '../../support/d1-engine.ts';
import { otherProgram } from '../../support/processes.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

test('a dev server that has the file open is noticed, and one that ended is not', async () => {
  await using folder = await temporaryFolder();
  const file = miniflarePath(folder.path, 'DB');
  expect(await isServed(file)).toBe('no');
  {
    await using server = await startD1Database(folder.path);
    await server.batch(shop);
    expect(server.file).toBe(file);
    expect(await isServed(file)).toBe('yes');
    await server.batch(["INSERT INTO item VALUES (9, 'gear')"]);
  }
  expect(await isServed(file)).toBe('no');
});

test('asking whether a server has the file open leaves every file as it is', async () => {
  await using folder = await temporaryFolder();
  const file = miniflarePath(folder.path, 'DB');
  {
    await using server = await startD1Database(folder.path);
    await server.batch(shop);
    const before = await filesBeside(file);
    expect(await isServed(file)).toBe('yes');
    expect(await filesBeside(file)).toEqual(before);
  }
  // The server is killed with rows in the WAL: writing them back is not for a question to do.
  const before = await filesBeside(file);
  expect(before.map(({ name }) => name)).toContainEqual(expect.stringMatching(/-wal$/));
  expect(await isServed(file)).toBe('no');
  expect(await filesBeside(file)).toEqual(before);
});

test('a question sees what stands in the WAL of a server, running or killed, and leaves it there', async () => {
  await using folder = await temporaryFolder();
  const file = miniflarePath(folder.path, 'DB');
  const address = { kind: 'd1-local', path: file, id: 'DB', root: folder.path } as const;
  const ask = async () => {
    const opened = await openEngine(address, { purpose: 'question' });
    if (opened.kind !== 'open') throw new Error(opened.kind);
    await using engine = opened.engine;
    return await engine.query({ sql: 'SELECT * FROM item ORDER BY id' });
  };
  {
    await using server = await startD1Database(folder.path);
    await server.batch(shop);
    const before = await filesBeside(file);
    expect(await ask()).toEqual(rows);
    expect(await filesBeside(file)).toEqual(before);
  }
  const before = await filesBeside(file);
  expect(await ask()).toEqual(rows);
  expect(await filesBeside(file)).toEqual(before);
});

test('a backup beside a running server has the rows that stand in its WAL', async () => {
  await using folder = await temporaryFolder();
  await using server = await startD1Database(folder.path);
  await server.batch(shop);
  const copy = await backupFile({ from: server.file, to: folder.file('backup.db') });
  expect(copy.tables).toEqual([{ table: 'item', rows: 2 }]);
  await server.batch(["INSERT INTO item VALUES (3, 'gear')"]);
  expect(await server.query({ sql: 'SELECT count(*) AS n FROM item' })).toEqual([{ n: 3 }]);
});

test('a restore beside a running server is what it sees next, in the same file, and it goes on', async () => {
  await using folder = await temporaryFolder();
  await using server = await startD1Database(folder.path);
  await server.batch(shop);
  const backup = folder.file('backup.db');
  await backupFile({ from: server.file, to: backup });
  await server.batch([
    'DELETE FROM item',
    'ALTER TABLE item ADD COLUMN price',
    'CREATE TABLE later (x)',
    `INSERT INTO later SELECT hex(randomblob(2000)) FROM json_each('[${'1,'.repeat(500)}1]')`,
  ]);
  const { ino } = await stat(server.file);
  await restoreFile({ from: backup, to: server.file, ifMissing: 'refuse' });
  expect(await server.query({ sql: 'SELECT * FROM item ORDER BY id' })).toEqual(rows);
  expect(await server.query({ sql: "SELECT name FROM sqlite_schema WHERE name = 'later'" })).toEqual([]);
  expect((await stat(server.file)).ino).toBe(ino);
  await server.batch(["INSERT INTO item VALUES (3, 'gear')"]);
  expect(await server.query({ sql: 'PRAGMA quick_check' })).toEqual([{ quick_check: 'ok' }]);
  await using engine = await openD1Local({ path: server.file, ifMissing: 'refuse', busyTimeout: 1000 });
  expect(await engine.query({ sql: 'SELECT count(*) AS n FROM item' })).toEqual([{ n: 3 }]);
  expect(await engine.query({ sql: 'PRAGMA journal_mode' })).toEqual([{ journal_mode: 'wal' }]);
});

test('a restore comes through while the server is asked and written to all the time', async () => {
  await using folder = await temporaryFolder();
  await using server = await startD1Database(folder.path);
  await server.batch(shop);
  const backup = folder.file('backup.db');
  await backupFile({ from: server.file, to: backup });
  await server.batch(['CREATE TABLE later (x)']);
  const enough = new AbortController();
  let written = 0;
  const failures: string[] = [];
  const traffic = async () => {
    while (!enough.signal.aborted) {
      await server.batch([`UPDATE item SET name = 'x${written}' WHERE id = 2`]).then(
        () => (written += 1),
        (error: unknown) => failures.push(String(error)),
      );
    }
  };
  const running = traffic();
  await vi.waitUntil(() => written > 5);
  await restoreFile({ from: backup, to: server.file, ifMissing: 'refuse' }).finally(() => enough.abort());
  await running;
  // workerd does not wait for our lock: it fails the request that meets it, whole, and takes the next one.
  expect(failures.filter((text) => !/SQLITE_BUSY|database is locked/.test(text))).toEqual([]);
  expect(await server.query({ sql: 'SELECT * FROM item WHERE id = 1' })).toEqual([rows[0]]);
  expect(await server.query({ sql: "SELECT name FROM sqlite_schema WHERE name = 'later'" })).toEqual([]);
  expect(await server.query({ sql: 'PRAGMA quick_check' })).toEqual([{ quick_check: 'ok' }]);
});

test('a restore says busy when a writer keeps the file, and leaves it as it is', async () => {
  await using folder = await temporaryFolder();
  await using server = await startD1Database(folder.path);
  await server.batch(shop);
  const backup = folder.file('backup.db');
  await backupFile({ from: server.file, to: backup });
  await server.batch(["INSERT INTO item VALUES (3, 'gear')"]);
  await using other = otherProgram(server.file, "db.exec('BEGIN IMMEDIATE'); say('locked'); await told();");
  expect(await other.line()).toBe('locked');
  const restored = restoreFile({ from: backup, to: server.file, ifMissing: 'refuse', busyTimeout: 200 });
  await expect(restored).rejects.toMatchObject({ code: 'busy' });
  await other.stop();
  expect(await server.query({ sql: 'SELECT count(*) AS n FROM item' })).toEqual([{ n: 3 }]);
});

test('units and the server see what the other commits at once', async () => {
  await using folder = await temporaryFolder();
  await using server = await startD1Database(folder.path);
  await server.batch(shop);
  await using engine = await openD1Local({ path: server.file, ifMissing: 'refuse', busyTimeout: 1000 });
  const unit = await engine.unit({
    foreignKeys: 'on',
    statements: [{ sql: 'ALTER TABLE item ADD COLUMN price DEFAULT 2', role: 'migration', number: 1 }],
  });
  expect(unit.kind).toBe('committed');
  expect(await server.query({ sql: 'SELECT price FROM item WHERE id = 1' })).toEqual([{ price: 2 }]);
  await server.batch(['INSERT INTO item (id, price) VALUES (3, 7)']);
  expect(await engine.query({ sql: 'SELECT price FROM item WHERE id = 3' })).toEqual([{ price: 7 }]);
});

const shop = [
  'CREATE TABLE item (id INTEGER PRIMARY KEY, name)',
  "INSERT INTO item VALUES (1, 'bolt'), (2, 'nut')",
];
const rows = [
  { id: 1, name: 'bolt' },
  { id: 2, name: 'nut' },
];

/** Name, time of change, links and content of everything that belongs to the database; `-shm` is shared memory. */
async function filesBeside(file: string) {
  const folder = dirname(file);
  const names = (await readdir(folder)).filter(
    (name) => !name.startsWith('metadata') && !name.endsWith('-shm'),
  );
  return Promise.all(
    names.toSorted().map(async (name) => {
      const { mtimeNs, nlink } = await stat(`${folder}/${name}`, { bigint: true });
      return { name, mtimeNs, nlink, content: (await readFile(`${folder}/${name}`)).toString('base64') };
    }),
  );
}
