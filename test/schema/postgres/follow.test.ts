import { afterAll, beforeAll, expect, test } from 'vitest';
import { followSchema } from '../../../src/schema/follow.ts';
import { openPostgres, type Opened } from './opened.ts';

let database: Opened;
beforeAll(async () => {
  database = await openPostgres();
});
afterAll(async () => database[Symbol.asyncDispose]());

const made = [
  'CREATE SCHEMA "App"',
  'CREATE TABLE t (a int)',
  'CREATE TABLE "App"."userAccounts" (a int)',
  'CREATE INDEX "t_A" ON t (a)',
  'CREATE INDEX "userAccounts_a_idx" ON "App"."userAccounts" (a)',
  'CREATE TRIGGER tr BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()',
];

test.each([
  ['DROP INDEX "t_A"', 'index t_A'],
  ['DROP INDEX "App"."userAccounts_a_idx"', 'index App.userAccounts_a_idx'],
  ['DROP TRIGGER tr ON t', 'trigger tr on t'],
])('a schema that is followed sees what %s changed when it is run, and not later', async (sql, key) => {
  await database.within(made, async () => {
    const follower = followSchema({ bookkeeping: [] });
    await follower.sync(database.query);
    expect(follower.part(key)).toBeDefined();
    await database.run(sql);
    expect([...(await follower.look(database.query, sql)).parts.keys()]).toEqual([key]);
  });
});
