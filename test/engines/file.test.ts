import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import type { Unit } from '../../src/engines/engine.ts';
import { openLibsqlFile } from '../../src/engines/libsql/file.ts';
import { openEngine } from '../../src/engines/open.ts';
import { otherProgram } from '../support/processes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const insert: Unit = {
  foreignKeys: 'off',
  statements: [{ sql: "INSERT INTO t VALUES ('ours')", role: 'migration', number: 1 }],
};

describe('opening a file for a change', () => {
  test.each([
    ['a folder', (path: string) => mkdirSync(path), /is a folder/],
    [
      'a text file',
      (path: string) => writeFileSync(path, 'hello, hello, hello'),
      /is not an SQLite database/,
    ],
  ])('that is %s is refused, and leaves it alone', async (_what, make, message) => {
    await using folder = await temporaryFolder();
    make(folder.file('app.db'));
    const opening = openLibsqlFile({ path: folder.file('app.db'), ifMissing: 'create', busyTimeout: 0 });
    await expect(opening).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(message),
    });
    expect(readdirSync(folder.path)).toEqual(['app.db']);
  });

  test('that is missing creates it only when told to', async () => {
    await using folder = await temporaryFolder();
    const address = { kind: 'libsql-file', path: folder.file('app.db') } as const;
    expect(await openEngine(address, { purpose: 'change' })).toEqual({ kind: 'missing' });
    expect(await openEngine(address, { purpose: 'question', ifMissing: 'create' })).toEqual({
      kind: 'missing',
    });
    expect(readdirSync(folder.path)).toEqual([]);
    const opened = await openEngine(address, { purpose: 'change', ifMissing: 'create' });
    if (opened.kind === 'open') await opened.engine[Symbol.asyncDispose]();
    expect(opened.kind).toBe('open');
    expect(existsSync(folder.file('app.db'))).toBe(true);
  });

  test('is made with its folder, and says so where that cannot be', async () => {
    await using folder = await temporaryFolder();
    const opened = (path: string) =>
      openLibsqlFile({ path: folder.file(path), ifMissing: 'create', busyTimeout: 0 });
    await (await opened('data/of/app.db'))[Symbol.asyncDispose]();
    expect(readdirSync(folder.file('data/of'))).toEqual(['app.db']);
    // Below a link to nowhere no folder can be made, not even by root.
    symlinkSync(folder.file('nowhere'), folder.file('link'));
    await expect(opened('link/app.db')).rejects.toMatchObject({
      code: 'storage',
      message: expect.stringMatching(/The folder .*link cannot be created/),
    });
  });

  test('finds a file whose name has the letters of a URL', async () => {
    await using folder = await temporaryFolder();
    const path = folder.file('a b?c#d%20é.db');
    {
      await using engine = await openLibsqlFile({ path, ifMissing: 'create', busyTimeout: 0 });
      await engine.unit({ foreignKeys: 'on', statements: [{ sql: 'CREATE TABLE t (a)', role: 'record' }] });
    }
    expect(readdirSync(folder.path)).toEqual(['a b?c#d%20é.db']);
    const opened = await openEngine({ kind: 'libsql-file', path }, { purpose: 'question' });
    if (opened.kind === 'missing') throw new Error('The reader does not find it.');
    await using reader = opened.engine;
    expect(await reader.query({ sql: 'SELECT name FROM sqlite_schema' })).toEqual([{ name: 't' }]);
  });

  test('is a bug while the same process reads it through the other library', async () => {
    await using folder = await temporaryFolder();
    make(folder.file('app.db'), 'CREATE TABLE t (a)');
    const opened = await openEngine(
      { kind: 'libsql-file', path: folder.file('app.db') },
      { purpose: 'question' },
    );
    if (opened.kind === 'missing') throw new Error('It is there.');
    await using reader = opened.engine;
    await reader.query({ sql: 'SELECT 1' });
    const opening = openLibsqlFile({ path: folder.file('app.db'), ifMissing: 'refuse', busyTimeout: 0 });
    await expect(opening).rejects.toThrow('open through node:sqlite in this process');
  });
});

