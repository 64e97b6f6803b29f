import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { D1Fault } from '../../support/d1-faults.ts';
import { startD1Server, type D1Server } from '../../support/d1-server.ts';

// The refusals and faults of the server for our tests: a deploy is only as well tested as these are true.

let server: D1Server;
beforeAll(async () => {
  server = await startD1Server();
  await server.database('app').run('CREATE TABLE t (a integer PRIMARY KEY, b text)');
});
afterAll(() => server[Symbol.asyncDispose]());

describe('the server for our tests refuses what the service refuses', () => {
  test('a request as a whole when its last statement fails', async () => {
    const refused = await query({ sql: "INSERT INTO t VALUES (90, 'x'); INSERT INTO gone VALUES (1)" });
    expect(refused).toMatchObject({
      status: 400,
      errors: [{ code: 7500, message: 'no such table: gone: SQLITE_ERROR' }],
    });
    expect(await rows(90)).toBe(0);
  });

  test('parameters with several statements', async () => {
    const refused = await query({ sql: 'SELECT ?; SELECT 2', params: [1] });
    expect(refused).toMatchObject({ status: 400, errors: [{ code: 7400 }] });
    expect(await query({ sql: 'SELECT ? AS one', params: [1] })).toMatchObject({
      result: [{ results: [{ one: 1 }] }],
    });
  });

  const body = (between: string, begin: string) =>
    `CREATE TRIGGER g AFTER INSERT ON t${between}${begin}${between}UPDATE t SET b = 'x';${between}END;`;
  test.each([
    ['a trigger with a lower-case begin', body('\n', 'begin')],
    ['a trigger with Windows line ends', body('\r\n', 'BEGIN')],
    [
      'a trigger with a CASE',
      "CREATE TRIGGER g AFTER INSERT ON t BEGIN UPDATE t SET b = CASE WHEN 1 THEN 'x' END; DELETE FROM t; END;",
    ],
  ])('%s', async (_, sql) => {
    expect(await query({ sql })).toMatchObject({
      status: 400,
      errors: [{ code: 7500, message: expect.stringContaining('incomplete input') }],
    });
  });

  test('BEGIN, and a statement that runs into the next for want of a semicolon', async () => {
    expect(await query({ sql: 'BEGIN TRANSACTION; SELECT 1; COMMIT' })).toMatchObject({
      status: 400,
      errors: [{ message: expect.stringContaining('state.storage.transaction()') }],
    });
    expect(await query({ sql: 'SELECT 1\nINSERT INTO t VALUES (91)' })).toMatchObject({
      status: 400,
      errors: [{ message: expect.stringContaining('syntax error') }],
    });
  });

  test('an unknown token, a foreign account, an unknown database, and writing with a token that may only read', async () => {
    const path = `/accounts/${server.account}/d1/database/app/query`;
    expect(await call('POST', path, { sql: 'SELECT 1' }, 'wrong')).toMatchObject({ status: 401 });
    expect(await call('GET', `/accounts/${'0'.repeat(32)}/d1/database`)).toMatchObject({
      status: 403,
      errors: [{ code: 7403 }],
    });
    expect(await call('GET', `/accounts/${server.account}/d1/database/nobody`)).toMatchObject({
      status: 404,
      errors: [{ code: 7404 }],
    });
    const write = { sql: 'INSERT INTO t VALUES (92, 1)' };
    expect(await call('POST', path, { sql: 'SELECT 1' }, server.readToken)).toMatchObject({ status: 200 });
    expect(await call('POST', path, write, server.readToken)).toMatchObject({ status: 403 });
    expect(await rows(92)).toBe(0);
  });

  test('everything else while an export runs', async () => {
    await post('export', { output_format: 'polling' });
    expect(await query({ sql: 'SELECT 1' })).toMatchObject({
      status: 400,
      errors: [{ message: 'Currently processing a long-running export.' }],
    });
    const done = await post('export', { output_format: 'polling' });
    expect(done.result).toMatchObject({ status: 'complete' });
    expect(await query({ sql: 'SELECT 1' })).toMatchObject({ status: 200 });
  });
});

