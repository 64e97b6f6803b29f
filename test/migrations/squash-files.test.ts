import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { readFolder } from '../../src/migrations/read-folder.ts';
import { folder0, folder1, writeFiles } from '../support/drizzle-folders.ts';
import { squashOrUndo } from '../support/squash-entry.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const entry = new URL('../support/squash-entry.ts', import.meta.url).pathname;
const killer = new URL('../support/kill-at-write.mjs', import.meta.url).href;

const migrations = ['20250101000000_a', '20250101000001_b', '20250101000002_c'].map((tag) => {
  return { tag, sql: `CREATE TABLE "${tag}" (id integer);` };
});
const none = '00000000-0000-0000-0000-000000000000';
const folders = {
  'Drizzle 0.x': {
    ...folder0(migrations),
    'meta/20250101000002_snapshot.json': JSON.stringify({ id: 'c', prevId: 'b', tables: {} }, null, 2),
    '20250101000001_b.rollback.sql': 'DROP TABLE b;',
    '20250101000002_c.rollback.sql': 'DROP TABLE c;',
    '20250101000002_c.verify.sql': 'SELECT 1 WHERE 0;',
    'notes.txt': 'of a person',
  },
  'Drizzle 1.0': {
    ...folder1(migrations),
    '20250101000002_c/snapshot.json': JSON.stringify({ id: 'c', prevIds: ['b'], ddl: [] }, null, 2),
    '20250101000001_b/rollback.sql': 'DROP TABLE b;',
  },
} as const;

test('a journal that a formatter laid out is what it was, once a squash is undone', async () => {
  await using place = await temporaryFolder();
  const folder = place.file('drizzle');
  const plain: Readonly<Record<string, string>> = folders['Drizzle 0.x'];
  const journal: unknown = JSON.parse(plain['meta/_journal.json'] ?? '');
  const files = { ...plain, 'meta/_journal.json': `${JSON.stringify(journal, null, '\t')}\n` };
  await writeFiles(folder, files);
  await squashOrUndo(folder, 'squash');
  await squashOrUndo(folder, 'undo');
  expect(contentOf(folder)['meta/_journal.json']).toBe(files['meta/_journal.json']);
});

describe.each(['Drizzle 0.x', 'Drizzle 1.0'] as const)('the files of %s', (line) => {
  test('are one file with the name of the last, its snapshot the first of all; undone, they are what they were', async () => {
    await using place = await temporaryFolder();
    const folder = place.file('drizzle');
    await writeFiles(folder, folders[line]);
    const before = contentOf(folder);
    await squashOrUndo(folder, 'squash');
    expect(Object.keys(contentOf(folder))).toEqual(
      line === 'Drizzle 0.x'
        ? ['20250101000002_c.sql', '20250101000002_c.verify.sql', 'meta/20250101000002_snapshot.json', 'meta/_journal.json', 'notes.txt']
        : ['20250101000002_c/migration.sql', '20250101000002_c/snapshot.json'],
    );
    const [snapshot = ''] = Object.entries(contentOf(folder)).flatMap(([name, text]) => (name.includes('snapshot') ? [text] : []));
    expect(JSON.parse(snapshot)).toMatchObject(line === 'Drizzle 0.x' ? { id: 'c', prevId: none } : { id: 'c', prevIds: [none] });
    const { migrations: read, notes } = await readFolder({ directory: folder });
    expect(notes.map(({ message }) => message)).not.toContainEqual(expect.stringContaining('gap'));
    expect(read.map(({ tag, rollback }) => [tag, rollback])).toEqual([['20250101000002_c', undefined]]);
    const originals = await read[0]?.squashed?.originals();
    expect(originals?.map(({ tag, rollback }) => `${tag} ${rollback ? 'with' : 'without'}`)).toEqual([
      '20250101000000_a without',
      '20250101000001_b with',
      `20250101000002_c ${line === 'Drizzle 0.x' ? 'with' : 'without'}`,
    ]);
    await squashOrUndo(folder, 'undo');
    expect(contentOf(folder)).toEqual(before);
    expect(existsSync(`${folder}.squashed`)).toBe(false);
  });
});

