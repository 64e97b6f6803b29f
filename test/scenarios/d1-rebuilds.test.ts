import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startD1Server, type D1Server } from '../support/d1-server.ts';
import { carryOut, consent, selection } from '../support/in-process.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';
import { localFile } from '../support/wrangler.ts';

let server: D1Server;
let empty: string;
beforeAll(async () => {
  server = await startD1Server();
  empty = server.database('app').bookmark;
});
afterAll(() => server[Symbol.asyncDispose]());

const rebuild = [
  'CREATE TABLE `__new_users` (id integer PRIMARY KEY, name text NOT NULL)',
  'INSERT INTO `__new_users` (id, name) SELECT id, name FROM users',
  'DROP TABLE users',
  'ALTER TABLE `__new_users` RENAME TO users',
];

type End = 'rows-lost' | 'rehearsal-failed' | 'deployed';

/** Ways to rebuild a table that others refer to, and how a deploy ends by the children's ON DELETE. */
const variants: Readonly<
  Record<string, Readonly<Record<Action, End>> & { readonly statements: readonly string[] }>
> = {
  'as drizzle-kit writes it': {
    statements: ['PRAGMA foreign_keys=OFF', ...rebuild, 'PRAGMA foreign_keys=ON'],
    CASCADE: 'rows-lost',
    'SET NULL': 'rows-lost',
    'NO ACTION': 'rehearsal-failed',
  },
  'with foreign keys deferred': {
    statements: ['PRAGMA defer_foreign_keys=ON', ...rebuild],
    CASCADE: 'rows-lost',
    'SET NULL': 'rows-lost',
    'NO ACTION': 'rehearsal-failed',
  },
  'deferred, and no longer at the end': {
    statements: ['PRAGMA defer_foreign_keys=ON', ...rebuild, 'PRAGMA defer_foreign_keys=OFF'],
    CASCADE: 'rows-lost',
    'SET NULL': 'rows-lost',
    'NO ACTION': 'deployed',
  },
  'with the old table renamed first': {
    statements: [
      'ALTER TABLE users RENAME TO users_old',
      'CREATE TABLE users (id integer PRIMARY KEY, name text NOT NULL)',
      'INSERT INTO users (id, name) SELECT id, name FROM users_old',
      'DROP TABLE users_old',
    ],
    CASCADE: 'rows-lost',
    'SET NULL': 'rows-lost',
    'NO ACTION': 'rehearsal-failed',
  },
  'with the children copied aside': {
    statements: [
      'PRAGMA defer_foreign_keys=ON',
      'CREATE TABLE kept_posts AS SELECT * FROM posts',
      'CREATE TABLE kept_comments AS SELECT * FROM comments',
      'DELETE FROM comments',
      'DELETE FROM posts',
      ...rebuild,
      'INSERT INTO posts (id, user_id) SELECT id, user_id FROM kept_posts',
      'INSERT INTO comments (id, post_id) SELECT id, post_id FROM kept_comments',
      'DROP TABLE kept_comments',
      'DROP TABLE kept_posts',
    ],
    CASCADE: 'deployed',
    'SET NULL': 'deployed',
    'NO ACTION': 'deployed',
  },
};

type Action = 'CASCADE' | 'SET NULL' | 'NO ACTION';
const actions: readonly Action[] = ['CASCADE', 'SET NULL', 'NO ACTION'];

const cells = Object.entries(variants).flatMap(([variant, { statements, ...ends }]) =>
  actions.map((action) => ({ variant, action, statements, end: ends[action] })),
);

describe.each(['local', 'remote'] as const)('a table with children is rebuilt in D1, %s', (where) => {
  test.each(cells)(
    '$variant, ON DELETE $action: $end, and no row is lost',
    async ({ action, statements, end }) => {
      using project = shop(action);
      const database = where === 'local' ? localDatabase(project) : server.database('app');
      if (where === 'remote') await server.database('app').takeBack(empty);
      expect(await carry(project, 'deploy', where)).toBe('done');
      await database.run(...rows);
      project.add(
        '0003_rebuild',
        statements.map((sql) => `${sql};`),
      );
      const last = await carry(project, 'deploy', where);
      expect(last).toBe(end === 'deployed' ? 'done' : end);
      expect(await database.run(content)).toEqual(all);
      if (end === 'deployed') return;
      // Without a rehearsal the unit itself has to notice, inside its transaction.
      expect(await carry(project, 'apply', where)).not.toBe('done');
      expect(await database.run(content)).toEqual(all);
    },
  );

  // The last PRAGMA makes D1 forget what it has counted: it would commit the orphans.
  test('a parent row that is left out, with its children not looked at any more, is refused', async () => {
    using project = shop('NO ACTION');
    const database = where === 'local' ? localDatabase(project) : server.database('app');
    if (where === 'remote') await server.database('app').takeBack(empty);
    await carry(project, 'deploy', where);
    await database.run(...rows);
    const statements = ['PRAGMA defer_foreign_keys=ON', ...rebuild, 'PRAGMA defer_foreign_keys=OFF'];
    project.add(
      '0003_rebuild',
      statements.map((sql) => `${sql.replace('name FROM users', 'name FROM users WHERE id = 1')};`),
    );
    for (const kind of ['deploy', 'apply'] as const)
      expect(await carry(project, kind, where)).not.toBe('done');
    expect(await database.run(content)).toEqual(all);
    expect(await database.run('PRAGMA foreign_key_check')).toEqual([]);
  });
});

/** How a change ends: `done`, or the code of what is in its way. */
async function carry(project: SmallProject, kind: 'deploy' | 'apply', environment: string): Promise<string> {
  const events = await carryOut(project, { kind, environment, selection, consent });
  const last = events.at(-1);
  return last?.kind === 'failed' ? last.code : String(last?.kind);
}

const rows = [
  "INSERT INTO users (id, name) VALUES (1, 'mira'), (2, 'noor')",
  'INSERT INTO posts (id, user_id) VALUES (1, 1), (2, 1), (3, 2)',
  'INSERT INTO comments (id, post_id) VALUES (1, 1), (2, 3)',
];

const content =
  'SELECT (SELECT count(*) FROM users) AS users, (SELECT count(*) FROM posts) AS posts, (SELECT count(user_id) FROM posts) AS owned, (SELECT count(*) FROM comments) AS comments, (SELECT count(post_id) FROM comments) AS placed';

const all = [{ users: 2, posts: 3, owned: 3, comments: 2, placed: 2 }];

function shop(action: string): SmallProject {
  const project = smallProject();
  project.configure({
    databases: { app: { migrations: 'drizzle', bookkeeping: 'd1' } },
    environments: {
      local: { targets: { app: { d1Local: 'DB' } } },
      remote: { targets: { app: { d1: 'app' } } },
    },
  });
  project.add('0002_users', [
    'CREATE TABLE users (id integer PRIMARY KEY, name text NOT NULL);',
    `CREATE TABLE posts (id integer PRIMARY KEY, user_id integer REFERENCES users(id) ON DELETE ${action});`,
    `CREATE TABLE comments (id integer PRIMARY KEY, post_id integer REFERENCES posts(id) ON DELETE ${action});`,
  ]);
  return { ...project, env: { ...project.env, ...server.env } };
}

/** miniflare's file, as a worker in `wrangler dev` would write to it. */
function localDatabase({ root }: SmallProject) {
  return {
    run: async (...statements: readonly string[]) => {
      using connection = new DatabaseSync(localFile(root, 'DB'));
      return statements.map((sql) => connection.prepare(sql).all()).at(-1);
    },
  };
}
