import { execFile } from 'node:child_process';
import { appendFile, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { SquashReport, SquashRequest } from '../../src/operations/squash/report.ts';
import { consent } from '../support/in-process.ts';
import { kitProject, type KitProject } from '../support/kit-project.ts';
import { squashRequest } from '../support/squashing.ts';

describe.each(['drizzle-0', 'drizzle-1'] as const)('the drizzle-kit of %s', (line) => {
  test(
    'finds nothing to generate after a squash, and goes on from the one file',
    { timeout: 120_000 },
    async () => {
      await using project = await kitProject(line);
      await generate(project, 'one');
      await project.columns('title', 'body');
      await generate(project, 'two');
      const report = await squash(project, { consent: 'given' });
      expect(report).toMatchObject({ state: 'written' });
      expect(report.proof.at(-1)).toMatchObject({
        check: 'generate',
        state: 'proven',
        says: expect.stringContaining('sees no difference'),
      });
      expect((await sqlFiles(project)).length).toBe(1);
      expect(await generate(project, 'nothing')).toEqual([]);
      await project.columns('title', 'body', 'notes');
      const [more = ''] = await generate(project, 'two_more');
      expect(await readFile(project.file(more), 'utf8')).toMatch(/^ALTER TABLE `posts` ADD `notes` text;/);
      expect((await sqlFiles(project)).length).toBe(2);
    },
  );

  test(
    'generates the same before and after where the schema code is ahead, and what it cannot load is said',
    { timeout: 120_000 },
    async () => {
      await using project = await kitProject(line);
      await generate(project, 'one');
      await project.columns('title', 'body');
      await generate(project, 'two');
      await project.columns('title', 'body', 'notes');
      const ahead = await squash(project, {});
      expect(ahead.proof.at(-1)).toMatchObject({
        state: 'proven',
        says: expect.stringContaining('the schema code is ahead'),
      });
      await appendFile(project.file('schema.ts'), "export const broken = sqliteTable('broken', {\n");
      const broken = await squash(project, {});
      expect(broken).toMatchObject({ state: 'possible' });
      expect(broken.proof.at(-1)).toMatchObject({ state: 'not-possible' });
    },
  );

  test(
    'migrates nothing once the records were tidied, and only what is new then',
    { timeout: 120_000 },
    async () => {
      await using project = await kitProject(line);
      await generate(project, 'one');
      await project.columns('title', 'body');
      await generate(project, 'two');
      await migrate(project);
      await squash(project, { consent: 'given' });
      expect(await tidy(project)).toMatchObject({ kind: 'done', message: /2 records became 1/ });
      await migrate(project);
      expect(rowsOf(project, 'SELECT hash FROM __drizzle_migrations')).toHaveLength(1);
      await project.columns('title', 'body', 'notes');
      await generate(project, 'two_more');
      await migrate(project);
      expect(rowsOf(project, 'SELECT hash FROM __drizzle_migrations')).toHaveLength(2);
      expect(rowsOf(project, "SELECT 1 FROM pragma_table_info('posts') WHERE name = 'notes'")).toHaveLength(
        1,
      );
    },
  );
});

/** The real `drizzle-kit migrate`. */
async function migrate(project: KitProject): Promise<void> {
  const kit = project.file('node_modules/drizzle-kit/bin.cjs');
  await promisify(execFile)(process.execPath, [kit, 'migrate'], { cwd: project.path });
}

async function tidy(project: KitProject) {
  await using session = await project.session();
  const run = await session.start(
    { kind: 'tidy', environment: 'local', database: undefined, consent },
    { signal: new AbortController().signal, decide: () => Promise.resolve({ kind: 'declined' }) },
  );
  return run.finished;
}

function rowsOf(project: KitProject, sql: string): readonly unknown[] {
  using database = new DatabaseSync(project.file('app.db'), { readOnly: true });
  return database.prepare(sql).all();
}

async function squash(project: KitProject, request: Partial<SquashRequest>): Promise<SquashReport> {
  await using session = await project.session();
  return await session.squash(squashRequest(request));
}

async function generate(project: KitProject, name: string): Promise<readonly string[]> {
  await using session = await project.session();
  const { sql } = await session.generate({ database: undefined, name, terminal: 'none', signal: undefined });
  return sql;
}

async function sqlFiles(project: KitProject): Promise<readonly string[]> {
  const all = await readdir(project.file('drizzle'), { recursive: true });
  return all.filter((name) => name.endsWith('.sql')).map((name) => join('drizzle', name));
}