test('rollback files beside a folder go with their migrations and come back', async () => {
  await using place = await temporaryFolder();
  const folder = place.file('drizzle');
  await writeFiles(folder, folder0(migrations));
  await writeFiles(`${folder}.extra`, { '20250101000002_c.rollback.sql': 'DROP TABLE c;' });
  await squashOrUndo(folder, 'squash');
  const { migrations: read } = await readFolder({ directory: folder });
  expect(read[0]?.rollback).toBeUndefined();
  expect((await read[0]?.squashed?.originals())?.[2]?.rollback).toBeDefined();
  await squashOrUndo(folder, 'undo');
  expect((await readFolder({ directory: folder })).migrations[2]?.rollback).toBeDefined();
});

test('an archive that was edited, or a manifest that is none, is refused by name', async () => {
  await using place = await temporaryFolder();
  const folder = place.file('drizzle');
  await writeFiles(folder, folder0(migrations));
  await squashOrUndo(folder, 'squash');
  await writeFiles(`${folder}.squashed`, { '20250101000002_c/20250101000000_a.sql': 'SELECT 2;' });
  const { migrations: read } = await readFolder({ directory: folder });
  await expect(read[0]?.squashed?.originals()).rejects.toThrow(/20250101000000_a in the archive .* was edited/);
  await writeFiles(`${folder}.squashed`, { 'manifest.json': '{"version": 1, "squashes": [{}]}' });
  await expect(readFolder({ directory: folder })).rejects.toThrow(/manifest of squashed migrations .* without migrations/);
  await writeFiles(`${folder}.squashed`, { 'manifest.json': '{' });
  await expect(readFolder({ directory: folder })).rejects.toThrow(/is not valid JSON/);
});

test.each(['squash', 'undo'] as const)(
  'whatever moment kills %s, the folder is as it was or as it is to be, and the same again ends it',
  { timeout: 60_000 },
  async (what) => {
    let kills = 0;
    for (let nth = 1, ended = false; !ended; nth += 1) {
      await using place = await temporaryFolder();
      const folder = place.file('drizzle');
      await writeFiles(folder, folder0(migrations.slice(0, 2)));
      if (what === 'undo') await squashOrUndo(folder, 'squash');
      const before = contentOf(folder);
      ended = await killedAt(folder, what, nth);
      const left = contentOf(folder);
      if (Object.keys(left).length === 0) {
        await expect(readFolder({ directory: folder })).rejects.toThrow(/it is whole in/);
      }
      await squashOrUndo(folder, what);
      const after = contentOf(folder);
      expect([{}, before, after], `killed at change ${nth}`).toContainEqual(left);
      expect(Object.keys(after).filter((name) => name.endsWith('.sql'))).toHaveLength(what === 'undo' ? 2 : 1);
      const { migrations: read } = await readFolder({ directory: folder });
      const originals = (await read[0]?.squashed?.originals()) ?? [];
      expect(originals).toHaveLength(what === 'undo' ? 0 : 2);
      if (!ended) kills += 1;
    }
    expect(kills).toBeGreaterThan(5);
  },
);

/** @returns whether it came to its end before that */
async function killedAt(folder: string, what: string, nth: number): Promise<boolean> {
  const env = { ...process.env, KILL_AT_WRITE: String(nth), KILL_BELOW: folder };
  try {
    await promisify(execFile)(process.execPath, ['--import', killer, entry, folder, what], { env });
    return true;
  } catch (error) {
    expect(error).toMatchObject({ signal: 'SIGKILL' });
    return false;
  }
}

/** Of a folder, by path; empty when it is not there. */
function contentOf(folder: string): Readonly<Record<string, string>> {
  if (!existsSync(folder)) return {};
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  const paths = files.map(({ parentPath, name }) => join(parentPath, name)).toSorted();
  return Object.fromEntries(paths.map((path) => [relative(folder, path), readFileSync(path, 'utf8')]));
}
