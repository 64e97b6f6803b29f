import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { createClient } from '@libsql/client';
import { describe, expect, test } from 'vitest';
import { folderFiles } from '../../src/session/kit/folder-files.ts';
import { kitProject, type KitProject } from '../support/kit-project.ts';
import { TestTerminal } from '../support/terminal.ts';

describe.each(['drizzle-0', 'drizzle-1'] as const)('on a terminal the drizzle-kit of %s', (line) => {
  test('asks whether a column was renamed, and its answer is in the migration', async () => {
    await using project = await kitProject(line);
    await generate(project);
    await project.columns('heading');
    await using terminal = inTerminal(project, ['generate', 'heading']);
    await terminal.shows(renameQuestion);
    await terminal.press('down', 'enter');
    expect(await terminal.ended()).toMatchObject({ exitCode: 0 });
    const files = await readdir(project.file('drizzle'), { recursive: true });
    const texts = await Promise.all(
      files
        .filter((file) => file.endsWith('.sql'))
        .map((file) => readFile(project.file(`drizzle/${file}`), 'utf8')),
    );
    expect(texts.join('\n')).toMatch(/RENAME COLUMN .title. TO .heading./);
  }, 60_000);

  test('writes nothing when it is ended at its question with ctrl-c', async () => {
    await using project = await kitProject(line);
    await generate(project);
    const before = await folderFiles(project.file('drizzle'));
    await project.columns('heading');
    await using terminal = inTerminal(project, ['generate']);
    await terminal.shows(renameQuestion);
    await terminal.press('ctrl-c');
    await terminal.shows('drizzle-kit was not told what was renamed. No file was written.');
    expect(await terminal.ended()).toMatchObject({ exitCode: 4 });
    expect(await folderFiles(project.file('drizzle'))).toEqual(before);
  }, 60_000);

  test('pushes what it is told to, after a backup', async () => {
    await using project = await kitProject(line);
    await filled(project);
    await project.columns('heading');
    await using terminal = inTerminal(project, ['push', 'local', '--yes']);
    await terminal.shows(renameQuestion);
    await terminal.press('down', 'enter');
    expect(await terminal.ended()).toMatchObject({ exitCode: 0 });
    expect(terminal.raw).toContain('migrate-tui restore local b1');
    expect(await query(project, 'SELECT heading FROM posts')).toEqual([{ heading: 'kept' }]);
  }, 60_000);

  test('leaves the database as it is when it is ended at its question with ctrl-c, and the lock is free', async () => {
    await using project = await kitProject(line);
    await filled(project);
    await project.columns('heading');
    await using terminal = inTerminal(project, ['push', 'local', '--yes']);
    await terminal.shows(renameQuestion);
    await terminal.press('ctrl-c');
    await terminal.shows('app of local is as it was');
    expect(await terminal.ended()).toMatchObject({ exitCode: 4 });
    expect(await query(project, 'SELECT title FROM posts')).toEqual([{ title: 'kept' }]);
    expect(await query(project, 'SELECT run FROM __migrate_tui_lease')).toEqual([{ run: null }]);
  }, 60_000);
});

test('ctrl-c while drizzle-kit works ends both, and the lock is free', async () => {
  await using project = await kitProject('drizzle-0');
  await filled(project);
  await project.columns('title', 'body');
  // The push loads the schema code once more before it changes anything, and this time never to its end.
  const schema = await readFile(project.file('schema.ts'), 'utf8');
  await project.write('schema.ts', `if (process.argv.includes('push')) for (;;) { }\n${schema}`);
  await using terminal = inTerminal(project, ['push', 'local', '--yes']);
  await terminal.shows('✓ lock');
  await terminal.press('ctrl-c');
  await terminal.shows('Interrupted. The schema is as it was.');
  expect(await terminal.ended()).toMatchObject({ exitCode: 130 });
  expect(await query(project, 'SELECT title FROM posts')).toEqual([{ title: 'kept' }]);
  expect(await query(project, 'SELECT run FROM __migrate_tui_lease')).toEqual([{ run: null }]);
}, 60_000);

test('ctrl-c while schema code is loaded that never ends leaves no backup and no lock', async () => {
  await using project = await kitProject('drizzle-0');
  await filled(project);
  await project.write('schema.ts', "require('node:fs').writeFileSync('loading', ''); for (;;) { }");
  await using terminal = inTerminal(project, ['push', 'local', '--yes']);
  await expect.poll(() => existsSync(project.file('loading')), { timeout: 20_000 }).toBe(true);
  await terminal.press('ctrl-c');
  expect(await terminal.ended()).toMatchObject({ exitCode: 130 });
  expect(terminal.raw).not.toContain('backup');
}, 60_000);

test.each(['drizzle-0', 'drizzle-1'] as const)(
  'a loss of rows that a person aborts in %s is none',
  async (line) => {
    await using project = await kitProject(line);
    await filled(project);
    await withoutColumns(project);
    await using terminal = inTerminal(project, ['push', 'local', '--yes']);
    await terminal.shows('No, abort');
    await terminal.press('enter');
    expect(await terminal.ended()).toMatchObject({ exitCode: 4 });
    expect(await query(project, 'SELECT title FROM posts')).toEqual([{ title: 'kept' }]);
  },
  60_000,
);

test('Esc at a question about a loss is a yes for drizzle-kit 0.31, and the backup has the rows', async () => {
  await using project = await kitProject('drizzle-0');
  await filled(project);
  await withoutColumns(project);
  await using terminal = inTerminal(project, ['push', 'local', '--yes']);
  await terminal.shows('No, abort');
  await terminal.press('esc');
  expect(await terminal.ended()).toMatchObject({ exitCode: 0 });
  expect(terminal.raw).toContain('migrate-tui restore local b1');
}, 60_000);

const renameQuestion = /heading[^]*(?:created|renamed)/;

function inTerminal(project: KitProject, args: readonly string[]): TestTerminal {
  const entry = new URL('../support/cli-entry.ts', import.meta.url).pathname;
  return new TestTerminal(process.execPath, [entry, ...args], {
    cwd: project.path,
    env: { XDG_STATE_HOME: project.file('state') },
  });
}

async function generate(project: KitProject): Promise<void> {
  await using session = await project.session();
  await session.generate({ database: undefined, name: 'first', terminal: 'none', signal: undefined });
}

/** As the schema of the moment has it, with one row. */
async function filled(project: KitProject): Promise<void> {
  await query(project, 'CREATE TABLE posts (id integer PRIMARY KEY NOT NULL, title text)');
  await query(project, "INSERT INTO posts (title) VALUES ('kept')");
}

/** drizzle-kit cannot take it for a rename. */
async function withoutColumns(project: KitProject): Promise<void> {
  await project.write(
    'schema.ts',
    [
      "import { integer, sqliteTable } from 'drizzle-orm/sqlite-core';",
      "export const posts = sqliteTable('posts', { id: integer('id').primaryKey() });",
    ].join('\n'),
  );
}

async function query(project: KitProject, sql: string): Promise<readonly unknown[]> {
  const client = createClient({ url: `file:${project.file('app.db')}` });
  const { rows } = await client.execute(sql);
  client.close();
  return rows.map((row) => ({ ...row }));
}
