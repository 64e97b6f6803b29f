import { createServer } from 'node:http';
import { describe, expect, test } from 'vitest';
import type { Engine, Unit } from '../../src/engines/engine.ts';
import { settle } from '../../src/engines/settle.ts';
import { openLibsqlRemote } from '../../src/engines/libsql/remote.ts';
import { Secret } from '../../src/lib/secret.ts';
import { startHranaServer } from '../support/hrana-server.ts';
import { otherProgram } from '../support/processes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// The server is our own on the real engine (test/support/hrana-server.ts says what it is not).
const unit = (foreignKeys: Unit['foreignKeys']): Unit => ({
  foreignKeys,
  statements: [
    { sql: 'CREATE TABLE a (x)', role: 'migration', number: 1 },
    { sql: 'INSERT INTO a VALUES (1)', role: 'record' },
  ],
});

describe.each(['on', 'off'] as const)('a unit with foreign keys %s, sent to a server', (foreignKeys) => {
  test('is one request', async () => {
    await using server = await startHranaServer();
    await using engine = await open(server.url);
    const before = server.requests.length;
    expect(await engine.unit(unit(foreignKeys))).toMatchObject({ kind: 'committed' });
    expect(server.requests.length).toBe(before + 1);
  });

  test.each([
    ['before the commit', 'cut-before-commit', []],
    ['after the commit', 'cut-after-commit', ['a']],
  ] as const)(
    'whose connection breaks %s is not known, and never sent again',
    async (_when, kind, tables) => {
      await using server = await startHranaServer();
      await using engine = await open(server.url);
      server.fault({ kind, times: 1 });
      const before = server.requests.length;
      expect(await engine.unit(unit(foreignKeys))).toMatchObject({
        kind: 'unknown',
        error: { code: 'unreachable' },
      });
      expect(server.requests.length).toBe(before + 1);
      expect(await tablesOf(engine)).toEqual(tables);
    },
  );

  test.each([
    ['before the commit', 'cut-before-commit', 'undone'],
    ['after the commit', 'cut-after-commit', 'committed'],
  ] as const)(
    'whose connection breaks %s is read back, also once the run is to stop',
    async (_when, kind, became) => {
      await using server = await startHranaServer();
      const stopping = new AbortController();
      await using engine = await open(server.url, { signal: stopping.signal });
      await engine.unit({ foreignKeys: 'on', statements: [{ sql: 'CREATE TABLE b (x)', role: 'record' }] });
      server.fault({ kind, times: 1 });
      const { kind: outcome } = await engine.unit(unit(foreignKeys));
      stopping.abort();
      const landed = { sql: 'SELECT 1 FROM sqlite_schema WHERE name = ?', args: ['a'] };
      const behind = [{ sql: 'INSERT INTO b VALUES (1)' }];
      expect([outcome, await settle(engine, landed, behind)]).toEqual(['unknown', became]);
    },
  );

  test('that a server answers with 500 is not known', async () => {
    await using server = await startHranaServer();
    await using engine = await open(server.url);
    server.fault({ kind: 'status', status: 500, times: 1 });
    expect(await engine.unit(unit(foreignKeys))).toMatchObject({ kind: 'unknown' });
  });

  test('for a server that is gone has certainly not begun', async () => {
    const server = await startHranaServer();
    await using engine = await open(server.url);
    await server[Symbol.asyncDispose]();
    expect(await engine.unit(unit(foreignKeys))).toMatchObject({
      kind: 'failed',
      error: { code: 'NOT_SENT', message: expect.stringContaining('nothing listens') },
    });
  });

  test.each(['VACUUM', 'CREATE TEMP TABLE x (a)', "ATTACH 'x' AS y", 'PRAGMA journal_mode = wal'])(
    'with %s, which a server refuses, is undone',
    async (sql) => {
      await using server = await startHranaServer();
      await using engine = await open(server.url);
      const refused: Unit = {
        foreignKeys,
        statements: [...unit(foreignKeys).statements, { sql, role: 'migration', number: 2 }],
      };
      expect(await engine.unit(refused)).toMatchObject({
        kind: 'failed',
        number: 2,
        error: { code: 'SQL_PARSE_ERROR' },
      });
      expect(await tablesOf(engine)).toEqual([]);
    },
  );

  test('beside another writer is busy, and nothing was begun', async () => {
    await using folder = await temporaryFolder();
    await using server = await startHranaServer({ file: folder.file('served.db') });
    await using engine = await open(server.url);
    await using writer = otherProgram(
      folder.file('served.db'),
      `db.exec('BEGIN IMMEDIATE'); say('in'); await told();`,
    );
    await writer.line();
    expect(await engine.unit(unit(foreignKeys))).toMatchObject({ kind: 'busy', error: { code: 'busy' } });
    await writer.stop();
    expect(await tablesOf(engine)).toEqual([]);
  });
});

