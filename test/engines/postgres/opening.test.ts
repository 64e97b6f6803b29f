import { createServer, type Server, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DatabaseError } from 'pg';
import type { PostgresAddress } from '../../../src/engines/address.ts';
import { openEngine } from '../../../src/engines/open.ts';
import { openError } from '../../../src/engines/postgres/open-errors.ts';
import { placeOf } from '../../../src/engines/postgres/place.ts';
import { MigrateError } from '../../../src/lib/errors.ts';
import { Secret } from '../../../src/lib/secret.ts';
import { freePort } from '../../support/free-port.ts';
import { postgresServer, type PostgresServer } from '../../support/postgres.ts';
import { silentHost } from '../../support/silent-host.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await postgresServer({ settings: { max_connections: 4, superuser_reserved_connections: 0 } });
});
afterAll(() => server[Symbol.asyncDispose]());

describe('a PostgreSQL server that cannot be opened says why and what to do:', () => {
  test('a wrong password', async () => {
    const address = { ...server.address('postgres'), password: new Secret('not the password') };
    const error = await failure(address);
    expect(error).toMatchObject({
      code: 'unreachable',
      message: `postgres://postgres@127.0.0.1:${server.port}/postgres refuses the password of user postgres`,
      next: 'Check the user and the password of the target.',
    });
    expect(inspect(error, { depth: 9 })).not.toContain('not the password');
  });

  test('no password', async () => {
    const error = await failure({ ...server.address('postgres'), password: undefined });
    expect(error.message).toContain('asks for a password, and the target has none');
  });

  test('no user at all, as in a container without USER', () => {
    const refusal = new DatabaseError('no PostgreSQL user name specified in startup packet', 1, 'error');
    refusal.code = '28000';
    const place = placeOf('postgres://127.0.0.1/app');
    const error = openError(refusal, { place, timeout: 1000 });
    expect(error.message).toMatch(/the target names no user$/);
    expect(error.next).toContain('PGUSER');
  });

  test('a database that does not exist', async () => {
    const error = await failure(server.address('of nobody'));
    expect(error.message).toMatch(/answers, but has no database of nobody$/);
  });

  test('a user who may not connect to it', async () => {
    await using database = await server.createDatabase();
    await using client = await server.connect();
    await client.query(`CREATE ROLE guest LOGIN PASSWORD 'welcome'`);
    await client.query(`REVOKE CONNECT ON DATABASE ${database.name} FROM PUBLIC`);
    const url = database.address.url.replace('postgres@', 'guest@');
    const error = await failure({ ...database.address, url, password: new Secret('welcome') });
    expect(error.message).toMatch(/does not let user guest connect to the database$/);
  });

  test('nothing at that port', async () => {
    const error = await failure(at(await freePort()));
    expect(error).toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/nothing listens there$/),
    });
    const socket = await failure({ ...at(1), url: 'postgres://me@/app?host=/nowhere' });
    expect(socket.message).toBe('postgres://me@/nowhere:5432/app cannot be reached: nothing listens there');
  });

  test('a name that nobody knows', async () => {
    const error = await failure({ ...at(1), url: 'postgres://me@nowhere.invalid/app' });
    expect(error.message).toContain('the name nowhere.invalid is not known');
  });

  test('TLS that the server does not have', async () => {
    const address = server.address('postgres');
    for (const parameters of ['sslmode=require', 'sslmode=verify-full', 'ssl=true']) {
      const error = await failure({ ...address, url: `${address.url}?${parameters}` });
      expect(error.message).toMatch(/does not encrypt connections, and the URL asks for it$/);
    }
    for (const parameters of ['sslmode=prefer', 'sslmode=disable', 'sslmode=allow']) {
      await using engine = await opened({ ...address, url: `${address.url}?${parameters}` });
      expect(await engine.query({ sql: 'SELECT 1 AS one' })).toEqual([{ one: 1 }]);
    }
    const unknown = await failure({ ...address, url: `${address.url}?sslmode=always` });
    expect(unknown).toMatchObject({ code: 'config', message: expect.stringContaining('sslmode=always') });
  });

  test('too many clients', async () => {
    await using stack = new AsyncDisposableStack();
    for (let at = 0; at < 4; at += 1) stack.use(await server.connect());
    const error = await failure(server.address('postgres'));
    expect(error.message).toMatch(/has no connection left: too many clients are connected$/);
  });

  test('a server that is still starting', async () => {
    const text = 'SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0';
    await using host = await answering(Buffer.from(`E\0\0\0${String.fromCodePoint(text.length + 4)}${text}`));
    const error = await failure(at(host.port));
    expect(error).toMatchObject({
      message: expect.stringMatching(/does not take connections now \(the database system is starting up\)$/),
      next: 'Wait until the server is up, and try again.',
    });
  });

  test('something else than PostgreSQL', async () => {
    await using host = await answering('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    const error = await failure(at(host.port));
    expect(error).toMatchObject({
      message: expect.stringMatching(/did not answer as PostgreSQL does/),
      next: `Check what listens on 127.0.0.1:${host.port}.`,
    });
  });

  test('a server that goes while it is spoken to', async () => {
    await using host = await listening((socket) => {
      socket.once('data', () => socket.resetAndDestroy());
    });
    const error = await failure(at(host.port));
    expect(error).toMatchObject({
      message: expect.stringMatching(/broke the connection off before it answered$/),
      next: `See whether the server is starting or ending, and what stands in front of it at 127.0.0.1:${host.port}.`,
    });
  });

  test('a host that never says a word', async () => {
    await using host = await silentHost();
    const error = await failure(at(Number(new URL(host.url).port)), 200);
    expect(error.message).toMatch(/did not answer within 0\.2 s$/);
  });

  test('a URL that is none', async () => {
    const error = await failure({ ...at(1), url: 'postgres://me:secret@one:1,two:2/app' });
    expect(error).toMatchObject({ code: 'config' });
    expect(inspect(error)).not.toContain('secret');
  });
});

