import { afterAll, beforeAll, expect, test } from 'vitest';
import { asKnown } from '../../src/session/refusal.ts';
import { postgresTarget } from '../support/postgres-target.ts';
import { postgresServer, type PostgresServer } from '../support/postgres.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await postgresServer();
});
afterAll(() => server[Symbol.asyncDispose]());

test.each([
  ['app.inside', 'USAGE ON SCHEMA "app"'],
  ['"Odd one"', 'SELECT ON "Odd one"'],
  ['numbers', 'SELECT ON SEQUENCE "numbers"'],
])('what PostgreSQL keeps closed (%s) is refused with the right that opens it', async (from, right) => {
  await using target = await postgresTarget(server);
  await target.client.query(`CREATE SCHEMA app; CREATE TABLE app.inside (id int);
    CREATE TABLE "Odd one" (id int); CREATE SEQUENCE numbers; CREATE ROLE reader;
    GRANT USAGE ON SCHEMA public TO reader`);
  await target.engine.query({ sql: 'SET ROLE reader' });
  const refused = await target.engine.query({ sql: `SELECT * FROM ${from}` }).catch(asKnown);
  await target.client.query('DROP OWNED BY reader; DROP ROLE reader');
  expect(refused).toMatchObject({
    code: 'unreachable',
    message: expect.stringContaining('permission denied'),
    next: `Let its owner run GRANT ${right} TO the role that connects, or connect as a role that may.`,
  });
});
