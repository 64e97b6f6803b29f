import { stat } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { openD1Local } from '../../../src/engines/d1/local.ts';
import { openLibsqlFile } from '../../../src/engines/libsql/file.ts';
import { openEngine } from '../../../src/engines/open.ts';
import { engineContract, type KnownDifference } from '../../contracts/engine.ts';
import { otherProgram, waitingWriter } from '../../support/processes.ts';
import { engineInFolder } from '../../support/engine-in-folder.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const alwaysOn = 'D1 keeps foreign keys on';
export const d1Differences: readonly KnownDifference[] = [
  {
    test: 'with foreign keys off rebuilds a table without touching the rows that cascade from it',
    reason: alwaysOn,
  },
  { test: 'leaves foreign keys as they were, whether it succeeds or fails', reason: alwaysOn },
];

describe('D1 in a local file', () =>
  engineContract(
    () => engineInFolder((path) => openD1Local({ path, ifMissing: 'create', busyTimeout: 1000 })),
    d1Differences,
  ));

const family = [
  'CREATE TABLE parent (id INTEGER PRIMARY KEY)',
  'CREATE TABLE child (parent REFERENCES parent (id) ON DELETE CASCADE)',
  'INSERT INTO parent VALUES (1)',
  'INSERT INTO child VALUES (1)',
];

test('foreign keys stay on in a unit whose migration switches them off, as on D1', async () => {
  await using local = await emptyLocal();
  await local.run(family);
  const dropped = await local.run(['PRAGMA foreign_keys=OFF', 'DROP TABLE parent', 'PRAGMA foreign_keys=ON']);
  expect(dropped.kind).toBe('committed');
  expect(await local.engine.query({ sql: 'SELECT * FROM child' })).toEqual([]);
});

test('rows may come before their parents where a migration defers the check, and the commit holds them to it', async () => {
  await using local = await emptyLocal();
  await local.run(family);
  const defer = 'PRAGMA defer_foreign_keys = ON';
  const early = await local.run([defer, 'INSERT INTO child VALUES (2)', 'INSERT INTO parent VALUES (2)']);
  expect(early.kind).toBe('committed');
  const orphan = await local.run([defer, 'INSERT INTO child VALUES (3)']);
  expect(orphan).toMatchObject({ kind: 'failed', error: { code: 'SQLITE_CONSTRAINT_FOREIGNKEY' } });
  expect(await local.engine.query({ sql: 'SELECT count(*) AS n FROM child' })).toEqual([{ n: 2 }]);
  expect(await local.run(['INSERT INTO child VALUES (3)'])).toMatchObject({ kind: 'failed', number: 1 });
});

test('double quotes around a string are taken as D1 takes them', async () => {
  await using local = await emptyLocal();
  const outcome = await local.run([
    'CREATE TABLE a (x DEFAULT "draft", CHECK (x IN ("draft", "done")))',
    'INSERT INTO a VALUES ("done")',
  ]);
  expect(outcome.kind).toBe('committed');
  expect(await local.engine.query({ sql: 'SELECT x FROM a WHERE "x" = "done"' })).toEqual([{ x: 'done' }]);
});

test('a unit that needs foreign keys off is a mistake of the caller', async () => {
  await using local = await emptyLocal();
  await expect(local.engine.unit({ foreignKeys: 'off', statements: [] })).rejects.toThrow(
    'D1 keeps foreign keys on',
  );
});

test('the file is made in WAL mode, with the folders above it, as miniflare makes it', async () => {
  await using folder = await temporaryFolder();
  const path = folder.file('state/v3/d1/miniflare-D1DatabaseObject/0a1b.sqlite');
  await using engine = await openD1Local({ path, ifMissing: 'create', busyTimeout: 0 });
  expect(await engine.query({ sql: 'PRAGMA journal_mode' })).toEqual([{ journal_mode: 'wal' }]);
  expect((await stat(path)).mode & 0o777).toBe(0o666 & ~process.umask());
});

test('a question to a database that nobody made yet creates nothing', async () => {
  await using folder = await temporaryFolder();
  const address = {
    kind: 'd1-local',
    path: folder.file('v3/db.sqlite'),
    id: 'DB',
    root: folder.path,
  } as const;
  expect(await openEngine(address, { purpose: 'question' })).toEqual({ kind: 'missing' });
  expect(await openEngine(address, { purpose: 'change' })).toEqual({ kind: 'missing' });
  await expect(stat(folder.file('v3'))).rejects.toThrow('ENOENT');
});

