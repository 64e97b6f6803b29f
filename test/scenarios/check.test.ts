import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { CheckedDatabase } from '../../src/operations/reports.ts';
import { folderFiles } from '../../src/session/kit/folder-files.ts';
import { cli } from '../support/cli.ts';
import { kitProject, type KitProject } from '../support/kit-project.ts';

describe.each(['drizzle-0', 'drizzle-1'] as const)('check with the drizzle-kit of %s', (line) => {
  test('says whether the schema is ahead of the migrations, and writes nothing in the project', async () => {
    await using project = await kitProject(line);
    await generate(project);
    const before = await folderFiles(project.file('drizzle'));
    expect(await check(project)).toMatchObject({ schema: { state: 'current' }, findings: [] });
    await project.columns('title', 'body');
    expect(await check(project)).toMatchObject({
      schema: { state: 'ahead', sql: expect.stringContaining('ADD `body` text') },
    });
    await project.columns('heading');
    expect(await check(project)).toMatchObject({
      schema: { state: 'ahead', says: 'drizzle-kit asks whether something was renamed' },
    });
    expect(await folderFiles(project.file('drizzle'))).toEqual(before);
  }, 60_000);

  test('names file and line of schema code that cannot be loaded', async () => {
    await using project = await kitProject(line);
    await generate(project);
    await appendFile(project.file('schema.ts'), "export const broken = sqliteTable('broken', {\n");
    expect((await check(project)).schema).toMatchObject({ state: 'broken', file: 'schema.ts' });
    expect((await check(project)).schema.line).toBeGreaterThanOrEqual(3);
  }, 60_000);
});

test('two branches that were merged are found by index, snapshot and time', async () => {
  await using project = await kitProject('drizzle-0');
  await generate(project, 'first');
  const journal = project.file('drizzle/meta/_journal.json');
  const fork = await readFile(journal, 'utf8');
  await project.columns('title', 'body');
  await generate(project, 'ours');
  const ours = JSON.parse(await readFile(journal, 'utf8'));
  await writeFile(journal, fork);
  await rm(project.file('drizzle/meta/0001_snapshot.json'));
  await project.columns('title', 'author');
  await generate(project, 'theirs');
  const theirs = JSON.parse(await readFile(journal, 'utf8'));
  await writeFile(
    journal,
    JSON.stringify({ ...theirs, entries: [...theirs.entries, { ...ours.entries[1] }] }, undefined, 2),
  );
  const { findings } = await check(project);
  expect(findings.map(({ kind, tag, severity }) => [kind, tag, severity])).toEqual([
    ['same-index', '0001_ours', 'error'],
    ['same-snapshot', '0001_ours', 'error'],
    ['older-time', '0001_ours', 'error'],
  ]);
  expect(findings[0]).toMatchObject({ file: 'drizzle/meta/_journal.json', line: expect.any(Number) });
}, 60_000);

test('two snapshots that go on from the same one are found where each has its own file', async () => {
  await using project = await kitProject('drizzle-0');
  await generate(project, 'first');
  await project.columns('title', 'body');
  await generate(project, 'second');
  await project.columns('title', 'body', 'author');
  await generate(project, 'third');
  const parent = JSON.parse(await readFile(project.file('drizzle/meta/0001_snapshot.json'), 'utf8'));
  const path = project.file('drizzle/meta/0002_snapshot.json');
  const snapshot = JSON.parse(await readFile(path, 'utf8'));
  await writeFile(path, JSON.stringify({ ...snapshot, prevId: parent.prevId }));
  const { findings } = await check(project);
  expect(findings).toMatchObject([{ kind: 'same-parent', tag: '0002_third', severity: 'error' }]);
}, 60_000);

test('two branches of Drizzle 1.0 that change one column are found by its own check', async () => {
  await using project = await kitProject('drizzle-1');
  await generate(project, 'first');
  const first = await folderFiles(project.file('drizzle'));
  await project.columns('title', 'body');
  await generate(project, 'ours');
  const ours = [...(await folderFiles(project.file('drizzle'))).keys()].filter((file) => !first.has(file));
  const kept = await Promise.all(ours.map(async (file) => [file, await readFile(file, 'utf8')] as const));
  const folder = ours[0]?.replace(/[/\\][^/\\]+$/, '') ?? '';
  await rm(folder, { recursive: true });
  await project.columns('title', 'body');
  await generate(project, 'theirs');
  await mkdir(folder);
  for (const [file, text] of kept) await writeFile(file, text);
  const { findings } = await check(project);
  expect(findings).toMatchObject([{ kind: 'drizzle-kit', severity: 'error' }]);
}, 60_000);

test('a SQL file beside the journal is a warning with the command that registers it, and the build passes', async () => {
  await using project = await kitProject('drizzle-0');
  await generate(project, 'first');
  await project.write('drizzle/0001_mine.sql', 'SELECT 1;');
  const ended = await cli(['check', '--json'], {
    cwd: project.path,
    env: { XDG_STATE_HOME: project.file('state') },
  });
  expect(JSON.parse(ended.stdout)).toMatchObject({
    kind: 'check',
    databases: [
      {
        schema: { state: 'current' },
        findings: [
          { severity: 'warning', next: 'Register it: migrate-tui new --from drizzle/0001_mine.sql' },
        ],
      },
    ],
  });
  expect(ended.exitCode).toBe(0);
}, 60_000);

test('a missing migration ends with 3 and shows its statements', async () => {
  await using project = await kitProject('drizzle-0');
  const ended = await cli(['check'], { cwd: project.path, env: { XDG_STATE_HOME: project.file('state') } });
  expect(ended.exitCode).toBe(3);
  expect(ended.stdout).toContain('The schema is ahead of the migrations');
  expect(ended.stdout).toContain('CREATE TABLE `posts`');
}, 60_000);

async function generate(project: KitProject, name?: string): Promise<void> {
  await using session = await project.session();
  await session.generate({ database: undefined, name, terminal: 'none', signal: undefined });
}

async function check(project: KitProject): Promise<CheckedDatabase> {
  await using session = await project.session();
  const report = await session.ask({ kind: 'check', databases: undefined });
  const [database] = report.kind === 'check' ? report.databases : [];
  if (!database) throw new Error('Nothing was checked.');
  return database;
}
