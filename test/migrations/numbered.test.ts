import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { newMigration } from '../../src/migrations/new-migration.ts';
import { readFolder } from '../../src/migrations/read-folder.ts';
import { findMigration } from '../../src/operations/history/find-migration.ts';
import { folder0, writeFiles } from '../support/drizzle-folders.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const sql = 'SELECT 1;';

async function read(files: Readonly<Record<string, string>>, options: Partial<Parameters<typeof readFolder>[0]> = {}) {
  await using folder = await temporaryFolder();
  await writeFiles(folder.path, files);
  const found = await readFolder({ directory: folder.path, recordedBy: 'numbered', ...options });
  return {
    folder: found,
    tags: found.migrations.map(({ tag }) => tag),
    notes: found.notes.map(({ message }) => message),
    next: async (name: string, now = new Date(0)) => (await newMigration(found, { name, now })).tag,
  };
}

describe('a folder of numbered files', () => {
  test('is in the order of the numbers, however they are written and however long they are', async () => {
    const { tags } = await read({
      '10_ten.sql': sql,
      '9-nine.sql': sql,
      '0008.eight.sql': sql,
      '007.up.sql': sql,
      '20240101120000124_b.sql': sql,
      '20240101120000123_a.sql': sql,
    });
    expect(tags).toEqual([
      '007',
      '0008.eight',
      '9-nine',
      '10_ten',
      '20240101120000123_a',
      '20240101120000124_b',
    ]);
  });

  test('has companions beside the files, and none of them is run', async () => {
    const { folder } = await read({
      '0001_a.sql': sql,
      '0001_a.rollback.sql': 'DROP TABLE a;',
      '0002_b.up.sql': sql,
      '0002_b.down.sql': 'DROP TABLE b;',
      '0002_b.verify.sql': 'SELECT 1 WHERE 0;',
    });
    expect(folder.migrations).toMatchObject([
      { tag: '0001_a', rollback: { statements: [{ sql: 'DROP TABLE a' }] } },
      { tag: '0002_b', rollback: { statements: [{ sql: 'DROP TABLE b' }] }, verify: { statements: [{}] } },
    ]);
    expect(folder.notes).toEqual([]);
  });

  test('names what is not run, and the numbers that are not there', async () => {
    const { tags, notes } = await read({
      '0001_a.sql': sql,
      '0004_b.sql': sql,
      '0006_c.sql': sql,
      '20240101_d.sql': sql,
      'seed.sql': sql,
      '2fa.sql': sql,
      '0007_E.SQL': sql,
      'old/0001_x.sql': sql,
      '0009_gone.down.sql': sql,
      'README.md': '',
    });
    expect(tags).toEqual(['0001_a', '0004_b', '0006_c', '20240101_d']);
    expect(notes).toEqual([
      'has SQL files whose names begin with no number, so they are not run: 0007_E.SQL, 2fa.sql, seed.sql',
      'has SQL files (0001_x.sql) that are not run: numbered files lie right in the migration folder',
      'has no migration with the number 2 to 3, 5',
      'belongs to no migration: there is none named 0009_gone',
    ]);
  });

  test('with one number twice is refused, unless two databases have them', async () => {
    const files = { '0001_a.sql': sql, '2_rooms.sql': sql, '002_users.sql': sql };
    await expect(read(files)).rejects.toThrow(
      /^002_users and 2_rooms in .* have the same number, 2, and a record has room for one$/,
    );
    expect((await read(files, { only: ['*rooms*'] })).tags).toEqual(['2_rooms']);
    expect((await read(files, { except: ['*rooms*'] })).tags).toEqual(['0001_a', '002_users']);
  });

  test('of Drizzle is read by its numbers and keeps its journal, one of Drizzle 1.0 is refused', async () => {
    const { folder, tags } = await read(
      folder0([
        { tag: '0001_b', sql },
        { tag: '0000_a', sql, when: 5 },
      ]),
    );
    expect(tags).toEqual(['0000_a', '0001_b']);
    expect(folder).toMatchObject({ format: 'drizzle-0', migrations: [{ when: 5 }, {}] });
    await expect(read({ '20240101000000_a/migration.sql': sql })).rejects.toThrow(
      'has a folder for each migration, as Drizzle 1.0 makes them',
    );
  });

  test('is asked for by the number alone', async () => {
    const { folder } = await read({ '1_a.sql': sql, '10_b.sql': sql, '0100_c.sql': sql });
    const found = (wanted: string) => findMigration(folder.migrations, wanted).tag;
    expect([found('1'), found('10'), found('100'), found('0010')]).toEqual(['1_a', '10_b', '0100_c', '10_b']);
  });
});

describe('a new numbered file', () => {
  test('has the next number, written as the newest is', async () => {
    expect(await (await read({})).next('first')).toBe('0001_first');
    expect(await (await read({ '0009_a.sql': sql })).next('add rooms')).toBe('0010_add_rooms');
    expect(await (await read({ '9-a.sql': sql, '1_b.sql': sql })).next('rooms')).toBe('10-rooms');
    expect(await (await read({ '099.sql': sql })).next('rooms')).toBe('100_rooms');
  });

  test('has the time where files are called by it, and is always the newest', async () => {
    const now = new Date('2026-05-06T07:08:09.010Z');
    const { next } = await read({ '20240101120000_a.sql': sql });
    expect(await next('b', now)).toBe('20260506070809_b');
    expect(await (await read({ '20240101120000123_a.sql': sql })).next('b', now)).toBe('20260506070809010_b');
    expect(await (await read({ '20270101120000_a.sql': sql })).next('b', now)).toBe('20270101120001_b');
  });

  test('is written with room for its statements', async () => {
    await using folder = await temporaryFolder();
    await writeFiles(folder.path, { '0001_a.sql': sql });
    const found = await readFolder({ directory: folder.path, recordedBy: 'numbered' });
    const made = await newMigration(found, { name: 'b', text: 'SELECT 2;', now: new Date(0) });
    expect(made.writes).toEqual([{ path: folder.file('0002_b.sql'), text: 'SELECT 2;', how: 'made' }]);
    expect(await readFile(folder.file('0001_a.sql'), 'utf8')).toBe(sql);
  });
});