describe('a read from a server', () => {
  test('is asked again when the server fails for a moment', async () => {
    await using server = await startHranaServer();
    await using engine = await open(server.url);
    server.fault({ kind: 'cut', times: 1 });
    expect(await engine.query({ sql: 'SELECT 1 AS one' })).toEqual([{ one: 1 }]);
    server.fault({ kind: 'status', status: 503, times: 2 });
    expect(await engine.query({ sql: 'SELECT 1 AS one' })).toEqual([{ one: 1 }]);
    server.fault({ kind: 'status', status: 503, times: 9 });
    await expect(engine.query({ sql: 'SELECT 1' })).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('HTTP 503'),
    });
  });

  test('ends when the signal comes', async () => {
    await using server = await startHranaServer();
    const stop = new AbortController();
    await using engine = await openLibsqlRemote({
      url: server.url,
      authToken: undefined,
      connectTimeout: 5000,
      signal: stop.signal,
    });
    server.fault({ kind: 'slow', milliseconds: 60_000, times: 1 });
    const asked = engine.query({ sql: 'SELECT 1' });
    stop.abort();
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('opening a remote database', () => {
  const secret = 'very-secret-token';

  test('with a wrong token says so, without the token', async () => {
    await using server = await startHranaServer({ token: 'another' });
    const failure = await failureOf(server.url);
    expect(failure).toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('refuses the token (HTTP 401)'),
      next: expect.stringContaining('environment variable'),
    });
  });

  test.each([
    ['libsql://nobody.invalid', /its name (is not known|could not be looked up)/],
    ['http://127.0.0.1:4', /127\.0\.0\.1:4 cannot be reached: nothing listens/],
    ['libsql://127.0.0.1:1', /127\.0\.0\.1:1 cannot be reached: no program may connect to this port by HTTP/],
    ['ftp://127.0.0.1', /is not an address of a libSQL database/],
    ['not a url', /is not a URL/],
    [`libsql://127.0.0.1?authToken=${secret}&x=1`, /is not an address of a libSQL database/],
  ])('at %s says what is wrong', async (url, message) => {
    expect(await failureOf(url)).toMatchObject({
      message: expect.stringMatching(message),
      next: expect.any(String),
    });
  });

  test('through TLS at a server without it says so', async () => {
    await using server = await startHranaServer();
    expect(await failureOf(server.url.replace('http:', 'https:'))).toMatchObject({
      message: expect.stringContaining('certificate is refused'),
    });
  });

  test('at a web server that is no database says so', async () => {
    const web = createServer((_request, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>hello</h1>'),
    );
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    const address = web.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const failure = await failureOf(`http://127.0.0.1:${port}`);
    web.close();
    expect(failure).toMatchObject({ message: expect.stringContaining('is not a libSQL server') });
  });

  test('that does not answer ends after the time it was given', async () => {
    await using server = await startHranaServer();
    server.fault({ kind: 'slow', milliseconds: 60_000, times: 1 });
    const opening = openLibsqlRemote({ url: server.url, authToken: undefined, connectTimeout: 50 });
    await expect(opening).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('did not answer in time'),
    });
  });

  async function failureOf(url: string): Promise<Error> {
    const failure = await openLibsqlRemote({ url, authToken: new Secret(secret), connectTimeout: 5000 }).then(
      () => new Error('It opened.'),
      (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
    );
    expect(JSON.stringify([failure.message, failure, String(failure.cause)])).not.toContain(secret);
    return failure;
  }
});

async function open(url: string, more: { readonly signal?: AbortSignal } = {}): Promise<Engine> {
  return openLibsqlRemote({ url, authToken: undefined, connectTimeout: 5000, ...more });
}

async function tablesOf(engine: Engine): Promise<readonly unknown[]> {
  return (await engine.query({ sql: 'SELECT name FROM sqlite_schema' })).map(({ name }) => name);
}
