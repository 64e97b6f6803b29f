import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openD1Remote } from '../../src/engines/d1/remote/remote.ts';
import type { Engine } from '../../src/engines/engine.ts';
import { openLibsqlRemote } from '../../src/engines/libsql/remote.ts';
import { Secret } from '../../src/lib/secret.ts';
import { startD1Server, type D1Server } from '../support/d1-server.ts';
import { startHranaServer, type HranaServer } from '../support/hrana-server.ts';

let d1: D1Server;
let libsql: HranaServer;
beforeAll(async () => {
  d1 = await startD1Server();
  libsql = await startHranaServer();
});
afterAll(async () => {
  await d1[Symbol.asyncDispose]();
  await libsql[Symbol.asyncDispose]();
});

const servers = {
  D1: {
    open: () =>
      openD1Remote(
        {
          kind: 'd1-remote',
          database: d1.database('app').uuid,
          account: d1.account,
          credentials: { kind: 'token', token: new Secret(d1.token) },
          api: d1.url,
        },
        { connectTimeout: 5000 },
      ),
    requests: () => d1.requests,
  },
  libSQL: {
    open: () => openLibsqlRemote({ url: libsql.url, authToken: undefined, connectTimeout: 5000 }),
    requests: () => libsql.requests,
  },
};

describe.each(Object.entries(servers))('questions to %s', (_name, { open, requests }) => {
  const counted = async <T>(work: (engine: Engine) => Promise<T>) => {
    await using engine = await open();
    const from = requests().length;
    const value = await work(engine);
    return { value, requests: requests().length - from };
  };

  test('that are asked at once are one request, each with its own answer', async () => {
    const { value, requests: sent } = await counted(({ query }) =>
      Promise.all([
        query({ sql: 'SELECT 1 AS a; -- the first' }),
        query({ sql: "SELECT ? AS b, ';' AS c", args: ["it's; --"] }),
        query({ sql: "SELECT name FROM sqlite_schema WHERE name = 'none' -- no row" }),
        query({ sql: 'SELECT 9007199254740993 AS large, 1.5 AS d' }),
      ]),
    );
    expect(value).toEqual([
      [{ a: 1 }],
      [{ b: "it's; --", c: ';' }],
      [],
      [{ large: 9007199254740993n, d: 1.5 }],
    ]);
    // D1 is asked a second time for a number that JSON does not hold.
    expect(sent).toBe(requests === servers.D1.requests ? 2 : 1);
  });

  test('that wait for one another are a request each', async () => {
    const { requests: sent } = await counted(async ({ query }) => {
      await query({ sql: 'SELECT 1' });
      await query({ sql: 'SELECT 2' });
    });
    expect(sent).toBe(2);
  });

  test('of which one is refused spoil none of the others', async () => {
    const { value } = await counted(({ query }) =>
      Promise.allSettled([
        query({ sql: 'SELECT 1 AS a' }),
        query({ sql: 'SELECT x FROM nowhere' }),
        query({ sql: 'SELECT 2 AS a' }),
      ]),
    );
    expect(value).toMatchObject([
      { status: 'fulfilled', value: [{ a: 1 }] },
      { status: 'rejected', reason: { message: expect.stringContaining('no such table: nowhere') } },
      { status: 'fulfilled', value: [{ a: 2 }] },
    ]);
  });

  test('are divided where they are many', async () => {
    const numbers = Array.from({ length: 40 }, (_, index) => index);
    const { value, requests: sent } = await counted(({ query }) =>
      Promise.all(numbers.map((n) => query({ sql: `SELECT ${n} AS n` }))),
    );
    expect(value).toEqual(numbers.map((n) => [{ n }]));
    expect(sent).toBe(3);
  });
});

test('a question to a server that is gone says so to everybody who asked', async () => {
  const server = await startHranaServer();
  await using engine = await openLibsqlRemote({
    url: server.url,
    authToken: undefined,
    connectTimeout: 5000,
    reach: 'with-first-answer',
  });
  await server[Symbol.asyncDispose]();
  const asked = await Promise.allSettled([
    engine.query({ sql: 'SELECT 1' }),
    engine.query({ sql: 'SELECT 2' }),
  ]);
  expect(asked).toMatchObject([
    { status: 'rejected', reason: { code: 'unreachable' } },
    { status: 'rejected', reason: { code: 'unreachable' } },
  ]);
});