test('a question leaves no file beside the database, and reads it as D1 does', async () => {
  await using local = await emptyLocal();
  await local.run([...family, 'CREATE VIEW drafts AS SELECT "draft" AS state']);
  await local.engine[Symbol.asyncDispose]();
  const address = { kind: 'd1-local', path: local.path, id: 'DB', root: '/' } as const;
  const opened = await openEngine(address, { purpose: 'question' });
  if (opened.kind !== 'open') throw new Error(opened.kind);
  await using engine = opened.engine;
  expect(engine.foreignKeys).toBe('always-on');
  expect(await engine.query({ sql: 'SELECT * FROM parent' })).toEqual([{ id: 1 }]);
  expect(await engine.query({ sql: 'SELECT * FROM drafts' })).toEqual([{ state: 'draft' }]);
  await expect(stat(`${local.path}-wal`)).rejects.toThrow('ENOENT');
});

test('libSQL may not open the file that this engine has open in the same process', async () => {
  await using local = await emptyLocal();
  await expect(openLibsqlFile({ path: local.path, ifMissing: 'refuse', busyTimeout: 0 })).rejects.toThrow(
    /open through node:sqlite/,
  );
});

test('a unit waits for another writer, and leaves no lock behind', async () => {
  await using local = await emptyLocal();
  await using other = otherProgram(local.path, waitingWriter('BEGIN IMMEDIATE'));
  expect(await other.line()).toBe('locked');
  const insert = { sql: 'INSERT INTO sales DEFAULT VALUES', role: 'migration', number: 1 } as const;
  const unit = { foreignKeys: 'on', statements: [insert] } as const;
  expect(await local.engine.unit(unit, { busyTimeout: 0 })).toMatchObject({
    kind: 'busy',
    error: { code: 'busy' },
  });
  const waiting = local.engine.unit(unit);
  other.tell('let go');
  expect(await other.line()).toBe('free');
  expect((await waiting).kind).toBe('committed');
  other.tell('sell');
  expect(await other.line()).toBe('sold');
});

const reader = `
  db.exec('PRAGMA journal_mode = DELETE; CREATE TABLE sales (id integer PRIMARY KEY); INSERT INTO sales VALUES (1)');
  db.exec('BEGIN');
  db.prepare('SELECT * FROM sales').all();
  say('reading');
  await told();
  db.exec('COMMIT');
  say('read');
  await told();
`;

test('a unit on a file without a WAL commits when its readers are done, or is undone', async () => {
  await using local = await emptyLocal();
  await using other = otherProgram(local.path, reader);
  expect(await other.line()).toBe('reading');
  const insert = { sql: 'INSERT INTO sales VALUES (2)', role: 'migration', number: 1 } as const;
  const unit = { foreignKeys: 'on', statements: [insert] } as const;
  expect((await local.engine.unit(unit, { busyTimeout: 50 })).kind).toBe('busy');
  const waiting = local.engine.unit(unit, {
    onStatement: ({ phase }) => phase === 'done' && other.tell('go on'),
  });
  expect(await other.line()).toBe('read');
  expect((await waiting).kind).toBe('committed');
  expect(await local.engine.query({ sql: 'SELECT * FROM sales' })).toEqual([{ id: 1 }, { id: 2 }]);
});

test('a question asked while a unit runs is answered after it, not from inside', async () => {
  await using local = await emptyLocal();
  const asked: Promise<unknown>[] = [];
  const statements = ['CREATE TABLE a (x)', 'DROP TABLE a', 'CREATE TABLE b (x)'];
  const unit = await local.engine.unit(
    {
      foreignKeys: 'on',
      statements: statements.map((sql, index) => ({ sql, role: 'migration', number: index + 1 })),
    },
    {
      onStatement: ({ phase, number }) => {
        if (phase === 'done' && number === 1) {
          asked.push(local.engine.query({ sql: 'SELECT name FROM sqlite_schema' }));
        }
      },
    },
  );
  expect(unit.kind).toBe('committed');
  expect(await Promise.all(asked)).toEqual([[{ name: 'b' }]]);
});

async function emptyLocal() {
  const local = await engineInFolder((path) => openD1Local({ path, ifMissing: 'create', busyTimeout: 3000 }));
  return {
    ...local,
    run: (statements: readonly string[]) =>
      local.engine.unit({
        foreignKeys: 'on',
        statements: statements.map((sql, index) => ({ sql, role: 'migration', number: index + 1 })),
      }),
  };
}
