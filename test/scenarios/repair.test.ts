import { existsSync } from 'node:fs';
import { cp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { expect, test } from 'vitest';
import { folderFiles } from '../../src/session/kit/folder-files.ts';
import { journalOf, mergedBranches } from '../support/branched-project.ts';
import { drizzleLines } from '../support/drizzle-lines.ts';
import { kitProject, type KitProject } from '../support/kit-project.ts';

test('two migrations of a branch are put after two of another that has run, with their own statements', async () => {
  await using project = await kitProject('drizzle-0');
  await mergedBranches(project, {
    theirs: { author: ['title', 'author'], year: ['title', 'author', 'year'] },
    ours: { body: ['title', 'body'], tags: ['title', 'body', 'tags'] },
    merged: ['title', 'author', 'year', 'body', 'tags'],
  });
  await project.write('drizzle/0001_body.rollback.sql', 'ALTER TABLE posts DROP COLUMN body;');
  const before = await readFile(project.file('drizzle/0002_tags.sql'), 'utf8');
  const theirs = await readFile(project.file('drizzle/0001_author.sql'), 'utf8');
  await ran(project, ['0000_first', '0001_author', '0002_year']);
  expect(await repair(project)).toMatchObject({
    kind: 'moved',
    moved: [
      { from: '0001_body', to: '0003_body' },
      { from: '0002_tags', to: '0004_tags' },
    ],
  });
  expect(await readFile(project.file('drizzle/0004_tags.sql'), 'utf8')).toBe(before);
  expect(await readFile(project.file('drizzle/0001_author.sql'), 'utf8')).toBe(theirs);
  expect(await readFile(project.file('drizzle/0003_body.rollback.sql'), 'utf8')).toContain('DROP COLUMN');
  expect(await check(project)).toEqual({ schema: 'current', findings: [] });
  await ran(project, undefined);
  expect(await columns(project)).toEqual(['author', 'body', 'id', 'tags', 'title', 'year']);
}, 90_000);

test('the branch that stands first is moved where only the other has run', async () => {
  await using project = await kitProject('drizzle-0');
  await mergedBranches(project, {
    theirs: { author: ['title', 'author'] },
    ours: { body: ['title', 'body'], tags: ['title', 'body', 'tags'] },
    merged: ['title', 'author', 'body', 'tags'],
    first: 'ours',
  });
  await ran(project, ['0000_first', '0001_author']);
  expect(await repair(project)).toMatchObject({
    moved: [
      { from: '0001_body', to: '0002_body' },
      { from: '0002_tags', to: '0003_tags' },
    ],
  });
  const { entries } = await journalOf(project);
  expect(entries.map(({ tag }) => tag)).toEqual(['0000_first', '0001_author', '0002_body', '0003_tags']);
  expect(entries.map(({ when }) => when)).toEqual(entries.map(({ when }) => when).toSorted((a, b) => a - b));
  expect(await check(project)).toEqual({ schema: 'current', findings: [] });
}, 90_000);

test('a migration that would undo what the other branch made is refused with the table, and nothing is changed', async () => {
  await using project = await kitProject('drizzle-0');
  await mergedBranches(project, {
    theirs: { author: ['title', 'author'] },
    ours: { required: ['title!'] },
    merged: ['title!', 'author'],
  });
  const before = await folderFiles(project.file('drizzle'));
  await expect(repair(project)).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringContaining('table posts would not be what the schema code says'),
    next: expect.stringContaining('By hand'),
  });
  expect(await folderFiles(project.file('drizzle'))).toEqual(before);
}, 90_000);

test('a column that both branches changed is left to a person', async () => {
  await using project = await kitProject('drizzle-0');
  await mergedBranches(project, {
    theirs: { required: ['title', 'body!'] },
    ours: { body: ['title', 'body'], tags: ['title', 'body', 'tags'] },
    merged: ['title', 'body!', 'tags'],
  });
  await expect(repair(project)).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringContaining('both changed tables.posts.columns.body'),
  });
}, 90_000);

test('without git several migrations whose snapshots are lost are left to a person', async () => {
  await using project = await kitProject('drizzle-0');
  await mergedBranches(project, {
    theirs: { author: ['title', 'author'], year: ['title', 'author', 'year'] },
    ours: { body: ['title', 'body'], tags: ['title', 'body', 'tags'] },
    merged: ['title', 'author', 'year', 'body', 'tags'],
  });
  await rm(project.file('.git'), { recursive: true });
  await expect(repair(project)).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringMatching(/0001_body, 0002_tags are neither in the folder nor in git/),
  });
}, 90_000);

