import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createClient } from '@libsql/client';
import { describe, expect, test } from 'vitest';
import type { CheckedDatabase } from '../../src/operations/reports.ts';
import { folderFiles } from '../../src/session/kit/folder-files.ts';
import { cli } from '../support/cli.ts';
import { drizzleLines } from '../support/drizzle-lines.ts';
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
  await merged(project);
  const { findings } = await check(project);
  expect(findings.map(({ kind, tag, severity }) => [kind, tag, severity])).toEqual([
    ['same-index', '0001_theirs', 'error'],
    ['same-snapshot', '0001_theirs', 'error'],
    ['older-time', '0001_theirs', 'error'],
  ]);
  expect(findings[0]).toMatchObject({ file: 'drizzle/meta/_journal.json', line: expect.any(Number) });
}, 60_000);

test('the later one is put after the other with its own statements, and the folder of before is kept', async () => {
  await using project = await kitProject('drizzle-0');
  await merged(project);
  const before = await readFile(project.file('drizzle/0001_theirs.sql'), 'utf8');
  const options = { cwd: project.path, env: { XDG_STATE_HOME: project.file('state') } };
  const files = await folderFiles(project.file('drizzle'));
  const asked = await cli(['check', '--repair'], options);
  expect(asked.exitCode).toBe(4);
  expect(asked.stderr).toContain('0001_theirs would become 0002_theirs');
  expect(await folderFiles(project.file('drizzle'))).toEqual(files);
  const done = await cli(['check', '--repair', '--yes'], options);
  expect(done.stderr).toBe('');
  expect(done.exitCode).toBe(0);
  expect(await readFile(project.file('drizzle/0002_theirs.sql'), 'utf8')).toBe(before);
  const [, kept = ''] = /is kept in (\S+)\.\n/.exec(done.stdout) ?? [];
  expect(await readFile(project.file(`${kept}/0001_theirs.sql`), 'utf8')).toBe(before);
  expect(await check(project)).toMatchObject({ schema: { state: 'current' }, findings: [] });
}, 90_000);

test('a migration that an environment has run is not put elsewhere', async () => {
  await using project = await kitProject('drizzle-0');
  await merged(project);
  const client = createClient({ url: `file:${project.file('app.db')}` });
  await drizzleLines['drizzle-0'].migrate(client, project.file('drizzle'));
  client.close();
  await using session = await project.session();
  const repairing = session.repair({ database: undefined, consent: 'given', signal: undefined });
  await expect(repairing).rejects.toMatchObject({ code: 'refused' });
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

test('where wrangler runs a SQL file without the journal nobody is told to register it', async () => {
  await using project = await kitProject('drizzle-0');
  await generate(project, 'first');
  const binding = { binding: 'DB', database_name: 'shop', database_id: 'local', migrations_dir: 'drizzle' };
  await project.write('wrangler.json', JSON.stringify({ name: 'shop', d1_databases: [binding] }));
  await project.write('drizzle/0001_mine.sql', 'SELECT 1;');
  const { findings } = await check(project);
  expect(findings).toMatchObject([
    { severity: 'warning', message: expect.stringMatching(/wrangler runs it/) },
  ]);
  expect(findings[0]).not.toHaveProperty('next');
}, 60_000);

test('a missing migration ends with 3 and shows its statements', async () => {
  await using project = await kitProject('drizzle-0');
  const ended = await cli(['check'], { cwd: project.path, env: { XDG_STATE_HOME: project.file('state') } });
  expect(ended.exitCode).toBe(3);
  expect(ended.stdout).toContain('The schema is ahead of the migrations');
  expect(ended.stdout).toContain('CREATE TABLE `posts`');
}, 60_000);

/** A folder in which git brought together two branches: theirs was made first, and its snapshot file was given up. */
async function merged(project: KitProject): Promise<void> {
  await generate(project, 'first');
  const journal = project.file('drizzle/meta/_journal.json');
  const snapshot = project.file('drizzle/meta/0001_snapshot.json');
  const fork = await readFile(journal, 'utf8');
  await project.columns('title', 'author');
  await generate(project, 'theirs');
  const theirs = JSON.parse(await readFile(journal, 'utf8'));
  await writeFile(journal, fork);
  await rm(snapshot);
  await project.columns('title', 'body');
  await generate(project, 'ours');
  const ours = JSON.parse(await readFile(journal, 'utf8'));
  const entries = [...ours.entries, theirs.entries[1]];
  await writeFile(journal, JSON.stringify({ ...ours, entries }, undefined, 2));
  await project.columns('title', 'body', 'author');
}

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

test('of a database without a configuration it is said which configuration could not be read and may be its own', async () => {
  await using project = await kitProject('drizzle-0');
  await mkdir(project.file('other'));
  const databases = {
    app: { migrations: 'drizzle', table: 'a' },
    other: { migrations: 'other', table: 'b' },
  };
  const environments = { local: { targets: { app: 'file:app.db', other: 'file:other.db' } } };
  await project.write('migrate-tui.config.json', JSON.stringify({ databases, environments }));
  await project.write('drizzle.config.other.ts', "throw new Error('boom');\n");
  const env = { XDG_STATE_HOME: project.file('state') };
  const asked = await cli(['check', '--database', 'other'], { cwd: project.path, env });
  expect(asked.exitCode).toBe(2);
  expect(asked.stderr).toMatch(
    /^No Drizzle configuration that can be read writes into .*other; drizzle\.config\.other\.ts stopped with: boom \(line 1\)\.\nCorrect /,
  );
});