test('opening is given up at once when the signal comes', async () => {
  await using host = await silentHost();
  const stop = new AbortController();
  const opening = openEngine(at(Number(new URL(host.url).port)), {
    purpose: 'question',
    signal: stop.signal,
  });
  await host.met;
  stop.abort();
  await expect(opening).rejects.toThrow('aborted');
});

test('a question that may wait for its first answer connects only then', async () => {
  const options = { purpose: 'question', reach: 'with-first-answer' } as const;
  const answer = await openEngine(at(await freePort()), options);
  if (answer.kind === 'missing') throw new Error('A server is never missing.');
  await using engine = answer.engine;
  await expect(engine.query({ sql: 'SELECT 1' })).rejects.toMatchObject({ code: 'unreachable' });
});

test('the socket of a server on this machine is found by its folder', async () => {
  await using client = await server.connect();
  const { rows } = await client.query<{ folder: string }>(
    "SELECT current_setting('unix_socket_directories') AS folder",
  );
  const url = `postgres://postgres@/postgres?host=${rows[0]?.folder}&port=${server.port}`;
  await using engine = await opened({ ...server.address('postgres'), url });
  expect(await engine.query({ sql: 'SELECT inet_server_addr() AS address' })).toEqual([{ address: null }]);
});

test('what the URL asks of the session is kept beside what a question needs', async () => {
  const address = server.address('postgres');
  const url = `${address.url}?options=${encodeURIComponent('-c search_path=elsewhere')}`;
  await using engine = await opened({ ...address, url });
  expect(await engine.query({ sql: 'SHOW search_path' })).toEqual([{ search_path: 'elsewhere' }]);
  expect(await engine.query({ sql: 'SHOW default_transaction_read_only' })).toEqual([
    { default_transaction_read_only: 'on' },
  ]);
  const name = `migrate-tui ${process.pid}@`;
  const sessions = 'SELECT count(*) AS n FROM pg_stat_activity WHERE starts_with(application_name, $1)';
  expect(await engine.query({ sql: sessions, args: [name] })).toEqual([{ n: 1 }]);
});

function at(port: number): PostgresAddress {
  return { kind: 'postgres', url: `postgres://me@127.0.0.1:${port}/app`, password: new Secret('mine') };
}

async function opened(address: PostgresAddress, connect = 5000) {
  const answer = await openEngine(address, { purpose: 'question', timeouts: { connect, busy: 1000 } });
  if (answer.kind === 'missing') throw new Error('A server is never missing.');
  return answer.engine;
}

async function failure(address: PostgresAddress, connect?: number): Promise<MigrateError> {
  const error: unknown = await opened(address, connect).catch((thrown: unknown) => thrown);
  if (error instanceof MigrateError) return error;
  throw new Error('It was opened, or failed otherwise.', { cause: error });
}

/** Says one thing to whoever speaks to it. */
function answering(words: string | Buffer): Promise<Listening> {
  return listening((socket) => {
    socket.on('error', () => undefined).once('data', () => socket.end(words));
  });
}

interface Listening extends AsyncDisposable {
  readonly port: number;
}

async function listening(onSocket: (socket: Socket) => void): Promise<Listening> {
  const host: Server = createServer(onSocket);
  await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve));
  const address = host.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => host.close(resolve));
    },
  };
}
