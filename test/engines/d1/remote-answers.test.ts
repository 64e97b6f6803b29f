import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { openD1Remote } from '../../../src/engines/d1/remote/remote.ts';
import { requestBytes } from '../../../src/engines/d1/remote/unit.ts';
import type { Sent, Unit, UnitProgress } from '../../../src/engines/engine.ts';
import { Secret } from '../../../src/lib/secret.ts';
import {
  describedDatabase,
  done,
  refused,
  scriptedAddress,
  scriptedApi,
  type ScriptedAnswer,
  type ScriptedRequest,
} from '../../support/scripted-api.ts';

const base = `/accounts/acc/d1/database/${describedDatabase.uuid}`;
const unit: Unit = {
  foreignKeys: 'on',
  statements: [
    { sql: 'CREATE TABLE a (x) -- the first', role: 'migration', number: 1 },
    { sql: 'INSERT INTO a VALUES (?)', args: ["it's"], role: 'record' },
  ],
};
const patience = { connectTimeout: 2000 };

describe('a unit', () => {
  test('is one request with parameters in its text, and tells the time of its statements', async () => {
    const results = [result(1.5), result(0.5)];
    await using api = await withDatabase((request) =>
      request.path === `${base}/query` ? done(results) : undefined,
    );
    await using engine = await openD1Remote(scriptedAddress(api.url), patience);
    const sent: Sent[] = [];
    const outcome = await engine.unit(unit, { onSent: (one) => sent.push(one) });
    expect(outcome).toEqual({ kind: 'committed', took: [1.5] });
    expect(api.requests.slice(1)).toEqual([
      {
        method: 'POST',
        path: `${base}/query`,
        authorization: 'Bearer s3cret-token',
        body: { sql: "CREATE TABLE a (x) -- the first\n;\nINSERT INTO a VALUES ('it''s');" },
      },
    ]);
    expect(sent).toMatchObject([
      { role: 'request', what: 'POST D1 shop-production /query, 2 statements', outcome: { kind: 'ok' } },
    ]);
  });

  test('whose text the server cut in another way still counts, without times', async () => {
    await using api = await withDatabase(({ path }) =>
      path === `${base}/query` ? done([result(1)]) : undefined,
    );
    await using engine = await openD1Remote(scriptedAddress(api.url), patience);
    expect(await engine.unit(unit)).toEqual({ kind: 'committed', took: [] });
  });

  test.each<[string, ScriptedAnswer]>([
    ['is cut off before any answer', 'cut'],
    ['is cut off inside the answer', 'half'],
    ['is answered with 500', { status: 500, text: 'oops' }],
    ['is answered with 502 of a gateway', { status: 502, text: '<html>' }],
    ['is answered with 504', refused(504, 7500, 'timed out')],
    ['is answered with something that is no JSON', { status: 200, text: 'hello' }],
    [
      'is answered with a redirection',
      { status: 302, headers: { location: 'https://elsewhere.example' }, text: '' },
    ],
    [
      'meets a database that was reset',
      refused(400, 7500, 'D1 DB storage operation exceeded timeout which caused object to be reset.'),
    ],
    ['loses the connection inside the service', refused(400, 7500, 'Network connection lost.')],
    ['meets an internal error', refused(400, 7500, 'internal error; reference = abc')],
    ['is refused with 429 for a reason that is not known', refused(429, 7500, 'something else')],
  ])('that %s has an unknown outcome, and is not sent again', async (_title, answer) => {
    await using api = await withDatabase(({ path }) => (path === `${base}/query` ? answer : undefined));
    await using engine = await openD1Remote(scriptedAddress(api.url), patience);
    const outcome = await engine.unit(unit);
    expect(outcome).toMatchObject({ kind: 'unknown', error: { code: 'unreachable' } });
    expect(inspect(outcome, { depth: 9 })).not.toContain('s3cret');
    expect(sentTo(api.requests, '/query')).toBe(1);
  });

  test.each<[string, ScriptedAnswer, object]>([
    [
      'breaks a statement',
      refused(400, 7500, 'no such table: b: SQLITE_ERROR'),
      { kind: 'failed', error: { message: 'no such table: b', code: 'SQLITE_ERROR' } },
    ],
    [
      'has a mistake at some place',
      refused(400, 7500, 'near "SELEC": syntax error at offset 12: SQLITE_ERROR'),
      { kind: 'failed', error: { message: 'near "SELEC": syntax error' } },
    ],
    [
      'breaks a constraint',
      refused(
        400,
        7500,
        'UNIQUE constraint failed: a.x: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_UNIQUE)',
      ),
      { kind: 'failed', error: { code: 'SQLITE_CONSTRAINT_UNIQUE' } },
    ],
    [
      'is taken for incomplete by the server',
      refused(400, 7500, 'incomplete input'),
      { kind: 'failed', error: { message: 'incomplete input' } },
    ],
    [
      'raises a guard',
      refused(400, 7500, "bad JSON path: 'migrate-tui-guard:rows:users 3': SQLITE_ERROR"),
      { kind: 'guarded', guard: 'rows', detail: 'users 3' },
    ],
    [
      'comes during an export',
      refused(400, 7500, 'Currently processing a long-running export.'),
      { kind: 'busy', error: { code: 'busy' } },
    ],
    [
      'comes too soon',
      {
        ...object(refused(429, 971, 'Please wait and consider throttling your request speed')),
        headers: { 'retry-after': '30' },
      },
      { kind: 'busy', error: { message: expect.stringContaining('for 30 s') } },
    ],
    [
      'meets a database with too much to do',
      refused(429, 7500, 'D1 DB is overloaded. Requests queued for too long.'),
      { kind: 'busy' },
    ],
    [
      'is not allowed',
      refused(403, 10_000, 'Authentication error'),
      { kind: 'failed', error: { message: expect.stringContaining('refuses the token') } },
    ],
    [
      'may only read',
      refused(403, 7500, 'no'),
      { kind: 'failed', error: { message: expect.stringContaining('may not do this') } },
    ],
    ['finds no database any more', refused(404, 7404, 'not found'), { kind: 'failed' }],
  ])('that %s has not changed anything, and says so', async (_title, answer, expected) => {
    await using api = await withDatabase(({ path }) => (path === `${base}/query` ? answer : undefined));
    await using engine = await openD1Remote(scriptedAddress(api.url), patience);
    const outcome = await engine.unit(unit);
    expect(outcome).toMatchObject(expected);
    expect(outcome).not.toHaveProperty('number');
    expect(sentTo(api.requests, '/query')).toBe(1);
  });

  test('for a server that is gone has not begun', async () => {
    const api = await withDatabase(() => undefined);
    await using engine = await openD1Remote(scriptedAddress(api.url), patience);
    await api[Symbol.asyncDispose]();
    expect(await engine.unit(unit)).toMatchObject({
      kind: 'failed',
      error: { code: 'NOT_SENT ECONNREFUSED' },
    });
  });

  test('that asks for foreign keys off is a mistake of the caller', async () => {
    await using api = await withDatabase(() => undefined);
    await using engine = await openD1Remote(scriptedAddress(api.url), patience);
    await expect(engine.unit({ ...unit, foreignKeys: 'off' })).rejects.toThrow('keeps foreign keys on');
  });
});