test('files that are numbered by time keep both snapshots, and only what has not run is moved', async () => {
  await using project = await kitProject('drizzle-0');
  const config = await readFile(project.file('drizzle.config.ts'), 'utf8');
  await project.write('drizzle.config.ts', config.replace('out:', "migrations: { prefix: 'unix' }, out:"));
  await mergedBranches(project, {
    theirs: { author: ['title', 'author'] },
    ours: { body: ['title', 'body'] },
    merged: ['title', 'author', 'body'],
    first: 'ours',
  });
  await rm(project.file('.git'), { recursive: true });
  const [first, body] = (await journalOf(project)).entries.map(({ tag }) => tag);
  await ran(project, [first ?? '', body ?? '']);
  const done = await repair(project);
  expect(done).toMatchObject({ moved: [{ to: expect.stringMatching(/^\d{10}_author$/) }] });
  expect(await check(project)).toEqual({ schema: 'current', findings: [] });
  await ran(project, undefined);
  expect(await columns(project)).toEqual(['author', 'body', 'id', 'title']);
}, 90_000);

test('of Drizzle 1.0 the branch that has not run is written anew by drizzle-kit, after the other', async () => {
  await using project = await kitProject('drizzle-1');
  await mergedBranches(project, {
    theirs: { author: ['title', 'author'] },
    ours: { required: ['title!'] },
    merged: ['title!', 'author'],
  });
  await expect(repair(project, 'not-given')).rejects.toMatchObject({
    code: 'not-confirmed',
    message: expect.stringMatching(/in the place of \d+_author, with these statements:\n.*ADD `author` text/),
  });
  await ran(project, ['first', 'author']);
  const done = await repair(project);
  expect(done).toMatchObject({ kind: 'replaced', from: [expect.stringMatching(/_required$/)] });
  expect(await check(project)).toEqual({ schema: 'current', findings: [] });
  await ran(project, undefined);
  expect(await columns(project)).toEqual(['author', 'id', 'title']);
}, 90_000);

test('of Drizzle 1.0 statements that a person wrote are not thrown away', async () => {
  await using project = await kitProject('drizzle-1');
  await mergedBranches(project, {
    theirs: { author: ['title', 'author'] },
    ours: { required: ['title!'] },
    merged: ['title!', 'author'],
  });
  const files = [...(await folderFiles(project.file('drizzle'))).keys()];
  const author = files.find((file) => file.endsWith('_author/migration.sql')) ?? '';
  await writeFile(
    author,
    `${await readFile(author, 'utf8')};--> statement-breakpoint\nUPDATE posts SET author = title`,
  );
  await expect(repair(project)).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringContaining('has statements that drizzle-kit did not write'),
  });
}, 90_000);

async function repair(project: KitProject, consent: 'given' | 'not-given' = 'given') {
  await using session = await project.session();
  return await session.repair({ database: undefined, consent, signal: undefined });
}

async function check(project: KitProject) {
  await using session = await project.session();
  const report = await session.ask({ kind: 'check', databases: undefined });
  const [database] = report.kind === 'check' ? report.databases : [];
  return { schema: database?.schema.state, findings: database?.findings };
}

/** The app's own migrate, with these migrations of the folder only; with all when none is named. */
async function ran(project: KitProject, tags: readonly string[] | undefined): Promise<void> {
  const folder = project.file('ran');
  await cp(project.file('drizzle'), folder, { recursive: true });
  const isOld = existsSync(join(folder, 'meta'));
  if (tags && isOld) {
    const journal = await journalOf(project);
    const entries = journal.entries.filter(({ tag }) => tags.includes(tag));
    await writeFile(join(folder, 'meta/_journal.json'), JSON.stringify({ ...journal, entries }));
  }
  for (const name of await readdir(folder)) {
    if (tags && !isOld && !tags.some((tag) => name.endsWith(`_${tag}`)))
      await rm(join(folder, name), { recursive: true });
  }
  const client = createClient({ url: `file:${project.file('app.db')}` });
  await drizzleLines[isOld ? 'drizzle-0' : 'drizzle-1'].migrate(client, folder);
  client.close();
  await rm(folder, { recursive: true });
}

async function columns(project: KitProject): Promise<readonly unknown[]> {
  const client = createClient({ url: `file:${project.file('app.db')}` });
  const { rows } = await client.execute("SELECT name FROM pragma_table_info('posts') ORDER BY name");
  client.close();
  return rows.map(({ name }) => name);
}
