import { rm, symlink } from 'node:fs/promises';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MigrateError } from '../../src/lib/errors.ts';
import { readFolder } from '../../src/migrations/read-folder.ts';
import type { ReadFolderOptions } from '../../src/migrations/read-folder.ts';
import { compareNames } from '../../src/migrations/wrangler-order.ts';
import { folder0, folder1, writeFiles } from '../support/drizzle-folders.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { wranglerFolder } from '../support/wrangler-folder.ts';

const sql = 'SELECT 1;';

describe('a folder that wrangler runs has the files and the order that wrangler has', () => {
  test('for any names', async () => {
    await using project = await wranglerFolder({ ...named(oddNames), ...named(randomNames()) });
    await symlink('10_b.sql', `${project.folder}/11_link.sql`);
    const { migrations, notes } = await read(project.folder);
    expect(migrations.map(({ tag }) => `${tag}.sql`)).toEqual((await project.list()).names);
    expect(notes).toContainEqual({
      file: `${project.folder}/11_link.sql`,
      message: 'is a link, so wrangler never runs it',
    });
  });

  test('for a pattern over several folders', async () => {
    const pattern = '{,v*/,[a-c]/**/}!(skip*).sql';
    const names = ['v10/1_a', 'v9/2_b', 'v9/10_a', 'x/1', 'b/c/d/1', 'b/.hidden/1', 'b/2', '3_top', 'skip_it'];
    const files = named([...names, 'v9/skip_this'].map((name) => `${name}.sql`));
    await using project = await wranglerFolder({ ...files, 'v9/readme.md': '' }, { pattern });
    const { migrations } = await read(project.folder, { pattern });
    expect(migrations.map(({ tag }) => `${tag}.sql`)).toEqual((await project.list()).names);
    expect(migrations).toHaveLength(6);
  });

  test('and comparing names is an order: no two are equal, none stands on both sides of another', () => {
    const name = fc.stringMatching(/^(-?\d{0,3}_?[a-c]{0,2}\/?){1,3}$/);
    fc.assert(
      fc.property(name, name, name, (a, b, c) => {
        expect(Math.sign(compareNames(a, b))).toBe(0 - Math.sign(compareNames(b, a)));
        expect(compareNames(a, b) === 0).toBe(a === b);
        if (compareNames(a, b) < 0 && compareNames(b, c) < 0) expect(compareNames(a, c)).toBeLessThan(0);
      }),
    );
  });

  test('a link to a folder is not followed, and a folder named like a file is none', async () => {
    await using folder = await withFiles({ 'a.sql/x.sql': sql, '1_a.sql': sql });
    await symlink(folder.file('a.sql'), folder.file('linked'));
    const { migrations } = await read(folder.path, { pattern: '**/*.sql' });
    expect(migrations.map(({ tag }) => tag)).toEqual(['1_a', 'a.sql/x']);
  });

  test('a pattern that begins with ! or # means something else to wrangler, and is refused', async () => {
    await using folder = await withFiles({ '1_a.sql': sql });
    expect(await failure(folder.path, { pattern: '!(*.down).sql' })).toContain('every file but these');
    expect(await failure(folder.path, { pattern: '#*.sql' })).toContain('a comment');
  });
});

