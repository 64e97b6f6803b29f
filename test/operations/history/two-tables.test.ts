import { rm } from 'node:fs/promises';
import { createClient, type Client, type InStatement } from '@libsql/client';
import { describe, expect, test } from 'vitest';
import { d1Bookkeeping } from '../../../src/bookkeeping/d1.ts';
import { drizzleBookkeeping } from '../../../src/bookkeeping/drizzle.ts';
import type { DrizzleLine } from '../../../src/migrations/migration.ts';
import { readFolder } from '../../../src/migrations/read-folder.ts';
import {
  adoptRecords,
  compareTables,
  describeTwoTables,
} from '../../../src/operations/history/two-tables.ts';
import { applyAll, entriesOf, shapedFor } from '../../contracts/bookkeeping.ts';
import { folder0, folder1, writeFiles } from '../../support/drizzle-folders.ts';
import { drizzleLines } from '../../support/drizzle-lines.ts';
import { wranglerFolder, type WranglerFolder } from '../../support/wrangler-folder.ts';

const names = { d1: 'd1_migrations', drizzle: '__drizzle_migrations' };
const a = { tag: '0000_a', sql: 'CREATE TABLE a (x);' };
const b = { tag: '0001_b', sql: 'CREATE TABLE b (x);' };
const c = { tag: '0002_c', sql: 'CREATE TABLE c (x);' };

describe('a database with records of wrangler and of Drizzle', () => {
  test('is put right from what drizzle-orm applied, and wrangler then applies only the rest', async () => {
    await using project = await wranglerFolder(folder0([a, b]));
    using client = opened(project);
    await drizzleLines['drizzle-0'].migrate(client, project.folder);
    await writeFiles(project.folder, folder0([a, b, c]));
    const before = await compared(project, client);
    expect(tags(before)).toEqual({
      inBoth: [],
      onlyOwn: [],
      onlyOther: ['0000_a', '0001_b'],
      inNeither: ['0002_c'],
    });
    await client.batch(await adoption(project, client), 'write');
    expect((await project.list()).names).toEqual(['0002_c.sql']);
    const after = await compared(project, client);
    expect(tags(after)).toMatchObject({ inBoth: ['0000_a', '0001_b'], inNeither: ['0002_c'] });
    expect(await adoption(project, client)).toEqual([]);
    expect(describeTwoTables(after, names.d1)).toBe(
      'Both d1_migrations and __drizzle_migrations are there and name the same 2 migrations; what is applied is read from d1_migrations',
    );
  });

  test('where each has what the other has not: nothing is taken away, and the sentence names them', async () => {
    await using project = await wranglerFolder(folder0([a]));
    using client = opened(project);
    await drizzleLines['drizzle-0'].migrate(client, project.folder);
    await writeFiles(project.folder, folder0([a, b, c]));
    const migrations = await load(project);
    await applyAll(client, migrations.slice(1, 2), d1Of(project));
    const comparison = await compared(project, client);
    expect(describeTwoTables(comparison, names.d1)).toBe(
      'Both d1_migrations and __drizzle_migrations are there and differ: 1 only in __drizzle_migrations (0000_a), ' +
        '1 only in d1_migrations (0001_b), 0 in both; what is applied is read from d1_migrations',
    );
    await client.batch(await adoption(project, client), 'write');
    expect(tags(await compared(project, client))).toMatchObject({ inBoth: ['0000_a'], onlyOwn: ['0001_b'] });
  });

  test('changes nothing when a record came meanwhile', async () => {
    await using project = await wranglerFolder(folder0([a, b]));
    using client = opened(project);
    await drizzleLines['drizzle-0'].migrate(client, project.folder);
    await applyAll(client, [], d1Of(project));
    const statements = await adoption(project, client);
    await client.execute("INSERT INTO d1_migrations (name) VALUES ('other.sql')");
    await expect(client.batch(statements, 'write')).rejects.toThrow('migrate-tui-guard:history');
    expect(tags(await compared(project, client)).inBoth).toEqual([]);
  });

  test('an edited file and a lost one are told apart from what is simply recorded', async () => {
    await using project = await wranglerFolder(folder0([a, b]));
    using client = opened(project);
    await drizzleLines['drizzle-0'].migrate(client, project.folder);
    await writeFiles(project.folder, {
      ...folder0([a]),
      '0000_a.sql': '-- edited',
      '0001_b.sql': '-- another',
    });
    const comparison = await compared(project, client);
    expect(comparison.edited.map(({ tag }) => tag)).toEqual(['0000_a']);
    expect(comparison.otherOrphans).toHaveLength(1);
    expect(tags(comparison)).toMatchObject({ onlyOther: ['0000_a'], inNeither: ['0001_b'] });
  });

  test('records of 1.0 go by the names of the folders', async () => {
    const folders = folder1([
      { tag: '20240101000000_a', sql: a.sql },
      { tag: '20240102000000_b', sql: b.sql },
    ]);
    await using project = await wranglerFolder(folders, { pattern: '*/migration.sql' });
    using client = opened(project);
    await drizzleLines['drizzle-1'].migrate(client, project.folder);
    const comparison = await compared(project, client, 'drizzle-1');
    expect(tags(comparison).onlyOther).toEqual(['20240101000000_a', '20240102000000_b']);
  });

  test('are found again by their content, or by their second, when drizzle-kit up moved the files', async () => {
    await using project = await wranglerFolder(
      folder0([
        { ...a, when: Date.UTC(2024, 0, 1) + 123 },
        { ...b, when: Date.UTC(2024, 0, 2) + 456 },
      ]),
    );
    using client = opened(project);
    await drizzleLines['drizzle-0'].migrate(client, project.folder);
    await rm(project.folder, { recursive: true });
    const moved = folder1([
      { tag: '20240101000000_a', sql: '-- edited' },
      { tag: '20240109000000_b', sql: b.sql },
    ]);
    await writeFiles(project.folder, moved);
    const comparison = await compared(project, client);
    expect(tags(comparison).onlyOther).toEqual(['20240101000000_a', '20240109000000_b']);
    expect(comparison.edited.map(({ tag }) => tag)).toEqual(['20240101000000_a']);
  });

  test('are found by their content where no journal gives a file its time', async () => {
    await using project = await wranglerFolder(folder0([a, b]));
    using client = opened(project);
    await drizzleLines['drizzle-0'].migrate(client, project.folder);
    await rm(`${project.folder}/meta`, { recursive: true });
    expect(tags(await compared(project, client)).onlyOther).toEqual(['0000_a', '0001_b']);
  });
});

