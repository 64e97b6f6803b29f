import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine, UnitStatement } from '../../../src/engines/engine.ts';
import { openPglite } from '../../../src/engines/postgres/pglite/pglite.ts';
import { openPostgres } from '../../../src/engines/postgres/postgres.ts';
import type { SqlValue } from '../../../src/sql/statement.ts';
import { postgresServer, type PostgresServer } from '../../support/postgres.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await postgresServer({ settings: { log_statement: 'all' } });
});
afterAll(() => server[Symbol.asyncDispose]());

const options = { purpose: 'change', connectTimeout: 5000, busyTimeout: 5000 } as const;

const guard = (sql: string): UnitStatement => ({ sql, role: 'guard' });
const migration = (sql: string, number: number): UnitStatement => ({ sql, role: 'migration', number });
const record = (sql: string, args: readonly SqlValue[]): UnitStatement => ({ sql, args, role: 'record' });

const run = (engine: Engine, statements: readonly UnitStatement[]) =>
  engine.unit({ foreignKeys: 'on', statements });

test('a migration of two statements takes four trips to a server: what needs no answer goes together', async () => {
  await using database = await server.createDatabase();
  await using engine = await openPostgres(database.address, options);
  const trips = () => server.log().match(/LOG: {2}(?:statement|execute <unnamed>): /g)?.length ?? 0;
  await run(engine, [guard('CREATE TABLE records (hash text)')]);
  const before = trips();
  const outcome = await run(engine, [
    guard('SELECT 1'),
    guard('LOCK TABLE records IN SHARE ROW EXCLUSIVE MODE'),
    guard('SELECT 2'),
    migration('CREATE TABLE a (x int)', 1),
    migration('CREATE INDEX i ON a (x)', 2),
    guard('SELECT 3'),
    record('INSERT INTO records VALUES ($1)', ['abc']),
  ]);
  expect(outcome).toMatchObject({ kind: 'committed' });
  await engine.query({ sql: 'SELECT 4' });
  await expect.poll(trips).toBe(before + 5);
});

const values: readonly SqlValue[] = [
  "it's",
  'C:\\new\\',
  "\\'; DROP TABLE kept; --",
  '$1 $2 ?',
  '',
  '”é\u{1f600}\n',
];

/** In both ways that a server may read a backslash in a literal. */
async function keepsValues(engine: Engine): Promise<void> {
  await run(engine, [migration('CREATE TABLE kept ("a $2" text, n bigint, d numeric, nothing text)', 1)]);
  for (const reading of ['on', 'off']) {
    for (const value of values) {
      const outcome = await run(engine, [
        migration(`SET LOCAL standard_conforming_strings = ${reading}`, 1),
        record(`INSERT INTO kept ("a $2", n, d, nothing) VALUES ($1, $2, $3, $4)`, [
          value,
          9_007_199_254_740_993n,
          -0.5,
          null,
        ]),
        guard("SELECT '$1', $$ $1 $$"),
      ]);
      expect(outcome).toMatchObject({ kind: 'committed' });
      const rows = await engine.query({ sql: 'SELECT * FROM kept' });
      expect(rows).toEqual([{ 'a $2': value, n: 9_007_199_254_740_993n, d: '-0.5', nothing: null }]);
      await run(engine, [guard('DELETE FROM kept')]);
    }
  }
}

describe('a record keeps every value of its row', () => {
  test('on a server', async () => {
    await using database = await server.createDatabase();
    await using engine = await openPostgres(database.address, options);
    await keepsValues(engine);
  });

  test('in PGlite', async () => {
    const opened = await openPglite({ kind: 'pglite', folder: undefined }, { purpose: 'change' });
    if (opened.kind !== 'open') throw new Error(opened.kind);
    await using engine = opened.engine;
    await keepsValues(engine);
  });
});

describe('what fails among our own statements', () => {
  test('keeps what stands behind it from running, in front of a migration and behind it', async () => {
    await using database = await server.createDatabase();
    await using engine = await openPostgres(database.address, options);
    await run(engine, [guard('CREATE TABLE records (hash text PRIMARY KEY)')]);
    const row = record('INSERT INTO records VALUES ($1)', ['abc']);
    const missing = guard('SELECT * FROM missing');
    const made = migration('CREATE TABLE a (x int)', 1);
    for (const statements of [
      [row, missing, made],
      [made, row, missing],
      [made, row, row],
    ]) {
      const outcome = await run(engine, statements);
      expect(outcome).toMatchObject({ kind: 'failed', error: { code: /^(?:42P01|23505)$/ } });
      expect(outcome).not.toHaveProperty('number');
    }
    expect(
      await engine.query({ sql: "SELECT hash FROM records UNION ALL SELECT to_regclass('a')::text" }),
    ).toEqual([{ hash: null }]);
  });
});
