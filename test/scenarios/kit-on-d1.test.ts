import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cli, startCli } from '../support/cli.ts';
import { startD1Server, type D1Server } from '../support/d1-server.ts';
import { freePort } from '../support/free-port.ts';
import { untilSaid } from '../support/until-said.ts';
import { kitProject, type KitProject } from '../support/kit-project.ts';

let server: D1Server;
beforeAll(async () => {
  server = await startD1Server({ databases: ['push-0', 'push-1', 'pull-0', 'pull-1', 'cascade'] });
}, 60_000);
afterAll(() => server[Symbol.asyncDispose]());

describe.each([
  ['drizzle-0', '0'],
  ['drizzle-1', '1'],
] as const)('the drizzle-kit of %s reaches D1 at Cloudflare over d1-http', (line, number) => {
  test('push changes it behind a bookmark and under the lock, and the token is nowhere', async () => {
    await using project = await onD1(line, `push-${number}`);
    const first = await run(project, 'push', 'staging', '--yes', '--log', 'log.jsonl');
    expect(first.exitCode, first.stderr).toBe(0);
    expect(first.stdout).toContain('added       table posts');
    await project.columns('title', 'body');
    const second = await run(project, 'push', 'staging', '--yes');
    expect(second.exitCode, second.stderr).toBe(0);
    expect(second.stdout).toContain('changed     table posts');
    expect(second.stderr).toContain('kept by the server');
    expect((await run(project, 'push', 'staging', '--yes')).stdout).toContain('Nothing to push');
    const log = await readFile(project.file('log.jsonl'), 'utf8');
    expect(log).toContain('"drizzle-kit push"');
    expect(`${first.stdout}${first.stderr}${second.stderr}${log}`).not.toContain(server.token);
  }, 60_000);

  test('pull writes the schema that it has', async () => {
    await using project = await onD1(line, `pull-${number}`);
    await run(project, 'push', 'staging', '--yes');
    const pulled = await run(project, 'pull', 'staging');
    expect(pulled.exitCode, pulled.stderr).toBe(0);
    expect(await readFile(project.file('drizzle/schema.ts'), 'utf8')).toContain('sqliteTable("posts"');
  }, 60_000);
});

test('rows that a rebuilt table took along are named, with the way back', async () => {
  await using project = await onD1('drizzle-0', 'cascade');
  await project.write('schema.ts', referring("text('title')"));
  await run(project, 'push', 'staging', '--yes');
  await server
    .database('cascade')
    .run(
      "INSERT INTO posts (id, title) VALUES (1, 'one'), (2, 'two')",
      'INSERT INTO comments (id, post) VALUES (1, 1), (2, 2)',
    );
  await project.write('schema.ts', referring("text('title').notNull().default('none')"));
  const pushed = await run(project, 'push', 'staging', '--yes');
  expect(pushed.stderr).toContain('comments had 2 rows and has none now.');
  expect(pushed.stdout).toMatch(/migrate-tui restore staging b\d/);
}, 60_000);

test('Studio ends with 0 when it is interrupted', async () => {
  await using project = await onD1('drizzle-0', 'cascade');
  const child = startCli(['studio', 'staging', '--port', String(await freePort())], {
    cwd: project.path,
    env: variables(project),
  });
  const said = await untilSaid(child, 'up and running');
  expect(said).toContain('up and running');
  child.kill('SIGINT');
  expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0);
}, 60_000);

/** Two tables, one of which is rebuilt when a column of it becomes another. */
function referring(title: string): string {
  return [
    "import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';",
    `export const posts = sqliteTable('posts', { id: integer('id').primaryKey(), title: ${title} });`,
    "export const comments = sqliteTable('comments', { id: integer('id').primaryKey(),",
    "  post: integer('post').references(() => posts.id, { onDelete: 'cascade' }) });",
  ].join('\n');
}

async function onD1(line: 'drizzle-0' | 'drizzle-1', database: string): Promise<KitProject> {
  const project = await kitProject(line);
  await project.write(
    'migrate-tui.config.json',
    JSON.stringify({
      databases: { app: { migrations: 'drizzle', bookkeeping: 'drizzle' } },
      environments: {
        staging: {
          // By its name, without an account: drizzle-kit takes ids only.
          targets: { app: { d1: database, token: 'env:D1_TOKEN' } },
        },
      },
    }),
  );
  return project;
}

function run(project: KitProject, ...args: readonly string[]) {
  return cli(args, { cwd: project.path, env: variables(project) });
}

/** drizzle-kit has Cloudflare's address in its text; that alone is made another one. */
function variables(project: KitProject): Readonly<Record<string, string>> {
  return {
    XDG_STATE_HOME: project.file('state'),
    D1_TOKEN: server.token,
    CLOUDFLARE_API_BASE_URL: server.url,
    NODE_OPTIONS: `--import=${new URL('../support/kit-address.ts', import.meta.url).href}`,
  };
}
