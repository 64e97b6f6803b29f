import { afterAll, beforeAll, expect, test } from 'vitest';
import { openServerSession } from '../../../src/engines/postgres/server-session.ts';
import { inTransaction } from '../../../src/engines/postgres/copy/table-session.ts';
import { openPostgres } from '../../../src/engines/postgres/postgres.ts';
import { postgresServer, type PostgresDatabase, type PostgresServer } from '../../support/postgres.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await postgresServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const limits = ['lock_timeout', 'statement_timeout', 'transaction_timeout'];

test('a statement by itself has no limit of the database, and what runs after it has', async () => {
  await using database = await limited();
  const options = { purpose: 'change', connectTimeout: 5000, busyTimeout: 5000 } as const;
  await using engine = await openPostgres(database.address, options);
  const sql = `CREATE TABLE seen AS SELECT name, setting FROM pg_settings WHERE name = ANY ('{${limits.join(',')}}')`;
  const outcome = await engine.alone?.({ sql, role: 'migration', number: 1 }, {});
  expect(outcome).toMatchObject({ kind: 'committed' });
  const seen = await engine.query({ sql: 'SELECT name::text, setting::text FROM seen ORDER BY name' });
  expect(seen).toEqual(limits.map((name) => ({ name, setting: '0' })));
  const again = { sql: sql.replace('seen', 'after'), role: 'migration', number: 1 } as const;
  await engine.unit({ foreignKeys: 'on', statements: [again] }, {});
  const after = await engine.query({ sql: 'SELECT name::text, setting::text FROM after ORDER BY name' });
  expect(after).toEqual([
    { name: 'lock_timeout', setting: '5000' },
    { name: 'statement_timeout', setting: '3600000' },
    { name: 'transaction_timeout', setting: '3600000' },
  ]);
});

test('rows are carried for as long as that takes', async () => {
  await using database = await limited();
  await using session = await openServerSession(database.address);
  const outcome = await inTransaction(session, 'BEGIN', () =>
    session.query({ sql: `SELECT current_setting('transaction_timeout') AS limit` }),
  );
  expect(outcome).toEqual({ kind: 'committed', value: [{ limit: '0' }] });
  expect(await session.query({ sql: 'SHOW transaction_timeout' })).toEqual([{ transaction_timeout: '1h' }]);
});

async function limited(): Promise<PostgresDatabase & AsyncDisposable> {
  const database = await server.createDatabase();
  await using client = await database.connect();
  for (const name of ['statement_timeout', 'transaction_timeout']) {
    await client.query(
      `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET ${name} = ''1h''', current_database()); END $$`,
    );
  }
  return database;
}
