import { describe, expect, test } from 'vitest';
import { numberedBookkeeping } from '../../src/bookkeeping/numbered.ts';
import type { Migration } from '../../src/migrations/migration.ts';
import { eraseRecords, sameRecords } from '../../src/operations/history/correction.ts';
import { lineUp } from '../../src/operations/history/history.ts';
import {
  bookkeepingContract,
  entriesOf,
  loaded,
  shapedFor,
  started,
  type BookkeepingProject,
} from '../contracts/bookkeeping.ts';
import { numberedFolder } from '../support/drizzle-folders.ts';
import { runNumbered } from '../support/numbered-runner.ts';

const files = numberedFolder([
  { tag: '0001_a', sql: 'CREATE TABLE a (x);' },
  { tag: '0002_b', sql: 'CREATE TABLE b (x);' },
  { tag: '0003_c', sql: 'CREATE TABLE c (x);' },
]);

bookkeepingContract({
  title: 'numbered files in SQLite',
  tool: 'a runner of numbered files',
  tables: ['_migrations', 'schema_versions'],
  shape: 'numbered',
  bookkeeping: ({ table }) => numberedBookkeeping({ dialect: 'sqlite', table }),
  start: (table) => start(files, table),
});

const ours = numberedBookkeeping({ dialect: 'sqlite', table: '_migrations' });