describe('tags in a folder that wrangler runs', () => {
  test('are the names without .sql, with their folders, or what Drizzle 1.0 named the folder', async () => {
    const names = ['0001_a.sql', 'b/0002_b.sql', '20240101000000_c/migration.sql', 'x/y/migration.sql'];
    await using folder = await withFiles(named(names));
    const { migrations, format } = await read(folder.path, { pattern: '**/*.sql' });
    expect(format).toBe('wrangler');
    expect(migrations.map(({ tag }) => tag)).toEqual(['0001_a', '20240101000000_c', 'b/0002_b', 'x/y']);
    expect(migrations.map(({ when }) => when)).toEqual([0, Date.UTC(2024, 0, 1), 0, 0]);
  });

  test('stay whole where two would be the same, so that each names one file', async () => {
    await using folder = await withFiles(named(['init.sql', 'init/migration.sql', 'other.sql']));
    const { migrations } = await read(folder.path, { pattern: '**/*.sql' });
    expect(migrations.map(({ tag }) => tag)).toEqual(['init/migration.sql', 'init.sql', 'other']);
  });

  test('with characters that cannot be seen are refused', async () => {
    for (const name of ['0001_\u001b[31m.sql', '0001_\u202Elqs.sql', '0001_new\nline.sql']) {
      await using folder = await withFiles({ [name]: sql });
      const message = await failure(folder.path);
      expect(message).toContain('it has characters that cannot be seen');
      expect(message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }
  });
});

describe('a companion among the files that wrangler runs', () => {
  test('is refused with what wrangler would do with it', async () => {
    await using folder = await withFiles({ '0001_a.sql': sql, '0001_a.rollback.sql': 'DROP TABLE a;' });
    expect(await failure(folder.path)).toBe(
      `0001_a.rollback.sql in ${folder.path}: wrangler d1 migrations apply would run it as a migration, before 0001_a.sql`,
    );
    for (const name of ['0001_a.verify.sql', '0002_gone.down.sql']) {
      await using other = await withFiles({ '0001_a.sql': sql, [name]: sql });
      expect(await failure(other.path)).toContain(name);
    }
  });

  test('is refused with all the others of its kind', async () => {
    const tags = ['0001_a', '0002_b'];
    const files = tags.flatMap((tag) => [`${tag}.sql`, `${tag}.rollback.sql`]);
    await using folder = await withFiles(Object.fromEntries(files.map((name) => [name, sql])));
    const error = await read(folder.path).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      message: `0001_a.rollback.sql, 0002_b.rollback.sql in ${folder.path}: wrangler d1 migrations apply would run them as migrations, 0001_a.rollback.sql before 0001_a.sql`,
      next: `Move them to ${folder.path}.extra/, where wrangler runs nothing and their migrations still find them. Where a runner of numbered files has the folder and not wrangler, bookkeeping: 'numbered' of the database in migrate-tui.config says so; migrate-tui init writes one.`,
    });
  });

  test('is refused beside the migration of its own folder when the pattern takes both', async () => {
    await using folder = await withFiles({
      '20240101000000_a/migration.sql': sql,
      '20240101000000_a/rollback.sql': 'DROP TABLE a;',
    });
    expect(await failure(folder.path, { pattern: '**/*.sql' })).toContain(
      'would run it as a migration, after 20240101000000_a/migration.sql',
    );
    const { migrations, notes } = await read(folder.path, { pattern: '*/migration.sql' });
    expect(migrations[0]?.rollback?.statements).toMatchObject([{ sql: 'DROP TABLE a' }]);
    expect(notes).toEqual([]);
  });

  test('is found in <folder>.extra, in a folder of the same name where the migration lies in one', async () => {
    await using folder = await withFiles({
      'm/v1/0001_a.sql': sql,
      'm.extra/v1/0001_a.rollback.sql': 'DROP TABLE a;',
    });
    const { migrations } = await read(folder.file('m'), { pattern: 'v*/*.sql' });
    expect(migrations[0]).toMatchObject({ tag: 'v1/0001_a', rollback: { statements: [{ sql: 'DROP TABLE a' }] } });
  });
});