function tags({ inBoth, onlyOwn, onlyOther, inNeither }: Awaited<ReturnType<typeof compared>>) {
  const of = (migrations: readonly { readonly tag: string }[]) => migrations.map(({ tag }) => tag);
  return { inBoth: of(inBoth), onlyOwn: of(onlyOwn), onlyOther: of(onlyOther), inNeither: of(inNeither) };
}

async function compared(project: WranglerFolder, client: Client, line: DrizzleLine = 'drizzle-0') {
  const d1 = await shapedFor(client, d1Of(project));
  const drizzle = await shapedFor(client, drizzleBookkeeping({ format: line, table: names.drizzle }));
  return compareTables({
    migrations: await load(project),
    own: { bookkeeping: d1, entries: d1.exists ? await entriesOf(client, d1) : [] },
    other: { table: names.drizzle, by: 'drizzle', entries: await entriesOf(client, drizzle) },
  });
}

async function adoption(project: WranglerFolder, client: Client): Promise<InStatement[]> {
  const bookkeeping = await shapedFor(client, d1Of(project));
  const entries = bookkeeping.exists ? await entriesOf(client, bookkeeping) : [];
  const comparison = await compared(project, client);
  return adoptRecords(comparison, { bookkeeping, entries, now: 0 }).map(({ sql, args = [] }) => ({
    sql,
    args: [...args],
  }));
}

function d1Of({ folder }: WranglerFolder) {
  return d1Bookkeeping({ directory: folder, table: names.d1 });
}

async function load({ folder }: WranglerFolder) {
  return (await readFolder({ directory: folder, recordedBy: 'd1' })).migrations;
}

function opened({ database }: WranglerFolder): Client & Disposable {
  const client = createClient({ url: `file:${database}` });
  return Object.assign(client, { [Symbol.dispose]: () => client.close() });
}