describe('a table that another runner made', () => {
  // What it looks like, what stands in it after 0001_a, and what we add for 0002_b.
  const tables: readonly {
    readonly called: string;
    readonly make: string;
    readonly first: string;
    readonly second: object;
  }[] = [
    {
      called: 'with names that end in .sql and seconds',
      make: 'version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL',
      first: "(version, name, applied_at) VALUES (1, '0001_a.sql', 1700000000)",
      second: { version: 2, name: '0002_b.sql', applied_at: 1_800_000_000 },
    },
    {
      called: 'with versions as texts that keep their zeros, and times as ISO texts',
      make: 'version TEXT PRIMARY KEY, name TEXT, applied_at TEXT NOT NULL',
      first: "(version, name, applied_at) VALUES ('0001', 'a', '2023-11-14T22:13:20.000Z')",
      second: { version: '0002', name: 'b', applied_at: '2027-01-15T08:00:00.123Z' },
    },
    {
      called: 'with versions as texts without zeros',
      make: 'version TEXT PRIMARY KEY, applied_at DATETIME DEFAULT CURRENT_TIMESTAMP',
      first: "(version) VALUES ('1')",
      second: { version: '2', applied_at: expect.stringMatching(/^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d$/) },
    },
    {
      called: 'with whole names as versions, and no rowid',
      make: 'version TEXT PRIMARY KEY, applied_at TEXT) WITHOUT ROWID; --',
      first: "(version, applied_at) VALUES ('0001_a', '2023-11-14 22:13:20')",
      second: { version: '0002_b', applied_at: '2027-01-15 08:00:00' },
    },
    {
      called: 'with an id of its own, names alone, and columns that fill themselves',
      make: "id INTEGER PRIMARY KEY AUTOINCREMENT, filename TEXT NOT NULL UNIQUE, batch INTEGER NOT NULL DEFAULT 1, executed_at DATETIME NOT NULL DEFAULT (datetime('now'))",
      first: "(id, filename) VALUES (7, '0001_a.sql')",
      second: { id: 8, filename: '0002_b.sql', batch: 1 },
    },
    {
      called: 'with columns that have the names of the rowid',
      make: '_rowid_ INTEGER, RowId TEXT, version BIGINT NOT NULL',
      first: '(version) VALUES (1)',
      second: { _rowid_: null, version: 2 },
    },
    {
      called: 'with columns that have every name of the rowid',
      make: '_rowid_ INTEGER, RowId TEXT, oid TEXT, version BIGINT NOT NULL',
      first: '(version) VALUES (1)',
      second: { oid: null, version: 2 },
    },
  ];

  for (const { called, make, first, second } of tables)
    test(`${called}, is read and gone on with in its own way`, async () => {
      await using project = await start(files, '_migrations');
      await project.query({ sql: `CREATE TABLE _migrations (${make})` });
      await project.query({ sql: `INSERT INTO _migrations ${first}` });
      const shaped = await shapedFor(project.query, ours);
      const before = await entriesOf(project.query, shaped);
      expect(kinds(project.migrations, shaped, before)).toEqual(['applied', 'pending', 'pending']);
      const migration = project.migrations[1];
      if (!migration) throw new Error('The folder has too few migrations.');
      await project.query(shaped.record(migration, 1_800_000_000_123));
      const rows = await project.query({ sql: 'SELECT * FROM _migrations ORDER BY 1' });
      expect(rows.at(-1)).toMatchObject(second);
      const after = await entriesOf(project.query, shaped);
      expect(kinds(project.migrations, shaped, after)).toEqual(['applied', 'applied', 'pending']);
      expect(lineUp({ migrations: project.migrations, bookkeeping: shaped, entries: after }).notes).toEqual(
        [],
      );
      const [gone] = after.slice(-1);
      if (!gone) throw new Error('Nothing was recorded.');
      for (const { sql, args = [] } of [...sameRecords(shaped, after), ...eraseRecords([gone], shaped)])
        await project.query({ sql, args });
      expect(await entriesOf(project.query, shaped)).toEqual(before);
    });

  test('with numbers that a driver wrote as 1.0 and 2.0 is read as 1 and 2', async () => {
    await using project = await start(files, '_migrations');
    await project.query({ sql: 'CREATE TABLE _migrations (version, applied_at)' });
    await project.query({ sql: 'INSERT INTO _migrations VALUES (1.0, 1700000000.0), (2.0, 1700000000.0)' });
    const shaped = await shapedFor(project.query, ours);
    const entries = await entriesOf(project.query, shaped);
    expect(kinds(project.migrations, shaped, entries)).toEqual(['applied', 'applied', 'pending']);
    const [first] = project.migrations;
    if (!first) throw new Error('The folder is empty.');
    expect(await project.query({ sql: `${shaped.isRecorded(first)} AS found` })).toEqual([{ found: 1 }]);
    for (const { sql } of sameRecords(shaped, entries)) await project.query({ sql });
  });

  test('with a time that is text, or none at all, is read with it or without', async () => {
    await using project = await start(files, '_migrations');
    await project.query({
      sql: 'CREATE TABLE _migrations (version INTEGER PRIMARY KEY, name TEXT, applied_at)',
    });
    await project.query({
      sql: `INSERT INTO _migrations VALUES (1, 'a', '2024-05-06T07:08:09+02:00'), (2, NULL, NULL), (3, 'c', '1700000000')`,
    });
    const shaped = await shapedFor(project.query, ours);
    expect(await entriesOf(project.query, shaped)).toEqual([
      { rowid: 1, hash: '', createdAt: 0, version: '1', name: 'a', appliedAt: Date.UTC(2024, 4, 6, 5, 8, 9) },
      { rowid: 2, hash: '', createdAt: 0, version: '2' },
      { rowid: 3, hash: '', createdAt: 0, version: '3', name: 'c', appliedAt: 1_700_000_000_000 },
    ]);
  });

  test('that nobody but its runner can fill, or whose rows name no number, is refused', async () => {
    await using project = await start(files, '_migrations');
    const refused: readonly (readonly [string, string])[] = [
      ['id INTEGER PRIMARY KEY, applied_at TEXT', 'it has no column version and no column name'],
      ['version INTEGER PRIMARY KEY, checksum TEXT NOT NULL', 'every row of it needs a checksum'],
    ];
    for (const [make, why] of refused) {
      await project.query({ sql: `CREATE TABLE _migrations (${make})` });
      await expect(shapedFor(project.query, ours)).rejects.toThrow(why);
      await project.query({ sql: 'DROP TABLE _migrations' });
    }
    await project.query({ sql: "CREATE VIEW _migrations AS SELECT 1 AS version, 'a' AS name" });
    await expect(shapedFor(project.query, ours)).rejects.toThrow('it is a view, which takes no records');
    await project.query({ sql: 'DROP VIEW _migrations' });
    await project.query({ sql: 'CREATE TABLE _migrations (name TEXT)' });
    for (const name of ['initial', '1.5', '2fa', '']) {
      await project.query({ sql: 'DELETE FROM _migrations' });
      await project.query({ sql: 'INSERT INTO _migrations VALUES (?)', args: [name] });
      const shaped = await shapedFor(project.query, ours);
      await expect(entriesOf(project.query, shaped)).rejects.toThrow(
        'Table _migrations has a row whose name does not begin with the number of a migration',
      );
    }
  });
});