describe('a unit too large for one request', () => {
  const rows = Array.from({ length: 60 }, (_, index) => ({
    sql: `INSERT INTO a VALUES ('${String(index).repeat(80_000).slice(0, 80_000)}')`,
    role: 'migration' as const,
    number: index + 1,
  }));
  const large: Unit = { foreignKeys: 'on', statements: rows };

  test('is uploaded whole and run as an import', async () => {
    const polls = [
      { success: true, type: 'import', status: 'active', at_bookmark: 'b1', messages: [] },
      {
        success: true,
        type: 'import',
        status: 'complete',
        at_bookmark: 'b2',
        messages: [],
        result: { num_queries: 60 },
      },
    ];
    let uploaded = '';
    await using api = await withDatabase((request, seen, url) => {
      if (request.path === '/upload') {
        uploaded = String(request.body);
        return { status: 200, text: '' };
      }
      if (request.path !== `${base}/import`) return undefined;
      if (seen === 1) return done({ filename: 'f.sql', upload_url: `${url}/upload` });
      return done(polls[seen - 2]);
    });
    await using engine = await openD1Remote(scriptedAddress(api.url), patience);
    const told: string[] = [];
    const onProgress = ({ done: sent, total, what }: UnitProgress) => told.push(`${what} ${sent === total}`);
    expect(await engine.unit(large, { onProgress })).toEqual({ kind: 'committed', took: [] });
    expect(told).toEqual(['uploading false', 'uploading true', 'the server runs it true']);
    expect(uploaded.length).toBeGreaterThan(requestBytes);
    const etag = createHash('md5').update(uploaded).digest('hex');
    const imports = api.requests.filter(({ path }) => path.endsWith('/import')).map(({ body }) => body);
    expect(imports).toEqual([
      { action: 'init', etag },
      { action: 'ingest', etag, filename: 'f.sql' },
      { action: 'poll', current_bookmark: 'b1' },
    ]);
    // The place to upload to belongs to another service, which the token is not for.
    expect(api.requests.find(({ path }) => path === '/upload')?.authorization).toBeUndefined();
  });

  test.each<[string, ScriptedAnswer, object]>([
    [
      'fails in a statement',
      done({
        success: true,
        type: 'import',
        status: 'error',
        errors: ['no such table: a: SQLITE_ERROR'],
        messages: [],
      }),
      { kind: 'failed', error: { message: 'no such table: a' } },
    ],
    [
      'raises a guard',
      done({
        success: true,
        status: 'error',
        error: "bad JSON path: 'migrate-tui-guard:history:2': SQLITE_ERROR",
        messages: [],
      }),
      { kind: 'guarded', guard: 'history' },
    ],
    [
      'ends while nobody looks',
      done({ success: false, error: 'Not currently importing anything.', messages: [] }),
      { kind: 'unknown' },
    ],
    ['is cut off', 'cut', { kind: 'unknown' }],
    // The import goes on, whatever a look at it is answered with.
    ['may not be looked at any more', refused(401, 10_000, 'Authentication error'), { kind: 'unknown' }],
    [
      'is looked at in words that the server refuses',
      refused(400, 7500, 'incomplete input: SQLITE_ERROR'),
      { kind: 'unknown' },
    ],
  ])('that %s is told from the others', async (_title, answer, expected) => {
    await using api = await withDatabase((request, seen, url) => {
      if (request.path === '/upload') return { status: 200, text: '' };
      if (request.path !== `${base}/import`) return undefined;
      if (seen === 1) return done({ filename: 'f.sql', upload_url: `${url}/upload` });
      return seen === 2 ? done({ success: true, status: 'active', at_bookmark: 'b1', messages: [] }) : answer;
    });
    await using engine = await openD1Remote(scriptedAddress(api.url), patience);
    expect(await engine.unit(large)).toMatchObject(expected);
  });

  test.each<[string, ScriptedAnswer]>([
    ['a cut connection', 'cut'],
    ['a limit on requests', { ...object(refused(429, 971, 'throttling')), headers: { 'retry-after': '0' } }],
    ['an export', refused(400, 7500, 'Currently processing a long-running export.')],
  ])('is looked at again after %s, and its import was begun once', async (_title, answer) => {
    const complete = done({
      success: true,
      type: 'import',
      status: 'complete',
      at_bookmark: 'b2',
      messages: [],
    });
    await using api = await withDatabase((request, seen, url) => {
      if (request.path === '/upload') return { status: 200, text: '' };
      if (request.path !== `${base}/import`) return undefined;
      if (seen === 1) return done({ filename: 'f.sql', upload_url: `${url}/upload` });
      if (seen === 2) return done({ success: true, status: 'active', at_bookmark: 'b1', messages: [] });
      return seen === 3 ? answer : complete;
    });
    await using engine = await openD1Remote(scriptedAddress(api.url), patience);
    expect(await engine.unit(large)).toMatchObject({ kind: 'committed' });
    expect(sentTo(api.requests, '/import')).toBe(4);
  });

  test('whose upload does not arrive was not begun', async () => {
    await using api = await withDatabase((request, _seen, url) => {
      if (request.path === '/upload') return 'cut';
      return request.path === `${base}/import`
        ? done({ filename: 'f.sql', upload_url: `${url}/upload` })
        : undefined;
    });
    await using engine = await openD1Remote(scriptedAddress(api.url), patience);
    expect(await engine.unit(large)).toMatchObject({
      kind: 'failed',
      error: { code: expect.stringMatching(/^NOT_SENT/) },
    });
    expect(sentTo(api.requests, '/import')).toBe(1);
  });
});