describe('a fault of the server for our tests', () => {
  const before: readonly D1Fault[] = [
    { kind: 'status', status: 429, retryAfter: 1, when: 'before' },
    { kind: 'status', status: 503, when: 'before' },
    { kind: 'cut', when: 'before' },
  ];
  test.each(before)('before: nothing of the request is run ($kind $status)', async (fault) => {
    server.fault(fault, { on: 'write', after: 1 });
    await query({ sql: "INSERT INTO t VALUES (1, 'first')" });
    await query({ sql: "INSERT INTO t VALUES (2, 'second')" }).catch(() => undefined);
    expect(server.faultIsOver()).toBe(true);
    expect([await rows(1), await rows(2)]).toEqual([1, 0]);
    await server.database('app').run('DELETE FROM t');
  });

  const after: readonly D1Fault[] = [
    { kind: 'status', status: 500, when: 'after' },
    { kind: 'cut', when: 'after' },
  ];
  test.each(after)('after: all of the request is in the database ($kind)', async (fault) => {
    server.fault(fault, { on: 'query' });
    const answer = await query({ sql: "INSERT INTO t VALUES (3, 'third')" }).catch(() => 'no answer');
    expect(answer).toEqual(fault.kind === 'cut' ? 'no answer' : expect.objectContaining({ status: 500 }));
    expect(await rows(3)).toBe(1);
    await server.database('app').run('DELETE FROM t');
  });
});

describe('an import of the server for our tests', () => {
  test('runs with foreign keys as the text sets them, and takes everything back when a statement fails', async () => {
    const rebuild =
      'PRAGMA foreign_keys=OFF; CREATE TABLE p (id integer PRIMARY KEY); CREATE TABLE c (p REFERENCES p(id) ON DELETE CASCADE); INSERT INTO p VALUES (1); INSERT INTO c VALUES (1); DROP TABLE p; CREATE TABLE p (id integer PRIMARY KEY); INSERT INTO p VALUES (1);';
    const bookmark = server.database('app').bookmark;
    expect(await importText(`${rebuild} INSERT INTO nowhere VALUES (1);`)).toMatchObject({
      success: false,
      status: 'error',
      errors: [expect.stringContaining('no such table: nowhere')],
    });
    expect(
      await server.database('app').run("SELECT count(*) AS n FROM sqlite_schema WHERE name = 'p'"),
    ).toEqual([{ n: 0 }]);
    expect(await importText(rebuild)).toMatchObject({ status: 'complete', result: { num_queries: 8 } });
    expect(await server.database('app').run('SELECT count(*) AS n FROM c')).toEqual([{ n: 1 }]);
    const earlier = `time_travel/restore?bookmark=${bookmark}`;
    expect(await post(earlier, {})).toMatchObject({ status: 200 });
    expect(await query({ sql: 'SELECT 1 FROM c' })).toMatchObject({ status: 400 });
  });
});

interface Answer {
  readonly status: number;
  readonly result: unknown;
  readonly errors: readonly { readonly code: number; readonly message: string }[];
}

async function call(method: string, path: string, body?: unknown, token = server.token): Promise<Answer> {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer: Omit<Answer, 'status'> = JSON.parse(await response.text());
  return { ...answer, status: response.status };
}

const post = (action: string, body: unknown) =>
  call('POST', `/accounts/${server.account}/d1/database/app/${action}`, body);

const query = (body: unknown) => post('query', body);

async function rows(id: number): Promise<unknown> {
  const [row] = await server.database('app').run(`SELECT count(*) AS n FROM t WHERE a = ${id}`);
  return row?.['n'];
}

async function importText(sql: string): Promise<unknown> {
  const etag = createHash('md5').update(sql).digest('hex');
  const { result: begun } = await post('import', { action: 'init', etag });
  const { upload_url = '', filename = '' }: Partial<Record<string, string>> = Object(begun);
  const uploaded = await fetch(upload_url, { method: 'PUT', body: sql });
  expect(uploaded.headers.get('etag')).toBe(`"${etag}"`);
  await post('import', { action: 'ingest', etag, filename });
  return (await post('import', { action: 'poll' })).result;
}

describe('a fault that no request has met', () => {
  test('waits while its test goes on', () => {
    server.fault({ kind: 'cut', when: 'before' }, { times: Infinity });
    expect(server.faultIsOver()).toBe(false);
  });

  test('is over in the next, however that one ended', () => expect(server.faultIsOver()).toBe(true));
});
