import { expect, test } from 'vitest';
import { openPostgres } from '../../../src/engines/postgres/postgres.ts';
import { withoutValues } from '../../../src/lib/without-values.ts';
import { postgresServer } from '../../support/postgres.ts';

const setUp = [
  "CREATE TYPE color AS ENUM ('red')",
  'CREATE DOMAIN short AS text CHECK (length(value) < 5)',
  'CREATE TABLE t (id text PRIMARY KEY, n int CHECK (n > 0), c color, v varchar(3), s short, u text NOT NULL)',
  'CREATE TABLE child (t text REFERENCES t)',
  "INSERT INTO t (id, u) VALUES ('hunter2', '')",
];

/** Each fails on the value `hunter2`, in words of its own. */
const failing = [
  "INSERT INTO t (id, u) VALUES ('hunter2', '')",
  "INSERT INTO t (id, n, u) VALUES ('hunter2x', -1, '')",
  "INSERT INTO t (id) VALUES ('hunter2x')",
  "INSERT INTO t (id, v, u) VALUES ('x', 'hunter2', '')",
  "INSERT INTO t (id, s, u) VALUES ('x', 'hunter2', '')",
  "INSERT INTO child VALUES ('hunter2x')",
  "DELETE FROM t WHERE id = 'hunter2' AND id::int > 0",
  "SELECT 'hunter2'::int",
  "SELECT 'hunter2'::numeric",
  "SELECT 'hunter2'::boolean",
  "SELECT 'hunter2'::uuid",
  "SELECT 'hunter2'::date",
  "SELECT 'hunter2'::timestamptz",
  "SELECT 'hunter2'::interval",
  "SELECT 'hunter2'::jsonb",
  "SELECT 'hunter2'::inet",
  "SELECT 'hunter2'::point",
  "SELECT 'hunter2'::xid8",
  "SELECT '{hunter2'::int[]",
  "SELECT '{hunter2}'::int[]",
  "SELECT '[hunter2'::int4range",
  "SELECT '(hunter2'::t",
  "SELECT '99999999999999999999 hunter2'::int",
  "SELECT '2026-99-99 hunter2'::date",
  "SELECT '\\xhunter2'::bytea",
  "SELECT 'hunter2'::color",
  'ALTER TABLE t ALTER COLUMN id TYPE int USING id::int',
  'ALTER TABLE t ALTER COLUMN id TYPE color USING id::color',
  'ALTER TABLE t ADD UNIQUE (id), ADD CHECK (length(id) < 3)',
  "SELECT to_date('hunter2', 'YYYY')",
  "SELECT to_number('hunter2', 'hunter2')",
  "SELECT decode('hunter2', 'hex')",
  "SELECT decode('hunter2 %%%', 'base64')",
];

test('what the server says of a refused value says no value once it is cleaned', async () => {
  await using server = await postgresServer();
  await using database = await server.createDatabase();
  const options = { purpose: 'change', connectTimeout: 5000, busyTimeout: 5000 } as const;
  await using engine = await openPostgres(database.address, options);
  const run = (statements: readonly string[]) =>
    engine.unit({
      foreignKeys: 'on',
      statements: statements.map((sql, at) => ({ sql, role: 'migration', number: at + 1 })),
    });
  expect(await run(setUp)).toMatchObject({ kind: 'committed' });
  for (const sql of failing) {
    const outcome = await run([sql]);
    if (outcome.kind !== 'failed') throw new Error(`${sql} did not fail`);
    const { message } = outcome.error;
    const cleaned = withoutValues(message);
    expect(cleaned, `${sql}: ${message}`).not.toContain('hunter2');
    expect(cleaned, 'the sentence is still one').toMatch(/\w+ \w+/);
  }
});

test('a syntax error says the line of the statement that it is at', async () => {
  await using server = await postgresServer();
  const options = { purpose: 'question', connectTimeout: 5000, busyTimeout: 5000 } as const;
  await using engine = await openPostgres(server.address('postgres'), options);
  const ask = (sql: string) => engine.query({ sql });
  await expect(ask('SELECT 1 FRM a')).rejects.toMatchObject({ message: 'syntax error at or near "a"' });
  await expect(ask("SELECT '🎉\n',\n  2 FRM a")).rejects.toMatchObject({
    message: 'syntax error at or near "a" (line 3 of the statement)',
  });
});