describe('a question', () => {
  test.each<[string, ScriptedAnswer]>([
    ['a cut connection', 'cut'],
    ['a server error', { status: 503, text: '' }],
    ['a limit on requests', { ...object(refused(429, 971, 'throttling')), headers: { 'retry-after': '0' } }],
    ['an export', refused(400, 7500, 'Currently processing a long-running export.')],
  ])('is asked again after %s', async (_title, answer) => {
    await using api = await withDatabase(({ path }, seen) => {
      if (path !== `${base}/raw`) return undefined;
      return seen < 3
        ? answer
        : done([{ results: { columns: ['x'], rows: [[1]] }, success: true, meta: {} }]);
    });
    await using engine = await openD1Remote(scriptedAddress(api.url), patience);
    expect(await engine.query({ sql: 'SELECT 1 AS x' })).toEqual([{ x: 1 }]);
    expect(sentTo(api.requests, '/raw')).toBe(3);
  });

  test('that would write is never sent again', async () => {
    await using api = await withDatabase(({ path }) => (path === `${base}/raw` ? 'cut' : undefined));
    await using engine = await openD1Remote(scriptedAddress(api.url), patience);
    await expect(engine.query({ sql: 'DELETE FROM a RETURNING x' })).rejects.toMatchObject({
      code: 'unreachable',
    });
    expect(sentTo(api.requests, '/raw')).toBe(1);
  });

  test('gives up at once when the server wants more rest than there is patience', async () => {
    const tooMany = { ...object(refused(429, 971, 'throttling')), headers: { 'retry-after': '300' } };
    await using api = await withDatabase(({ path }) => (path === `${base}/raw` ? tooMany : undefined));
    await using engine = await openD1Remote(scriptedAddress(api.url), patience);
    await expect(engine.query({ sql: 'SELECT 1' })).rejects.toMatchObject({
      code: 'busy',
      message: expect.stringContaining('for 300 s'),
    });
    expect(sentTo(api.requests, '/raw')).toBe(1);
  });

  test('stops waiting when it is told to', async () => {
    const stop = new AbortController();
    await using api = await withDatabase(({ path }) => {
      if (path !== `${base}/raw`) return undefined;
      stop.abort();
      return 'silent';
    });
    await using engine = await openD1Remote(scriptedAddress(api.url), { ...patience, signal: stop.signal });
    await expect(engine.query({ sql: 'SELECT 1' })).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('opening', () => {
  test('finds the account and the database by name', async () => {
    const others = Array.from({ length: 100 }, (_, index) => ({
      ...describedDatabase,
      uuid: `x${index}`,
      name: `shop-production-${index}`,
    }));
    await using api = await scriptedApi(({ path }) => {
      if (path.startsWith('/accounts?')) return done([{ id: 'acc', name: 'Ada' }]);
      const page = Number(new URL(path, 'http://x').searchParams.get('page'));
      const result = page === 1 ? others : [describedDatabase];
      return { json: { success: true, errors: [], messages: [], result, result_info: { total_count: 101 } } };
    });
    await using engine = await openD1Remote(
      scriptedAddress(api.url, { account: undefined, database: 'shop-production' }),
      patience,
    );
    expect(engine.location).toBe('D1 shop-production');
    expect(engine).toMatchObject({ delivery: 'one-request', foreignKeys: 'always-on' });
  });

  test('names the accounts when there are several, and the databases when the name is wrong', async () => {
    await using api = await scriptedApi(({ path }) => {
      if (path.startsWith('/accounts?'))
        return done([
          { id: 'a1', name: 'Ada' },
          { id: 'b1', name: 'Bob' },
        ]);
      return done(path.includes('name=') ? [] : [describedDatabase]);
    });
    await expect(
      openD1Remote(scriptedAddress(api.url, { account: undefined }), patience),
    ).rejects.toMatchObject({
      message: 'The credentials reach more than one account: Ada (a1), Bob (b1)',
    });
    await expect(
      openD1Remote(scriptedAddress(api.url, { database: 'shop' }), patience),
    ).rejects.toMatchObject({
      code: 'not-found',
      next: 'It has shop-production.',
    });
  });

  test.each<[string, ScriptedAnswer, string]>([
    ['a wrong token', refused(401, 10_000, 'Authentication error'), 'refuses the token'],
    ['a malformed token', refused(400, 6003, 'Invalid request headers'), 'refuses the token'],
    ['a foreign account', refused(403, 7403, 'not valid'), 'the account does not belong'],
    ['no such database', refused(404, 7404, 'not found'), 'knows no such database'],
    ['a page of somebody else', { status: 200, text: '<html>' }, 'is not Cloudflare'],
    ['a refusal that quotes it', refused(422, 1, 'Bearer s3cret-token is too old'), 'is too old'],
  ])('says what to check about %s, at once and without the token', async (_title, answer, message) => {
    await using api = await scriptedApi(() => answer);
    const error = await openD1Remote(scriptedAddress(api.url), patience).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      name: 'MigrateError',
      message: expect.stringContaining(message),
      next: expect.any(String),
    });
    expect(inspect(error, { depth: 9 })).not.toContain('s3cret');
    expect(api.requests.length).toBe(1);
  });

  test('shows no token that the server quotes while it says that all is well', async () => {
    await using api = await scriptedApi(() => refused(200, 1, 'Bearer s3cret-token is too old'));
    const error = await openD1Remote(scriptedAddress(api.url), patience).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ message: expect.stringContaining('is too old') });
    expect(inspect(error, { depth: 9 })).not.toContain('s3cret');
  });

  test('gives up on a server that says nothing, in the time that was given', async () => {
    await using api = await scriptedApi(() => 'silent');
    const opened = openD1Remote(scriptedAddress(api.url), { connectTimeout: 100 });
    await expect(opened).rejects.toMatchObject({
      message: expect.stringContaining('did not answer in time'),
    });
    expect(api.requests.length).toBe(1);
  });

  test('sends no token to a base that is not safe, and never shows one that cannot be sent', async () => {
    const open = (api: string, token: string) =>
      openD1Remote(
        scriptedAddress(api, { credentials: { kind: 'token', token: new Secret(token) } }),
        patience,
      );
    await expect(open('http://api.example.com/client/v4', 's3cret')).rejects.toMatchObject({
      code: 'config',
    });
    await expect(open('nonsense', 's3cret')).rejects.toMatchObject({ code: 'config' });
    const error = await open('http://127.0.0.1:9', 's3cret\n').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'config' });
    expect(inspect(error, { depth: 9 })).not.toContain('s3cret');
  });
});

