import { afterAll, beforeAll, expect, test } from 'vitest';
import { unfinishedTexts } from '../../src/bookkeeping/unfinished.ts';
import { postgresServer, type PostgresServer } from '../support/postgres.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await postgresServer();
});
afterAll(() => server[Symbol.asyncDispose]());

test('a role without rights to the notes may restore and go on, unless there is something to forget', async () => {
  await using database = await server.createDatabase();
  await using client = await database.connect();
  await client.query('CREATE ROLE other');
  const one = unfinishedTexts.forgetIfThere({ records: 'r', tag: "it's" });
  const asOther = async (sql: string) => {
    await client.query('SET ROLE other');
    try {
      await client.query(sql);
    } finally {
      await client.query('RESET ROLE');
    }
  };
  await asOther(unfinishedTexts.forgetAll.sql);
  await client.query('CREATE SCHEMA __migrate_tui; GRANT USAGE ON SCHEMA __migrate_tui TO PUBLIC');
  await client.query(unfinishedTexts.create.sql);
  await asOther(unfinishedTexts.forgetAll.sql);
  const row = { tag: "it's", hash: 'h', what: 'run' as const, done: 0, of: 1, run: '1', by: 'a', host: 'b' };
  const { sql, args = [] } = unfinishedTexts.write({ records: 'r' }, row);
  await client.query(sql, [...args]);
  await asOther(unfinishedTexts.forgetIfThere({ records: 'r', tag: 'another' }).sql);
  await expect(asOther(one.sql)).rejects.toThrow('permission denied for table unfinished');
  await client.query(one.sql);
  const left = await client.query('SELECT tag FROM __migrate_tui.unfinished');
  expect(left.rows).toEqual([]);
});