describe('a unit on a file', () => {
  test('waits for a writer, and the program goes on meanwhile', async () => {
    await using folder = await temporaryFolder();
    const path = folder.file('app.db');
    make(path, 'CREATE TABLE t (a)');
    await using writer = otherProgram(
      path,
      `db.exec("BEGIN IMMEDIATE; INSERT INTO t VALUES ('theirs')"); say('in'); await told(); db.exec('COMMIT'); say('out'); await told();`,
    );
    await writer.line();
    await using engine = await openLibsqlFile({ path, ifMissing: 'refuse', busyTimeout: 20_000 });
    const running = engine.unit(insert);
    // Only a loop that turns while the unit waits can get here and let the writer go.
    await new Promise((resolve) => setTimeout(resolve, 1));
    writer.tell('commit');
    expect(await writer.line()).toBe('out');
    expect(await running).toMatchObject({ kind: 'committed' });
    expect(await engine.query({ sql: 'SELECT a FROM t' })).toEqual([{ a: 'theirs' }, { a: 'ours' }]);
  });

  test('gives up on a writer that stays, and says which file', async () => {
    await using folder = await temporaryFolder();
    const path = folder.file('app.db');
    make(path, 'CREATE TABLE t (a)');
    await using writer = otherProgram(path, `db.exec('BEGIN IMMEDIATE'); say('in'); await told();`);
    await writer.line();
    await using engine = await openLibsqlFile({ path, ifMissing: 'refuse', busyTimeout: 30 });
    expect(await engine.unit(insert)).toMatchObject({
      kind: 'busy',
      error: { code: 'busy', message: expect.stringContaining(path) },
    });
    const stop = new AbortController();
    const waiting = engine.unit(insert, { signal: stop.signal, busyTimeout: 60_000 });
    stop.abort();
    expect(await waiting).toEqual({ kind: 'stopped' });
  });

  test('commits as soon as a reader that was in the way is gone', async () => {
    await using folder = await temporaryFolder();
    const path = folder.file('app.db');
    make(path, "CREATE TABLE t (a); INSERT INTO t VALUES ('old')");
    await using reader = otherProgram(
      path,
      `db.exec('BEGIN'); db.prepare('SELECT * FROM t').all(); say('in'); await told(); db.exec('COMMIT'); say('out'); await told();`,
    );
    await reader.line();
    await using engine = await openLibsqlFile({ path, ifMissing: 'refuse', busyTimeout: 20_000 });
    const running = engine.unit(insert, {
      onStatement: ({ phase }) => {
        if (phase === 'done') reader.tell('go');
      },
    });
    expect(await running).toMatchObject({ kind: 'committed' });
  });

  test('beside a reader that stays is rolled back, and nobody is locked out', async () => {
    await using folder = await temporaryFolder();
    const path = folder.file('app.db');
    make(path, "CREATE TABLE t (a); INSERT INTO t VALUES ('old')");
    await using reader = otherProgram(
      path,
      `db.exec('BEGIN'); db.prepare('SELECT * FROM t').all(); say('in'); await told(); db.exec("COMMIT; INSERT INTO t VALUES ('theirs')"); say('out'); await told();`,
    );
    await reader.line();
    await using engine = await openLibsqlFile({ path, ifMissing: 'refuse', busyTimeout: 30 });
    expect(await engine.unit(insert)).toMatchObject({ kind: 'busy' });
    reader.tell('write');
    expect(await reader.line()).toBe('out');
    expect(await engine.query({ sql: 'SELECT a FROM t' })).toEqual([{ a: 'old' }, { a: 'theirs' }]);
  });

  test('keeps its lock when the same process asks about the file meanwhile', async () => {
    await using folder = await temporaryFolder();
    const path = folder.file('app.db');
    make(path, 'CREATE TABLE t (a)');
    await using engine = await openLibsqlFile({ path, ifMissing: 'refuse', busyTimeout: 0 });
    const outcome = await engine.unit(insert, {
      afterStatement: async () => {
        const asking = openEngine({ kind: 'libsql-file', path }, { purpose: 'question' }).then(
          async (opened) => {
            if (opened.kind === 'open') await opened.engine.query({ sql: 'SELECT 1' });
          },
        );
        await expect(asking).rejects.toThrow('open through libsql in this process');
        await using writer = otherProgram(
          path,
          `db.exec('PRAGMA busy_timeout = 0'); try { db.exec('BEGIN IMMEDIATE'); say('in'); } catch (error) { say(error.message); } await told();`,
        );
        expect(await writer.line()).toBe('database is locked');
      },
    });
    expect(outcome).toMatchObject({ kind: 'committed' });
  });

  test('on a full database says that the disk is full, and nothing stays', async () => {
    await using folder = await temporaryFolder();
    const path = folder.file('app.db');
    make(path, 'CREATE TABLE t (a)');
    await using engine = await openLibsqlFile({ path, ifMissing: 'refuse', busyTimeout: 0 });
    // The engine's own limit raises the same SQLITE_FULL as a disk without space.
    await engine.query({ sql: 'PRAGMA max_page_count = 3' });
    const filling: Unit = {
      foreignKeys: 'on',
      statements: [{ sql: 'INSERT INTO t VALUES (zeroblob(100000))', role: 'migration', number: 1 }],
    };
    expect(await engine.unit(filling)).toMatchObject({
      kind: 'failed',
      number: 1,
      error: { code: 'SQLITE_FULL', message: expect.stringContaining('disk is full') },
    });
    expect(await engine.query({ sql: 'SELECT count(*) AS n FROM t' })).toEqual([{ n: 0 }]);
  });

  test('leaves a file that another program changes at once when the engine is closed', async () => {
    await using folder = await temporaryFolder();
    const path = folder.file('app.db');
    make(path, 'CREATE TABLE t (a)');
    {
      await using engine = await openLibsqlFile({ path, ifMissing: 'refuse', busyTimeout: 0 });
      await engine.unit(insert);
      await engine.unit({ foreignKeys: 'on', statements: [{ sql: 'nonsense', role: 'record' }] });
    }
    await using writer = otherProgram(
      path,
      `db.exec("PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE; INSERT INTO t VALUES ('theirs'); COMMIT"); say('written'); await told();`,
    );
    expect(await writer.line()).toBe('written');
  });
});

function make(file: string, sql: string): void {
  using db = new DatabaseSync(file);
  db.exec(sql);
}