describe('going back in the history of the server', () => {
  test('reads where it is, and says how to undo a restore', async () => {
    await using api = await withDatabase(({ path }) => {
      if (path === `${base}/time_travel/bookmark`) return done({ bookmark: 'b7' });
      return path === `${base}/time_travel/restore?bookmark=b3`
        ? done({ bookmark: 'b3', previous_bookmark: 'b8' })
        : undefined;
    });
    await using engine = await openD1Remote(scriptedAddress(api.url), patience);
    expect(await engine.rewind?.position()).toBe('b7');
    expect(await engine.rewind?.to('b3')).toEqual({ undo: 'b8' });
  });

  test('names the place from before when the answer to a restore is lost', async () => {
    await using api = await withDatabase(({ path }) => {
      if (path.includes('/restore')) return 'cut';
      return path.includes('/bookmark') ? done({ bookmark: 'b7' }) : undefined;
    });
    await using engine = await openD1Remote(scriptedAddress(api.url), patience);
    await expect(engine.rewind?.to('b3')).rejects.toMatchObject({
      code: 'stopped-part-way',
      message: expect.stringContaining('it was at b7'),
    });
    expect(api.requests.filter(({ path }) => path.includes('/restore')).length).toBe(1);
  });

  test('is not there for a database of the first generation', async () => {
    await using api = await scriptedApi(() => done({ ...describedDatabase, version: 'alpha' }));
    await using engine = await openD1Remote(scriptedAddress(api.url), patience);
    expect(engine.rewind).toBeUndefined();
  });
});

function withDatabase(
  answer: (request: ScriptedRequest, seen: number, url: string) => ScriptedAnswer | undefined,
) {
  const made = scriptedApi((request, seen) =>
    request.path === base && request.method === 'GET'
      ? done(describedDatabase)
      : (answer(request, seen, url) ?? { status: 418, text: request.path }),
  );
  let url = '';
  return made.then((api) => {
    url = api.url;
    return api;
  });
}

function result(duration: number) {
  return { results: [], success: true, meta: { duration } };
}

function sentTo(requests: readonly ScriptedRequest[], end: string): number {
  return requests.filter(({ path }) => path.endsWith(end)).length;
}

function object(answer: ScriptedAnswer): Exclude<ScriptedAnswer, string> {
  if (typeof answer === 'string') throw new Error(`${answer} has no headers.`);
  return answer;
}
