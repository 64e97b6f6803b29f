import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPostgres } from '../../../src/engines/postgres/postgres.ts';
import { postgresServer, type PostgresServer } from '../../support/postgres.ts';
import { transactionPooler } from '../../support/transaction-pooler.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await postgresServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const times = { connectTimeout: 5000, busyTimeout: 5000 };

test('a pooler in transaction mode is refused for changes, with what to name instead', async () => {
  await using pooler = await transactionPooler(server.url('postgres'));
  const url = `postgres://postgres@127.0.0.1:${pooler.port}/postgres`;
  const opening = openPostgres(
    { kind: 'postgres', url, password: undefined },
    { purpose: 'change', ...times },
  );
  await expect(opening).rejects.toMatchObject({
    code: 'config',
    message: `${url} is a connection pooler in transaction mode, which gives each statement any session`,
    next: expect.stringContaining('Name the server itself'),
  });
});

test('a question goes through a pooler in transaction mode, and cannot write there either', async () => {
  await using pooler = await transactionPooler(server.url('postgres'));
  const url = `postgres://postgres@127.0.0.1:${pooler.port}/postgres`;
  const address = { kind: 'postgres', url, password: undefined } as const;
  await using engine = await openPostgres(address, { purpose: 'question', ...times });
  expect(await engine.query({ sql: 'SELECT $1::int AS one', args: [1] })).toEqual([{ one: 1 }]);
  await expect(
    engine.query({ sql: 'WITH n AS (INSERT INTO t VALUES (1) RETURNING x) SELECT x FROM n' }),
  ).rejects.toMatchObject({ code: '42P01' });
  await using client = await server.connect();
  await client.query('CREATE TABLE t (x int)');
  await expect(
    engine.query({ sql: 'WITH n AS (INSERT INTO t VALUES (1) RETURNING x) SELECT x FROM n' }),
  ).rejects.toMatchObject({ code: '25006' });
  // The session is somebody else's in a moment: nothing of ours may be left in it.
  expect(await engine.query({ sql: 'SHOW default_transaction_read_only' })).toEqual([
    { default_transaction_read_only: 'off' },
  ]);
});