describe('what a person should know of a folder that wrangler runs is a note', () => {
  test('migrations of Drizzle 1.0 without a pattern, for which wrangler falsely says that there are none', async () => {
    await using project = await wranglerFolder(folder1([{ tag: '20240101000000_a', sql }]));
    const { names, says } = await project.list();
    expect(names).toEqual([]);
    expect(says).toContain('No migrations to apply!');
    const { migrations, notes, format } = await read(project.folder);
    expect(format).toBe('drizzle-1');
    expect(migrations.map(({ tag }) => tag)).toEqual(['20240101000000_a']);
    expect(notes).toMatchObject([
      { message: expect.stringContaining('wrangler says "No migrations to apply!" whatever is pending') },
    ]);
  });

  test('a journal that says something else than the files, or that cannot be read', async () => {
    const files = folder0([
      { tag: '0001_b', sql },
      { tag: '0000_a', sql },
      { tag: '0002_gone', sql },
    ]);
    await using folder = await withFiles({ ...files, '0003_by_hand.sql': sql });
    await using broken = await withFiles({ 'meta/_journal.json': '{', '0000_a.sql': sql });
    await using without = await withFiles({ ...files, '0003_by_hand.sql': sql });
    await rm(without.file('0002_gone.sql'));
    expect((await messages(folder.path)).toSorted()).toEqual([
      'has 0001_b before 0000_a, but wrangler runs 0000_a first',
      'is not in meta/_journal.json, and wrangler runs it all the same',
    ]);
    expect(await messages(without.path)).toContain('names 0002_gone, for which wrangler finds no file and runs nothing');
    expect((await messages(broken.path))[0]).toContain('which wrangler does not notice');
    expect(await read(broken.path)).toMatchObject({ format: 'drizzle-0', migrations: [{ tag: '0000_a', when: 0 }] });
  });

  test('SQL files that fit no pattern', async () => {
    await using folder = await withFiles(named(['0001_a.sql', 'deeper/0002_b.sql', 'UPPER.SQL']));
    expect(await messages(folder.path)).toEqual([
      'has SQL files that do not fit *.sql right in it, so wrangler never runs them: UPPER.SQL, deeper/0002_b.sql',
    ]);
  });

  test('a file without its last semicolon, to which wrangler glues its record', async () => {
    const texts = {
      '1_none.sql': 'CREATE TABLE a (x)',
      '2_comment.sql': 'CREATE TABLE b (x) -- done;',
      '3_block.sql': "INSERT INTO b VALUES (';') /* ; */",
      '4_fine.sql': 'CREATE TABLE c (x);',
      '5_fine.sql': 'CREATE TABLE d (x); -- done',
      '6_fine.sql': "INSERT INTO d VALUES ('--;');\n",
      '7_empty.sql': '-- nothing yet',
      '8_crlf.sql': 'CREATE TRIGGER t AFTER INSERT ON d BEGIN\r\nSELECT 1;\r\nEND;\r\n',
    };
    await using folder = await withFiles(texts);
    const { notes } = await read(folder.path);
    expect(notes.map(({ file, message }) => [file.slice(folder.path.length + 1), message.split(':')[0]])).toEqual([
      ['1_none.sql', 'does not end in a semicolon'],
      ['2_comment.sql', 'does not end in a semicolon'],
      ['3_block.sql', 'does not end in a semicolon'],
      ['8_crlf.sql', expect.stringContaining('has CRLF line ends and a trigger')],
    ]);
    await using project = await wranglerFolder({ '1_none.sql': texts['1_none.sql'] });
    await expect(project.apply()).rejects.toThrow('syntax error');
  });
});

const oddNames = [
  '10_b.sql',
  '9_c.sql',
  '09_a.sql',
  '0009_b.sql',
  '-5_before.sql',
  ' 7_space.sql',
  '12abc_x.sql',
  '12_.sql',
  '_12.sql',
  '99999999999999999999_a.sql',
  `${'9'.repeat(200)}.sql`,
  'Infinity_x.sql',
  '1e3_x.sql',
  '0x10_x.sql',
  '2.5_x.sql',
  'é_x.sql',
  'Z.sql',
  'a b.sql',
  "it's.sql",
  '20240101120000_drizzle.sql',
  '.hidden.sql',
  'not.txt',
];

function randomNames(): readonly string[] {
  const name = fc.stringMatching(/^(?:\d{1,4}|[a-zA-Z]{1,2})[_.-]{0,2}[a-zA-Z0-9_]{1,6}$/);
  return fc.sample(name, 120).map((each) => `${each}.sql`);
}

function named(names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, sql]));
}

async function withFiles(files: Readonly<Record<string, string>>) {
  const folder = await temporaryFolder();
  await writeFiles(folder.path, files);
  return folder;
}

function read(directory: string, options: Pick<ReadFolderOptions, 'pattern'> = {}) {
  return readFolder({ directory, recordedBy: 'd1', ...options });
}

async function messages(directory: string): Promise<readonly string[]> {
  return (await read(directory)).notes.map(({ message }) => message);
}

async function failure(directory: string, options: Pick<ReadFolderOptions, 'pattern'> = {}): Promise<string> {
  const error: MigrateError = await read(directory, options).then(
    () => expect.fail('The folder was read.'),
    (caught: MigrateError) => caught,
  );
  expect(error).toMatchObject({ code: 'migrations' });
  expect(error.next).toMatch(/^[A-Z].*\.$/);
  return error.message;
}
