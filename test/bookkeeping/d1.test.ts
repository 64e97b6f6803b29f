import { createClient } from '@libsql/client';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { bookkeepingFor } from '../../src/bookkeeping/bookkeeping-for.ts';
import { d1Bookkeeping } from '../../src/bookkeeping/d1.ts';
import { readFolder } from '../../src/migrations/read-folder.ts';
import {
  applyAll,
  bookkeepingContract,
  entriesOf,
  queryOf,
  raw,
  shapedFor,
  type BookkeepingProject,
} from '../contracts/bookkeeping.ts';
import { folder0 } from '../support/drizzle-folders.ts';
import { wranglerFolder } from '../support/wrangler-folder.ts';

const files = folder0([
  { tag: '0000_a', sql: 'CREATE TABLE a (x);' },
  { tag: "0001_it's_b", sql: 'CREATE TABLE b (x);' },
  { tag: '0010_c', sql: 'CREATE TABLE c (x);' },
]);

bookkeepingContract({
  title: 'wrangler',
  tool: 'wrangler',
  tables: ['d1_migrations'],
  shape: 'd1',
  bookkeeping: ({ folder, table }) => d1Bookkeeping({ directory: folder, table }),
  start: (table) => start(files, { table }),
});

describe('records of wrangler', () => {
  test('of migrations in folders, in a table of another name, are known to wrangler by their paths', async () => {
    const table = 'odd "name"; --';
    const nested = {
      '20240101000000_a/migration.sql': 'CREATE TABLE a (x);',
      '20240102000000_b/migration.sql': 'CREATE TABLE b (x);',
    };
    await using project = await start(nested, { table, pattern: '*/migration.sql' });
    const bookkeeping = d1Bookkeeping({ directory: project.folder, table });
    await applyAll(project.query, project.migrations.slice(0, 1), bookkeeping);
    expect(await project.pending()).toEqual(['20240102000000_b/migration.sql']);
    const [entry] = await entriesOf(project.query, await shapedFor(project.query, bookkeeping));
    expect(entry).toMatchObject({ rowid: 1, id: 1, name: '20240101000000_a/migration.sql', hash: '' });
  });

  test('tell when they were written, by the clock of the database in UTC', async () => {
    vi.stubEnv('TZ', 'Asia/Tokyo');
    onTestFinished(() => void vi.unstubAllEnvs());
    await using project = await start(files, { table: 'd1_migrations' });
    const bookkeeping = d1Bookkeeping({ directory: project.folder, table: 'd1_migrations' });
    const before = Math.floor(Date.now() / 1000) * 1000;
    await applyAll(project.query, project.migrations, bookkeeping);
    await project.query({
      sql: `UPDATE d1_migrations SET applied_at = '2024-05-06T07:08:09+02:00' WHERE id = 2`,
    });
    await project.query({
      sql: `UPDATE d1_migrations SET applied_at = 'yesterday', name = NULL WHERE id = 3`,
    });
    const entries = await entriesOf(project.query, await shapedFor(project.query, bookkeeping));
    expect(entries[0]?.appliedAt).toBeGreaterThanOrEqual(before);
    expect(entries[0]?.appliedAt).toBeLessThanOrEqual(Date.now());
    expect(entries[1]?.appliedAt).toBe(Date.UTC(2024, 4, 6, 5, 8, 9));
    expect(entries[2]).toEqual({ rowid: 3, id: 3, hash: '', createdAt: 0 });
  });

  test('are not looked for in a table that is not one', () => {
    const bookkeeping = d1Bookkeeping({ directory: '/m', table: 'users' });
    expect(() => bookkeeping.withShape([{ name: 'id' }, { name: 'email' }])).toThrow(
      'Table users is no tracking table of wrangler: it has no column name',
    );
    expect(bookkeeping.withShape([{ name: 'id' }, { name: 'name' }]).read.sql).toBe(
      'SELECT _rowid_ AS row, id, name FROM "users" ORDER BY _rowid_',
    );
  });
});

describe('which table a folder is recorded in', () => {
  const directory = '/project/drizzle';

  test("is wrangler's for any folder that wrangler runs, else Drizzle's in the shape of its line", () => {
    for (const format of ['drizzle-0', 'drizzle-1', 'wrangler'] as const) {
      expect(
        bookkeepingFor({ recordedBy: 'd1', format, directory, table: 't', dialect: 'sqlite' }).kind,
      ).toBe('d1');
    }
    expect(
      bookkeepingFor({ recordedBy: 'drizzle', format: 'drizzle-1', directory, table: 't', dialect: 'sqlite' })
        .kind,
    ).toBe('drizzle-1');
  });

  test('plain files have no place in the table of Drizzle', () => {
    expect(() =>
      bookkeepingFor({
        recordedBy: 'drizzle',
        format: 'wrangler',
        directory,
        table: '__drizzle_migrations',
        dialect: 'sqlite',
      }),
    ).toThrow('holds plain SQL files');
  });
});

async function start(
  content: Readonly<Record<string, string>>,
  { table, pattern }: { readonly table: string; readonly pattern?: string },
): Promise<BookkeepingProject & { pending(): Promise<readonly string[]> }> {
  const project = await wranglerFolder(content, { table, ...(pattern === undefined ? {} : { pattern }) });
  const client = createClient({ url: `file:${project.database}` });
  const { migrations } = await readFolder({ directory: project.folder, recordedBy: 'd1', pattern });
  return {
    query: queryOf(client),
    raw: (name) => raw(client, name),
    migrations,
    folder: project.folder,
    migrate: () => project.apply(),
    pending: async () => (await project.list()).names,
    async [Symbol.asyncDispose]() {
      client.close();
      await project[Symbol.asyncDispose]();
    },
  };
}
