import { afterAll, beforeAll, expect, test } from 'vitest';
import { refuseServerWide } from '../../../src/runs/perform/refuse-server-wide.ts';
import { openPostgres, type Opened } from '../../schema/postgres/opened.ts';

const migration = (tag: string, ...sql: readonly string[]) => ({
  tag,
  file: `${tag}.sql`,
  hash: '',
  when: 0,
  statements: sql.map((text, at) => ({ sql: text, line: at + 1 })),
});

const selected = [
  migration('0000_a', 'CREATE TABLE t (a int)', 'GRANT SELECT ON t TO public'),
  migration('0001_b', 'CREATE TABLE u (a int)', 'CREATE ROLE reporter'),
];

let server: Opened;
beforeAll(async () => {
  server = await openPostgres();
}, 30_000);
afterAll(() => server[Symbol.asyncDispose]());

const rehearsing = (all: typeof selected, name: 'postgres' | 'pglite' = 'postgres') =>
  refuseServerWide({ selected: all }, { name, query: server.query }, 'staging');

test('a migration that makes a role is not rehearsed on the server, which a dry-run must leave as it is', async () => {
  await expect(rehearsing(selected)).rejects.toThrow(
    '0001_b cannot be rehearsed: statement 2, CREATE ROLE reporter, changes the whole server',
  );
});

test('one that makes it in a DO block is, once the role is there', async () => {
  const block = (role: string) =>
    migration('0002_c', `DO $$ BEGIN IF NOT EXISTS (SELECT) THEN CREATE ROLE ${role}; END IF; END $$`);
  await expect(rehearsing([block('reporter')])).rejects.toThrow('CREATE ROLE reporter in a DO block');
  await rehearsing([block('postgres')]);
  await rehearsing([block('Postgres')]);
  await expect(rehearsing([block('"Postgres"')])).rejects.toThrow('CREATE ROLE Postgres in a DO block');
});

test('in PGlite, which has no server, it is, and so is one that only grants', async () => {
  await rehearsing(selected, 'pglite');
  await rehearsing(selected.slice(0, 1));
});
