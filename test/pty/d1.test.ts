import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { builtPackage } from '../support/built-package.ts';
import { d1Project, type D1Project } from '../support/d1-project.ts';
import { startD1Server, type D1Server } from '../support/d1-server.ts';
import { openScreen, typeByHand } from '../support/screen.ts';
import { localFile } from '../support/wrangler.ts';

let server: D1Server;
let project: D1Project;
beforeAll(async () => {
  await builtPackage();
  server = await startD1Server({ databases: ['shop', 'rebuilt'] });
}, 120_000);
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async ({ task }) => {
  project = await shop(task.name.includes('rebuild') ? 'rebuilt' : 'shop');
});
afterEach(() => project[Symbol.asyncDispose]());

test('a wrangler project goes to its local D1 and to production at Cloudflare by keys', async () => {
  await using screen = await openScreen(project);
  await screen.shows(/behind 2.*behind 2/);
  await screen.press('1', 't');
  await screen.shows('! deploy to local');
  await screen.press('!');
  await screen.shows(/✓ local is at 0002_posts/);
  expect(localRows('posts')).toBe(2);
  await screen.press('esc');
  await screen.shows(/✓ current.*behind 2/);

  await screen.press('2', 'd');
  await screen.shows("its place in the server's own history is noted");
  await screen.press('t');
  await screen.shows('type its name:');
  expect(await server.database('shop').run(tables)).toEqual([]);
  await typeByHand(screen, 'production');
  await screen.press('enter');
  const finished = await screen.shows(/✓ production is at 0002_posts/);
  // The dry-run had a copy of its own: the place in the server's history is not what it restored.
  expect(finished).not.toContain('was restored first');
  expect(await server.database('shop').run('SELECT count(*) AS n FROM posts')).toEqual([{ n: 2 }]);
  expect(await server.database('shop').run('SELECT name FROM d1_migrations ORDER BY id')).toEqual([
    { name: '0001_users.sql' },
    { name: '0002_posts.sql' },
  ]);

  await screen.press('esc');
  await screen.shows(/✓ current.*✓ current/);
  await screen.press('b');
  const backups = await screen.shows('kept by the server for 30 days, 7 on the free plan');
  expect(backups).toMatch(/✓ at server[^]*to restore {3}npx migrate-tui restore production b1/);
  expect(backups).toContain('Restoring takes the whole database back to that moment');
  await screen.press('esc');
  await screen.until('the matrix again', (text) => !text.includes('kept by the server'));
  await screen.press('q');
  expect(await screen.ended()).toMatchObject({ exitCode: 0 });
  expect(screen.text()).toContain("kept in the server's own history");
});

test('a rebuild that would take rows of production along at Cloudflare is not applied by keys either', async () => {
  const deployed = await project.ours('deploy', 'production', '--yes', '--confirm', 'production');
  expect(deployed.exitCode).toBe(0);
  await project.write({ 'migrations/0003_rebuild.sql': rebuild });
  await using screen = await openScreen(project);
  await screen.shows(/behind 3.*behind 1/);
  await screen.press('2', 'd');
  await screen.shows(/✗ error[^]*deletes up to 2 rows of posts \(ON DELETE CASCADE\)/);
  expect(screen.text()).toContain('migrate-tui migration 0003_rebuild --keep-children production');
  await screen.press('t');
  await screen.shows('posts loses 2 rows and no statement says so. Nothing was changed.');
  await typeByHand(screen, 'posts=1');
  await screen.press('enter');
  await screen.shows('That is not posts=2. Nothing was changed.');
  await screen.press('esc');
  await screen.shows(/behind 3.*behind 1/);
  expect(await server.database('rebuilt').run('SELECT count(*) AS n FROM posts')).toEqual([{ n: 2 }]);
});

const tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB '_cf_*'";

const rebuild = `PRAGMA foreign_keys=OFF;
CREATE TABLE __new_users (id integer PRIMARY KEY, name text NOT NULL);
INSERT INTO __new_users SELECT id, name FROM users;
DROP TABLE users;
ALTER TABLE __new_users RENAME TO users;
PRAGMA foreign_keys=ON;
`;

/** A local D1, and one at Cloudflare that is protected; two migrations with rows. */
async function shop(name: string): Promise<D1Project> {
  const binding = { binding: 'DB', migrations_dir: 'migrations' };
  const remote = { ...binding, database_name: name, database_id: server.database(name).uuid };
  return d1Project(
    {
      'package.json': '{ "name": "shop", "private": true }',
      'wrangler.jsonc': JSON.stringify({
        name: 'shop',
        d1_databases: [{ ...binding, database_name: 'shop-local', database_id: 'local' }],
        env: { production: { d1_databases: [remote] } },
      }),
      'migrate-tui.config.json': JSON.stringify({
        environments: {
          local: { targets: { DB: { d1Local: 'DB' } } },
          production: { protected: true, targets: { DB: { d1: name, wranglerEnv: 'production' } } },
        },
      }),
      'migrations/0001_users.sql':
        "CREATE TABLE users (id integer PRIMARY KEY, name text);\nINSERT INTO users (name) VALUES ('red'), ('blue');\n",
      'migrations/0002_posts.sql':
        'CREATE TABLE posts (id integer PRIMARY KEY, author integer REFERENCES users(id) ON DELETE CASCADE);\nINSERT INTO posts (author) SELECT id FROM users;\n',
    },
    { server },
  );
}

function localRows(table: string): number {
  using database = new DatabaseSync(localFile(project.root, 'local'), { readOnly: true, timeout: 10_000 });
  return Number(database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n']);
}
