import { execFile } from 'node:child_process';
import { chmod, mkdir, symlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { MigrateError } from '../../src/lib/errors.ts';
import { readFolder } from '../../src/migrations/read-folder.ts';
import { folder0, folder1, writeFiles } from '../support/drizzle-folders.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { unprivileged } from '../support/unprivileged.ts';

const journal = 'meta/_journal.json';

describe('a folder that cannot be used says what, where and what to do', () => {
  test('it is missing, or a file', async () => {
    await using folder = await temporaryFolder();
    await writeFiles(folder.path, { file: '' });
    expect(await failure(folder.file('gone'))).toContain(`Migration folder ${folder.file('gone')} does not exist`);
    expect(await failure(folder.file('file'))).toContain('is a file');
  });

  test('its journal is not JSON: line and column', async () => {
    const texts = {
      '{"entries": [\n  {"idx": 0,\n   "tag": nope}]}': ':3 is not valid JSON: unexpected "nope" in column 11',
      '{"entries": [\n  {"tag": "a"},\n]}': ':3 is not valid JSON: unexpected "]" in column 1',
      '{"entries": [': ':1 is not valid JSON: it ends too early in column 14',
      '\uFEFF{"a" 1}': ':1 is not valid JSON: unexpected "1" in column 6',
      '[]': 'has no list of entries',
    };
    for (const [text, said] of Object.entries(texts)) {
      await using folder = await withFiles({ [journal]: text });
      expect(await failure(folder.path)).toContain(said);
    }
  });

  test('its journal holds a merge that git could not finish: what to keep, and what then says the rest', async () => {
    const entry = (tag: string) => `{"idx":0,"when":1,"tag":"${tag}"}`;
    const text = `{"entries": [\n<<<<<<< HEAD\n${entry('0000_a')}\n=======\n${entry('0000_b')}\n>>>>>>> feat\n]}`;
    await using folder = await withFiles({ [journal]: text });
    await expect(readFolder({ directory: folder.path })).rejects.toMatchObject({
      message: expect.stringContaining(`${journal}:2 holds a merge that is not finished`),
      next: expect.stringMatching(/^Keep the entries of both branches.* migrate-tui check --repair /),
    });
  });

  test('its journal was cut off to nothing while SQL files lie beside it', async () => {
    await using folder = await withFiles({ [journal]: '', '0000_a.sql': 'SELECT 1' });
    expect(await failure(folder.path)).toContain('it ends too early');
    await using fresh = await withFiles({ [journal]: '' });
    expect(await readFolder({ directory: fresh.path })).toMatchObject({ migrations: [] });
  });

  test('it has SQL files but no journal', async () => {
    await using folder = await withFiles({ '0000_a.sql': 'SELECT 1', '0001_b.sql': 'SELECT 1' });
    expect(await failure(folder.path)).toContain('SQL files (0000_a.sql, 0001_b.sql) but no meta/_journal.json');
  });

  test('its journal names a file that is missing: the line of the journal', async () => {
    const { '0001_b.sql': _, ...files } = folder0([
      { tag: '0000_a', sql: 'SELECT 1' },
      { tag: '0001_b', sql: 'SELECT 1' },
    ]);
    await using folder = await withFiles(files);
    expect(await failure(folder.path)).toContain(`${journal}:16 names 0001_b, but there is no file 0001_b.sql`);
  });

  test('a tag is a path, cannot be seen, is there twice, or has no time', async () => {
    const tags = {
      '../../etc/passwd': 'it has a path separator',
      'a\\b': 'it has a path separator',
      '..': 'it is a path',
      ' ': 'it is empty',
      '0000_\u001b[31mred': '"0000_␛[31mred"',
      '0000_\u202Esql': '"0000_<U+202E>sql"',
    };
    for (const [tag, said] of Object.entries(tags)) {
      await using folder = await withFiles({ [journal]: JSON.stringify({ entries: [{ tag, when: 1 }] }) });
      const message = await failure(folder.path);
      expect(message).toContain(said);
      expect(message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }
    await using twice = await withFiles(folder0([{ tag: '0000_a', sql: '' }, { tag: '0000_a', sql: '' }]));
    expect(await failure(twice.path)).toContain(`${journal}:16 names 0000_a twice, first in line 9`);
    await using timeless = await withFiles({ [journal]: '{"entries":[{"tag":"0000_a","when":"1"}]}' });
    expect(await failure(timeless.path)).toContain('gives 0000_a no time');
  });

  test('a file cannot be read: it is a folder, or its links lead in a circle', async () => {
    await using folder = await withFiles({ [journal]: folder0([{ tag: '0000_a', sql: '' }])[journal] ?? '' });
    await mkdir(folder.file('0000_a.sql'));
    expect(await failure(folder.path)).toContain('Migration file 0000_a.sql cannot be read: it is a folder');
    await using circle = await withFiles({ [journal]: folder0([{ tag: '0000_a', sql: '' }])[journal] ?? '' });
    await symlink('0000_a.sql', circle.file('0000_a.sql'));
    expect(await failure(circle.path)).toContain('its links lead in a circle');
  });

  test('a file cannot be read: permission denied', async () => {
    await using folder = await withFiles(folder0([{ tag: '0000_a', sql: 'SELECT 1' }]));
    await chmod(folder.file('0000_a.sql'), 0);
    expect(await failureOfAnybody(folder.path)).toContain('cannot be read: permission denied');
  });

  test('a folder of Drizzle 1.0 whose name has no time, which drizzle-orm cannot record', async () => {
    await using folder = await withFiles(folder1([{ tag: 'init', sql: 'SELECT 1' }]));
    expect(await failure(folder.path)).toContain('its first 14 characters are no time');
  });

  test('the format that was asked for is not the one that is there', async () => {
    await using folder = await withFiles(folder0([{ tag: '0000_a', sql: 'SELECT 1' }]));
    await expect(readFolder({ directory: folder.path, format: 'drizzle-1' })).rejects.toMatchObject({
      code: 'migrations',
      message: `Migration folder ${folder.path} is stored as Drizzle 0.x, not as Drizzle 1.0`,
    });
  });
});

describe('what is odd but usable is a note', () => {
  test('SQL files that are not in the journal, a gap in idx, missing snapshots, another dialect', async () => {
    const entries = [{ idx: 0, tag: '0000_a', when: 1 }, { idx: 2, tag: '0002_b', when: 2 }];
    await using folder = await withFiles({
      [journal]: JSON.stringify({ dialect: 'postgresql', entries }),
      '0000_a.sql': 'SELECT 1',
      '0002_b.sql': 'SELECT 1',
      'seed.sql': 'SELECT 1',
      'meta/0000_snapshot.json': '{}',
    });
    const { notes, migrations } = await readFolder({ directory: folder.path });
    expect(migrations).toHaveLength(2);
    expect(notes.map(({ message }) => message)).toEqual([
      'has a gap: entry 2, 0002_b, has idx 2, not 1',
      'is for postgresql, not for SQLite',
      'is not in meta/_journal.json, so Drizzle never runs it',
      'has no snapshot of 0002_b: deploying needs none, drizzle-kit generate does',
    ]);
  });

  test('entries that are out of order, or have the same time', async () => {
    await using folder = await withFiles(
      folder0([
        { tag: '0000_a', sql: '', when: 20 },
        { tag: '0001_b', sql: '', when: 10 },
        { tag: '0002_c', sql: '', when: 20 },
      ]),
    );
    const { notes } = await readFolder({ directory: folder.path });
    const said = notes.map(({ message }) => message).join('\n');
    expect(said).toContain('gives 0001_b an older time than 0000_a');
    expect(said).toContain('gives 0002_c the same time as 0000_a');
  });

  test('both formats are there: the journal wins, as drizzle-orm 1.0 refuses such a folder', async () => {
    await using folder = await withFiles({
      ...folder0([{ tag: '0000_a', sql: 'SELECT 1' }]),
      ...folder1([{ tag: '20240101000000_b', sql: 'SELECT 1' }]),
    });
    const { format, migrations, notes } = await readFolder({ directory: folder.path });
    expect(format).toBe('drizzle-0');
    expect(migrations.map(({ tag }) => tag)).toEqual(['0000_a']);
    expect(notes[0]?.message).toContain('those of Drizzle 0.x are read');
    const asked = await readFolder({ directory: folder.path, format: 'drizzle-1' });
    expect(asked.migrations.map(({ tag }) => tag)).toEqual(['20240101000000_b']);
  });

  test('in a folder of Drizzle 1.0: loose SQL files and folders without migration.sql', async () => {
    await using folder = await withFiles({
      ...folder1([{ tag: '20240101000000_b', sql: 'SELECT 1' }]),
      'loose.sql': 'SELECT 1',
      'notes/readme.md': '',
      '20240101000000_b/rollback.sql': 'SELECT 2',
      '20240101000000_b/verify.sql': 'SELECT 3',
    });
    const { migrations, notes } = await readFolder({ directory: folder.path });
    expect(notes.map(({ message }) => message)).toEqual([
      'lies in no folder of its own, so Drizzle 1.0 never runs it',
      'has no migration.sql, so Drizzle 1.0 passes it by',
      'has no snapshot of 20240101000000_b: deploying needs none, drizzle-kit generate does',
    ]);
    expect(migrations[0]?.rollback?.statements).toMatchObject([{ sql: 'SELECT 2' }]);
    expect(migrations[0]?.verify?.statements).toMatchObject([{ sql: 'SELECT 3' }]);
  });
});

async function withFiles(files: Readonly<Record<string, string>>) {
  const folder = await temporaryFolder();
  await writeFiles(folder.path, files);
  return folder;
}

/** What somebody reads who is not root, in a process of its own. */
async function failureOfAnybody(directory: string): Promise<string> {
  const module = new URL('../../src/migrations/read-folder.ts', import.meta.url).href;
  const script = `import { readFolder } from ${JSON.stringify(module)};
    await readFolder({ directory: ${JSON.stringify(directory)} }).catch((error) => console.log(error.message));`;
  const [file, ...args] = [...unprivileged, process.execPath, '--input-type=module', '--eval', script];
  return (await promisify(execFile)(file, args)).stdout;
}

async function failure(directory: string): Promise<string> {
  const error: MigrateError = await readFolder({ directory }).then(
    () => expect.fail('The folder was read.'),
    (caught: MigrateError) => caught,
  );
  expect(error).toMatchObject({ code: 'migrations', exitCode: 2 });
  expect(error.next).toMatch(/^[A-Z].*\.$/);
  return error.message;
}
