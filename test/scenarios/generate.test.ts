import { appendFile, readFile, readdir, rm } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { Generation } from '../../src/session/kit/generate.ts';
import { cli } from '../support/cli.ts';
import { kitProject, type KitProject } from '../support/kit-project.ts';

describe.each(['drizzle-0', 'drizzle-1'] as const)('generate with the drizzle-kit of %s', (line) => {
  test('names the files that it wrote, and says so when the schema is what the migrations make', async () => {
    await using project = await kitProject(line);
    const first = await generate(project, 'first');
    expect(first.sql).toEqual([
      expect.stringMatching(
        line === 'drizzle-0' ? /^drizzle\/0000_first\.sql$/ : /^drizzle\/\d{14}_first\/migration\.sql$/,
      ),
    ]);
    expect(await readFile(project.file(first.sql[0] ?? ''), 'utf8')).toContain('CREATE TABLE `posts`');
    const again = await generate(project);
    expect(again).toMatchObject({ sql: [], written: [] });
  }, 60_000);

  test('names file and line of schema code that cannot be loaded, although drizzle-kit may end with 0', async () => {
    await using project = await kitProject(line);
    await appendFile(project.file('schema.ts'), "export const broken = sqliteTable('broken', {\n");
    await expect(generate(project)).rejects.toMatchObject({
      code: 'config',
      message: expect.stringMatching(/^The schema cannot be loaded: schema\.ts:[34]: \w/),
      next: 'Correct schema.ts.',
    });
  }, 60_000);

  test('is refused where drizzle-kit asks about a rename and nobody can answer', async () => {
    await using project = await kitProject(line);
    await generate(project);
    const before = await readdir(project.file('drizzle'));
    await project.columns('heading');
    await expect(generate(project)).rejects.toMatchObject({
      code: 'refused',
      next: 'Run migrate-tui generate on a terminal.',
    });
    expect(await readdir(project.file('drizzle'))).toEqual(before);
  }, 60_000);
});

test('with SQL files whose snapshots are gone it says that the whole schema was written once more', async () => {
  await using project = await kitProject('drizzle-0');
  await generate(project, 'first');
  await rm(project.file('drizzle/meta'), { recursive: true });
  const { exitCode, stdout } = await cli(['generate', 'again'], { cwd: project.path });
  expect(exitCode).toBe(0);
  expect(stdout).toContain(
    'The folder had 1 SQL file and no snapshot of Drizzle, so drizzle-kit wrote the whole schema: drizzle/0000_again.sql makes once more what is there.',
  );
}, 60_000);

test('a token that schema code prints is in no output', async () => {
  await using project = await kitProject('drizzle-0');
  await appendFile(project.file('schema.ts'), 'throw new Error(`with ${process.env.DB_TOKEN}`);\n');
  const ended = await cli(['generate'], {
    cwd: project.path,
    env: { XDG_STATE_HOME: project.file('state'), DB_TOKEN: 'tok-0123456789' },
  });
  expect(ended.exitCode).toBe(2);
  expect(ended.stderr).toContain('schema.ts:3');
  expect(`${ended.stdout}${ended.stderr}`).not.toContain('tok-0123456789');
  expect(ended.stderr).toContain('with ••••');
}, 60_000);

test('without drizzle-kit the command that installs it is named', async () => {
  await using project = await kitProject('drizzle-0');
  await rm(project.file('node_modules'));
  await project.write('pnpm-lock.yaml', '');
  await expect(generate(project)).rejects.toMatchObject({
    message: expect.stringMatching(/^drizzle-kit is not installed in /),
    next: 'Install it: pnpm add -D drizzle-kit',
  });
});

async function generate(project: KitProject, name?: string): Promise<Generation> {
  await using session = await project.session();
  return await session.generate({ database: undefined, name, terminal: 'none', signal: undefined });
}
