import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { numberedBookkeeping } from '../../src/bookkeeping/numbered.ts';
import { openPostgres } from '../../src/engines/postgres/postgres.ts';
import { eraseRecords, sameRecords } from '../../src/operations/history/correction.ts';
import { lineUp } from '../../src/operations/history/history.ts';
import type { Query } from '../../src/sql/statement.ts';
import {
  bookkeepingContract,
  entriesOf,
  loaded,
  shapedFor,
  type BookkeepingProject,
} from '../contracts/bookkeeping.ts';
import { numberedFolder, writeFiles } from '../support/drizzle-folders.ts';
import { runNumbered } from '../support/numbered-runner.ts';
import { postgresServer, type PostgresServer } from '../support/postgres.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await postgresServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const files = numberedFolder([
  { tag: '0001_a', sql: 'CREATE TABLE a (x int);' },
  { tag: '0002_b', sql: 'CREATE TABLE b (x int);' },
  { tag: '0003_c', sql: 'CREATE TABLE c (x int);' },
]);

for (const schema of ['public', 'ops'])
  bookkeepingContract({
    title: `numbered files in the schema ${schema} of PostgreSQL`,
    tool: 'a runner of numbered files',
    tables: ['_migrations'],
    shape: 'numbered',
    bookkeeping: ({ table }) => numberedBookkeeping({ dialect: 'postgres', table, schema }),
    start: (table) => start(`${schema}.${table}`),
  });

const ours = numberedBookkeeping({ dialect: 'postgres', table: '_migrations' });

describe('a table that another runner made in PostgreSQL', () => {
  const tables: readonly {
    readonly called: string;
    readonly make: string;
    readonly first: string;
    readonly second: object;
  }[] = [
    {
      called: 'with an id of its own, file names, and times',
      make: 'id SERIAL PRIMARY KEY, name VARCHAR(255) NOT NULL UNIQUE, executed_at TIMESTAMPTZ NOT NULL DEFAULT now()',
      first: "(name) VALUES ('0001_a.sql')",
      second: { id: 2, name: '0002_b.sql' },
    },
    {
      called: 'with texts as versions and a time without a default',
      make: 'version TEXT PRIMARY KEY, name TEXT, applied_at TIMESTAMP NOT NULL',
      first: "VALUES ('0001', 'a', '2023-11-14 22:13:20')",
      second: { version: '0002', name: 'b' },
    },
    {
      called: 'with small numbers, seconds, and no key',
      make: 'version INTEGER NOT NULL, applied_at INTEGER NOT NULL',
      first: 'VALUES (1, 1700000000)',
      second: { version: 2, applied_at: 1_800_000_000 },
    },
    {
      called: 'with names as the key and times as texts',
      make: 'name TEXT PRIMARY KEY, applied_at TEXT',
      first: "VALUES ('0001_a', '2023-11-14T22:13:20Z')",
      second: { name: '0002_b', applied_at: '2027-01-15T08:00:00.123Z' },
    },
  ];

  for (const { called, make, first, second } of tables)
    test(`${called}, is read and gone on with in its own way`, async () => {
      await using project = await start('public._migrations');
      const { query, migrations } = project;
      await query({ sql: `CREATE TABLE _migrations (${make})` });
      await query({ sql: `INSERT INTO _migrations ${first}` });
      const shaped = await shapedFor(query, ours);
      const before = await entriesOf(query, shaped);
      const migration = migrations[1];
      if (!migration) throw new Error('The folder has too few migrations.');
      await query(shaped.record(migration, 1_800_000_000_123));
      const rows = await query({ sql: 'SELECT * FROM _migrations ORDER BY 1' });
      expect(rows.at(-1)).toMatchObject(second);
      const after = await entriesOf(query, shaped);
      expect(lineUp({ migrations, bookkeeping: shaped, entries: after })).toMatchObject({
        items: [{ kind: 'applied' }, { kind: 'applied' }, { kind: 'pending' }],
        notes: [],
      });
      expect(after.every(({ appliedAt = 0 }) => appliedAt > 1_600_000_000_000)).toBe(true);
      await asOneTransaction(query, [
        ...sameRecords(shaped, after),
        ...eraseRecords(after.slice(-1), shaped),
      ]);
      expect(await entriesOf(query, shaped)).toEqual(before);
    });

  test('whose version is no number is refused', async () => {
    await using project = await start('public._migrations');
    await project.query({ sql: 'CREATE TABLE _migrations (version timestamptz PRIMARY KEY)' });
    await expect(shapedFor(project.query, ours)).rejects.toThrow(
      'Table _migrations cannot be used as the tracking table of numbered files: its column version holds times',
    );
  });
});

/** A lock on a table is one of a transaction. */
async function asOneTransaction(
  query: Query,
  statements: readonly { readonly sql: string }[],
): Promise<void> {
  await query({ sql: 'BEGIN' });
  for (const { sql } of statements) await query({ sql });
  await query({ sql: 'COMMIT' });
}

async function start(table: string): Promise<BookkeepingProject> {
  const resources = new AsyncDisposableStack();
  const folder = resources.use(await temporaryFolder());
  await writeFiles(folder.file('migrations'), files);
  const database = resources.use(await server.createDatabase());
  const client = resources.use(await database.connect());
  const { query } = resources.use(
    await openPostgres(database.address, { purpose: 'change', connectTimeout: 5000, busyTimeout: 5000 }),
  );
  const ask = async (sql: string) => (await client.query<Record<string, unknown>>(sql)).rows;
  return {
    query,
    raw: async () => ({
      columns: await ask(
        `SELECT attname, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute WHERE attrelid = '${table}'::regclass AND attnum > 0`,
      ),
      constraints: await ask(
        `SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = '${table}'::regclass ORDER BY 1`,
      ),
      rows: await ask(`SELECT version, name, length(applied_at::text) FROM ${table} ORDER BY 1`),
    }),
    folder: folder.file('migrations'),
    migrations: await loaded(folder.file('migrations'), 'postgres', 'numbered'),
    migrate: async () => {
      await query({ sql: `CREATE SCHEMA IF NOT EXISTS ${table.split('.')[0]}` });
      await runNumbered(query, folder.file('migrations'), { table });
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