describe('records of numbered files', () => {
  test('larger than a number can hold are told apart, and erased one by one', async () => {
    const large = numberedFolder([
      { tag: '20240101120000123_a', sql: 'CREATE TABLE a (x);' },
      { tag: '20240101120000124_b', sql: 'CREATE TABLE b (x);' },
    ]);
    await using project = await start(large, '_migrations');
    for (const { sql } of ours.create()) await project.query({ sql });
    for (const migration of project.migrations) await project.query(ours.record(migration, 0));
    const shaped = await shapedFor(project.query, ours);
    const entries = await entriesOf(project.query, shaped);
    expect(entries.map(({ rowid }) => rowid)).toEqual(['20240101120000123', '20240101120000124']);
    for (const { sql } of [...sameRecords(shaped, entries), ...eraseRecords(entries.slice(0, 1), shaped)])
      await project.query({ sql });
    expect(kinds(project.migrations, shaped, await entriesOf(project.query, shaped))).toEqual([
      'skipped',
      'applied',
    ]);
  });

  test('larger than an integer are refused where the table has integers, and kept as texts', async () => {
    const large = numberedFolder([{ tag: '9223372036854775808_a', sql: 'CREATE TABLE a (x);' }]);
    await using project = await start(large, '_migrations');
    const [migration] = project.migrations;
    if (!migration) throw new Error('The folder is empty.');
    expect(() => ours.record(migration, 0)).toThrow('9223372036854775807 at most');
    await project.query({ sql: 'CREATE TABLE _migrations (version TEXT PRIMARY KEY)' });
    const shaped = await shapedFor(project.query, ours);
    await project.query(shaped.record(migration, 0));
    expect(await entriesOf(project.query, shaped)).toMatchObject([{ version: '9223372036854775808' }]);
  });

  test('that changed places since they were read are not taken for the same', async () => {
    await using project = await start(files, '_migrations');
    for (const { sql } of ours.create()) await project.query({ sql });
    await project.query({ sql: "INSERT INTO _migrations VALUES (1, 'a', 1), (3, 'c', 1)" });
    const shaped = await shapedFor(project.query, ours);
    const [guard] = sameRecords(shaped, await entriesOf(project.query, shaped));
    if (!guard) throw new Error('There is no guard.');
    await project.query({ sql: guard.sql });
    await project.query({ sql: 'UPDATE _migrations SET version = 2 WHERE version = 1' });
    await expect(project.query({ sql: guard.sql })).rejects.toThrow('migrate-tui-guard:history');
  });

  test('under another name than their file has now are applied, with a word about it', async () => {
    await using project = await start(files, '_migrations');
    for (const { sql } of ours.create()) await project.query({ sql });
    await project.query({ sql: "INSERT INTO _migrations VALUES (1, '0001-A', 1), (2, '0002_rooms', 1)" });
    const shaped = await shapedFor(project.query, ours);
    const entries = await entriesOf(project.query, shaped);
    const { items, notes } = lineUp({ migrations: project.migrations, bookkeeping: shaped, entries });
    expect(items.map(({ kind }) => kind)).toEqual(['applied', 'applied', 'pending']);
    expect(notes).toEqual([
      {
        tag: '0002_b',
        message:
          '0002_b counts as applied because _migrations has its number, under another name (0002_rooms): if that was another migration, 0002_b never ran and needs a number of its own',
      },
    ]);
  });

  test('without a file stand where their number puts them', async () => {
    await using project = await start(
      numberedFolder([
        { tag: '9_a', sql: 'SELECT 1;' },
        { tag: '11_c', sql: 'SELECT 1;' },
      ]),
      '_migrations',
    );
    for (const { sql } of ours.create()) await project.query({ sql });
    await project.query({ sql: "INSERT INTO _migrations VALUES (9, '9_a', 1), (10, '10_b', 1)" });
    const shaped = await shapedFor(project.query, ours);
    expect(kinds(project.migrations, shaped, await entriesOf(project.query, shaped))).toEqual([
      'applied',
      'orphan',
      'pending',
    ]);
  });
});

function kinds(
  migrations: readonly Migration[],
  bookkeeping: Parameters<typeof lineUp>[0]['bookkeeping'],
  entries: Parameters<typeof lineUp>[0]['entries'],
) {
  return lineUp({ migrations, bookkeeping, entries }).items.map(({ kind }) => kind);
}

async function start(content: Readonly<Record<string, string>>, table: string): Promise<BookkeepingProject> {
  const project = await started(content);
  const migrations = await loaded(project.folder, 'sqlite', 'numbered');
  return {
    ...project,
    migrations,
    migrate: async () => void (await runNumbered(project.query, project.folder, { table })),
  };
}
