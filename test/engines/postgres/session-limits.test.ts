import { afterAll, beforeAll, expect, test } from 'vitest';
import { besideOf } from '../../../src/engines/postgres/beside.ts';
import { clientSession } from '../../../src/engines/postgres/client-session.ts';
import { connectPostgres } from '../../../src/engines/postgres/connection.ts';
import { openServerSession } from '../../../src/engines/postgres/server-session.ts';
import { postgresServer, type PostgresDatabase, type PostgresServer } from '../../support/postgres.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await postgresServer();
});
afterAll(() => server[Symbol.asyncDispose]());

async function limited(setting: string, where: 'database' | 'role'): Promise<PostgresDatabase> {
  const database = await server.createDatabase();
  await using client = await server.connect();
  const whose =
    where === 'database' ? `DATABASE "${database.name}"` : `ROLE postgres IN DATABASE "${database.name}"`;
  await client.query(`ALTER ${whose} SET ${setting}`);
  return database;
}

const open = ({ address }: PostgresDatabase) =>
  connectPostgres(address, { session: 'changes', connectTimeout: 5000, lockTimeout: 5000 });

test('a statement that a limit of the database ends says which one, and what lifts it', async () => {
  await using database = await limited("statement_timeout = '200ms'", 'database');
  await using connection = await open(database);
  const { end, ...beside } = besideOf(connection, () => open(database));
  await expect(clientSession(connection, beside).run({ sql: 'SELECT pg_sleep(60)' })).rejects.toMatchObject({
    code: '57014',
    message: expect.stringMatching(/: statement_timeout is 200ms here, set by ALTER DATABASE$/),
    next: 'Lift it for the role that migrates: ALTER ROLE postgres SET statement_timeout = 0;',
  });
  await end();
});

test('a statement that somebody cancels is not said to have met a limit', async () => {
  await using database = await limited("statement_timeout = '10min'", 'database');
  await using connection = await open(database);
  const { end, ...beside } = besideOf(connection, () => open(database));
  const running = clientSession(connection, beside).run({ sql: 'SELECT pg_sleep(60)' });
  running.catch(() => undefined);
  await beside.cancel();
  await expect(running).rejects.toMatchObject({ code: '57014', next: undefined });
  await end();
});

test('a session that is ended while nothing is asked of it says why when it is asked', async () => {
  await using database = await limited("idle_in_transaction_session_timeout = '100ms'", 'role');
  await using connection = await open(database);
  const { end, ...beside } = besideOf(connection, () => open(database));
  const session = clientSession(connection, beside);
  await session.command('BEGIN');
  await expect.poll(() => connection.isAlive(), { timeout: 20_000 }).toBe(false);
  await expect(session.command('SELECT 1')).rejects.toMatchObject({
    name: 'ConnectionLost',
    message: expect.stringContaining(
      `idle_in_transaction_session_timeout is 100ms here, set by ALTER ROLE postgres IN DATABASE ${database.name}`,
    ),
    next: `Lift it for the role that migrates: ALTER ROLE postgres IN DATABASE ${database.name} SET idle_in_transaction_session_timeout = 0;`,
  });
  await end();
});

test('what carries whole tables says it, too', async () => {
  await using database = await limited("transaction_timeout = '200ms'", 'database');
  await using session = await openServerSession(database.address);
  await session.run('BEGIN');
  await expect(session.run('SELECT pg_sleep(60)')).rejects.toMatchObject({
    code: 'unreachable',
    message: expect.stringContaining('transaction_timeout is 200ms here, set by ALTER DATABASE'),
    next: 'Lift it for the role that migrates: ALTER ROLE postgres SET transaction_timeout = 0;',
  });
});
