import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import type { DrizzleLine } from '../../src/migrations/migration.ts';
import { kitProject, type KitProject } from '../support/kit-project.ts';
import { startResident } from '../support/resident.ts';

const program = startResident();
afterAll(() => program[Symbol.asyncDispose]());

type Dialect = 'sqlite' | 'postgresql';

describe.each<[DrizzleLine, Dialect]>([
  ['drizzle-0', 'sqlite'],
  ['drizzle-1', 'sqlite'],
  ['drizzle-1', 'postgresql'],
])('drizzle-kit of %s, %s', { timeout: 180_000 }, (line, dialect) => {
  test('applies exactly what drafted rollback files took back, and finds nothing to generate', async () => {
    await using project = await generated(line, dialect);
    const [first = '', second = '', third = ''] = await tagsIn(project, line);
    for (const tag of [first, second, third]) expect(await drafted(project, tag), tag).toEqual([]);
    await kit(project, 'migrate');
    const back = await ours(project, 'rollback', '--to', first);
    expect(back.last, back.stdout).toMatchObject({ kind: 'done', undone: [{ tag: third }, { tag: second }] });
    expect(back.stdout).not.toContain('rollback-differs');
    expect(back.stdout).not.toContain('rollback-unproven');
    expect(await states(project)).toEqual([
      [first, 'applied'],
      [second, 'pending'],
      [third, 'pending'],
    ]);
    expect(await kit(project, 'generate')).toMatch(/No schema changes/);
    await kit(project, 'check');
    await kit(project, 'migrate');
    expect(await states(project)).toEqual([first, second, third].map((tag) => [tag, 'applied']));
    expect((await ours(project, 'verify')).exitCode).toBe(0);
  });
});

/** Three migrations by drizzle-kit: a table, more of it, and tables that refer to it and to each other. */
async function generated(line: DrizzleLine, dialect: Dialect): Promise<KitProject> {
  const project = await kitProject(line, dialect);
  await project.columns('title');
  await kit(project, 'generate', '--name', 'first');
  await apart();
  await project.columns('title', 'body!');
  await kit(project, 'generate', '--name', 'second');
  await apart();
  await project.write('schema.ts', schemas[dialect]);
  await kit(project, 'generate', '--name', 'third');
  return project;
}

/** Folders of 1.0 are told apart by the second. */
async function apart(): Promise<void> {
  const second = Math.floor(Date.now() / 1000);
  await expect.poll(() => Math.floor(Date.now() / 1000), { timeout: 2000 }).toBeGreaterThan(second);
}

const schemas: Readonly<Record<Dialect, string>> = {
  sqlite: [
    "import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';",
    "export const posts = sqliteTable('posts', { id: integer('id').primaryKey(), title: text('title'), body: text('body').notNull().default(''), lang: text('lang') }, (t) => [index('posts_lang').on(t.lang)]);",
    "export const authors = sqliteTable('authors', { id: integer('id').primaryKey(), best: integer('best').references(() => posts.id) });",
    "export const comments = sqliteTable('comments', { id: integer('id').primaryKey(), post: integer('post').references(() => posts.id), author: integer('author').references(() => authors.id) }, (t) => [index('comments_post').on(t.post)]);",
  ].join('\n'),
  postgresql: [
    "import { index, integer, pgEnum, pgTable, text } from 'drizzle-orm/pg-core';",
    "export const lang = pgEnum('lang', ['nl', 'en']);",
    "export const posts = pgTable('posts', { id: integer('id').primaryKey().generatedAlwaysAsIdentity(), title: text('title'), body: text('body').notNull().default(''), lang: lang('lang') }, (t) => [index('posts_lang').on(t.lang)]);",
    "export const authors = pgTable('authors', { id: integer('id').primaryKey(), best: integer('best').references(() => posts.id) });",
    "export const comments = pgTable('comments', { id: integer('id').primaryKey(), post: integer('post').references(() => posts.id), author: integer('author').references(() => authors.id) });",
  ].join('\n'),
};

/** @returns the statements that the draft leaves open */
async function drafted(project: KitProject, tag: string): Promise<readonly number[]> {
  await using session = await project.session();
  const { file, open } = await session.makeRollback({ database: undefined, tag });
  expect(await readFile(project.file(file), 'utf8')).toMatch(
    /^-- Takes \S+ back\. A draft, to be looked over\.\n/,
  );
  return open;
}

async function tagsIn(project: KitProject, line: DrizzleLine): Promise<readonly string[]> {
  const names = await readdir(project.file('drizzle'));
  return names
    .filter((name) => (line === 'drizzle-0' ? name.endsWith('.sql') : /^\d{14}_/.test(name)))
    .map((name) => name.replace(/\.sql$/, ''))
    .toSorted();
}

async function kit(project: KitProject, ...args: readonly string[]): Promise<string> {
  const bin = join(project.path, 'node_modules/drizzle-kit/bin.cjs');
  const { stdout } = await promisify(execFile)(process.execPath, [bin, ...args], { cwd: project.path });
  return stdout;
}

async function ours(project: KitProject, command: string, ...more: readonly string[]) {
  const consent = command === 'rollback' || command === 'deploy' ? ['--yes'] : [];
  return program.run([command, 'local', ...more, ...consent, '--json'], {
    cwd: project.path,
    env: { XDG_STATE_HOME: project.file('state') },
  });
}

async function states(project: KitProject): Promise<readonly (readonly [string, string])[]> {
  const { stdout } = await ours(project, 'status');
  const read: {
    readonly environments: readonly {
      readonly targets: readonly {
        readonly items: readonly { readonly tag: string; readonly state: string }[];
      }[];
    }[];
  } = JSON.parse(stdout);
  const items = read.environments[0]?.targets[0]?.items ?? [];
  return items.map(({ tag, state }) => [tag, state] as const);
}
