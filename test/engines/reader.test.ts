import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { MigrateError } from '../../src/lib/errors.ts';
import { openEngine } from '../../src/engines/open.ts';
import type { Address } from '../../src/engines/address.ts';
import { startHranaServer } from '../support/hrana-server.ts';
import { otherProgram } from '../support/processes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const writes = [
  'INSERT INTO t VALUES (2)',
  'WITH x AS (SELECT 2) INSERT INTO t SELECT * FROM x',
  'with x as (select 1) replace into t values (1)',
  'CREATE TABLE u (a)',
  'PRAGMA user_version = 5',
  'PRAGMA user_version(5)',
  'PRAGMA main.journal_mode(wal)',
  'VACUUM',
  "VACUUM INTO '/nowhere/copy.db'",
  "ATTACH '/nowhere/other.db' AS other",
  'SELECT 1; DELETE FROM t',
  'BEGIN',
  '-- nothing',
];
const reads = [
  'SELECT a FROM t',
  "WITH x AS (SELECT replace('a', 'a', 'b') AS a) SELECT * FROM x",
  'VALUES (1)',
  'EXPLAIN QUERY PLAN DELETE FROM t',
  'PRAGMA table_xinfo("t")',
  'PRAGMA main.table_info(t)',
  'PRAGMA user_version',
  'select a from t;',
];

describe('a question to a file', () => {
  test('is refused by its first word where that is a slip', async () => {
    await using folder = await temporaryFolder();
    make(folder.file('app.db'), 'CREATE TABLE t (a)');
    await using reader = await ask(folder.file('app.db'));
    await expect(reader.query({ sql: 'SELCT 1' })).rejects.toThrow('no statement begins with SELCT');
    await expect(reader.query({ sql: "'ada'" })).rejects.toThrow('the statement does more than read');
  });

  test('is answered for reads and refused for everything that writes', async () => {
    await using folder = await temporaryFolder();
    make(folder.file('app.db'), 'CREATE TABLE t (a); INSERT INTO t VALUES (1)');
    const before = readFileSync(folder.file('app.db'));
    await using reader = await ask(folder.file('app.db'));
    for (const sql of reads) expect(await reader.query({ sql })).toBeInstanceOf(Array);
    for (const sql of writes)
      await expect(reader.query({ sql }), sql).rejects.toMatchObject({ code: 'refused' });
    const unit = await reader.unit({
      foreignKeys: 'on',
      statements: [{ sql: 'DELETE FROM t', role: 'record' }],
    });
    expect(unit).toMatchObject({ kind: 'failed', error: { code: 'SQLITE_READONLY' } });
    expect(readFileSync(folder.file('app.db')).equals(before)).toBe(true);
  });

  test('in WAL mode leaves the folder as it was, and sees what is written between two answers', async () => {
    await using folder = await temporaryFolder();
    const path = folder.file('app.db');
    make(path, 'PRAGMA journal_mode = wal; CREATE TABLE t (a); INSERT INTO t VALUES (1)');
    expect(readdirSync(folder.path)).toEqual(['app.db']);
    await using reader = await ask(path);
    expect(await reader.query({ sql: 'SELECT a FROM t' })).toEqual([{ a: 1 }]);
    expect(readdirSync(folder.path)).toEqual(['app.db']);
    await using writer = otherProgram(
      path,
      `db.exec('INSERT INTO t VALUES (2)'); say('written'); await told();`,
    );
    await writer.line();
    expect(await reader.query({ sql: 'SELECT a FROM t' })).toEqual([{ a: 1 }, { a: 2 }]);
  });

  test('waits for a writer, and says which file when it stays locked', async () => {
    await using folder = await temporaryFolder();
    const path = folder.file('app.db');
    make(path, 'CREATE TABLE t (a)');
    await using writer = otherProgram(path, `db.exec('BEGIN EXCLUSIVE'); say('in'); await told();`);
    await writer.line();
    await using reader = await ask(path, 30);
    await expect(reader.query({ sql: 'SELECT a FROM t' })).rejects.toMatchObject({
      code: 'busy',
      message: expect.stringContaining(path),
    });
  });

  test('about an empty file is answered as for a database without tables', async () => {
    await using folder = await temporaryFolder();
    writeFileSync(folder.file('app.db'), '');
    await using reader = await ask(folder.file('app.db'));
    expect(await reader.query({ sql: 'SELECT name FROM sqlite_schema' })).toEqual([]);
    expect(readdirSync(folder.path)).toEqual(['app.db']);
  });

  test('about a file that is cut off says that it is no database', async () => {
    await using folder = await temporaryFolder();
    make(folder.file('app.db'), 'CREATE TABLE t (a); CREATE TABLE u (a)');
    writeFileSync(folder.file('app.db'), readFileSync(folder.file('app.db')).subarray(0, 5000));
    await using reader = await ask(folder.file('app.db'));
    await expect(reader.query({ sql: 'SELECT count(*) FROM u' })).rejects.toThrow(MigrateError);
  });

  test('gives big integers and bytes exactly', async () => {
    await using folder = await temporaryFolder();
    make(folder.file('app.db'), 'CREATE TABLE t (a)');
    await using reader = await ask(folder.file('app.db'));
    const [row] = await reader.query({
      sql: "SELECT 9007199254740993 AS big, 5 AS small, 1.5 AS real, x'00ff' AS bytes, ? AS given",
      args: [7],
    });
    expect(row).toEqual({
      big: 9007199254740993n,
      small: 5,
      real: 1.5,
      bytes: new Uint8Array([0, 255]),
      given: 7,
    });
  });
});

describe('a question to a remote database', () => {
  test('is answered for reads and refused for everything that writes', async () => {
    await using server = await startHranaServer();
    const address: Address = { kind: 'libsql-remote', url: server.url, authToken: undefined };
    const change = await openEngine(address, { purpose: 'change' });
    if (change.kind === 'missing') throw new Error('A server is never missing.');
    await using engine = change.engine;
    await engine.unit({ foreignKeys: 'on', statements: [{ sql: 'CREATE TABLE t (a)', role: 'record' }] });
    const question = await openEngine(address, { purpose: 'question' });
    if (question.kind === 'missing') throw new Error('A server is never missing.');
    await using reader = question.engine;
    for (const sql of reads) expect(await reader.query({ sql })).toBeInstanceOf(Array);
    for (const sql of writes)
      await expect(reader.query({ sql }), sql).rejects.toMatchObject({ code: 'refused' });
    expect(await engine.query({ sql: 'SELECT count(*) AS n FROM t' })).toEqual([{ n: 0 }]);
  });
});

async function ask(path: string, busy = 1000) {
  const opened = await openEngine(
    { kind: 'libsql-file', path },
    { purpose: 'question', timeouts: { connect: 1000, busy } },
  );
  if (opened.kind === 'missing') throw new Error(`${path} is missing.`);
  return opened.engine;
}

function make(file: string, sql: string): void {
  using db = new DatabaseSync(file);
  db.exec(sql);
}
