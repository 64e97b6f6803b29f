import { afterAll, beforeAll, expect, test } from 'vitest';
import { nasty } from '../../schema/postgres/nasty.ts';
import { postgresServer, type PostgresServer } from '../../support/postgres.ts';
import { contentOf, inPglite, migrate, squashed, textOf } from '../../support/squashing-postgres.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await postgresServer();
});
afterAll(() => server[Symbol.asyncDispose]());

test.each(Object.entries(nasty).filter(([, text]) => !/CREATE CAST/.test(text)))(
  'one file makes again, through drizzle-orm, %s',
  async (_, text) => {
    const { baseline, proof } = await squashed([text], { ...inPglite, scratch: server.address('postgres') });
    expect(proof).toEqual({ kind: 'same' });
    await using database = await server.createDatabase();
    await migrate(database, [textOf(baseline)]);
    expect((await contentOf(database)).fingerprint).toBe(baseline.fingerprint);
  },
);
