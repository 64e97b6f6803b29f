import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keepChildren } from '../../../src/operations/keep-children/keep-children.ts';
import { followTables } from '../../../src/operations/evidence/lineage.ts';
import { runRules } from '../../../src/rules/run-rules.ts';
import { readForeignKeys } from '../../../src/schema/foreign-keys.ts';
import { readSchema } from '../../../src/schema/read.ts';
import { databaseIds, startD1Engine, type D1Engine } from '../../support/d1-engine.ts';
import { openMemory } from '../../schema/open-memory.ts';
import { contentOf, intended, runRewritten } from './support.ts';

let d1: D1Engine;
beforeAll(async () => {
  d1 = await startD1Engine({ ids: databaseIds(60) });
}, 30_000);
afterAll(async () => {
  await d1[Symbol.asyncDispose]();
});

async function expectKept(given: readonly string[], migration: readonly string[]) {
  const rewriting = await runRewritten(d1.next(), { given, migration });
  if (rewriting.kind !== 'rewritten') throw new Error(rewriting.why);
  return rewriting;
}

const rebuild = [
  'CREATE TABLE `__new_users` (`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL, `name` text NOT NULL)',
  'INSERT INTO `__new_users`("id", "name") SELECT "id", "name" FROM `users`',
  'DROP TABLE `users`',
  'ALTER TABLE `__new_users` RENAME TO `users`',
];
const variants = {
  'drizzle-kit 0.31 and 1.0': ['PRAGMA foreign_keys=OFF', ...rebuild, 'PRAGMA foreign_keys=ON'],
  defer_foreign_keys: ['PRAGMA defer_foreign_keys=ON', ...rebuild],
  'defer_foreign_keys on and off': [
    'PRAGMA defer_foreign_keys=ON',
    ...rebuild,
    'PRAGMA defer_foreign_keys=OFF',
  ],
  'copied out and back': [
    'CREATE TABLE users_backup AS SELECT * FROM users',
    'DROP TABLE users',
    'CREATE TABLE users (id integer PRIMARY KEY AUTOINCREMENT NOT NULL, name text NOT NULL)',
    'INSERT INTO users SELECT * FROM users_backup',
    'DROP TABLE users_backup',
  ],
};

function blog(action: string, options: { readonly key: string }): readonly string[] {
  return [
    'CREATE TABLE `users` (`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL, `name` text)',
    `CREATE TABLE posts (id integer PRIMARY KEY, user_id integer ${options.key} REFERENCES users(id) ON DELETE ${action}, title text)`,
    `CREATE TABLE comments (id integer PRIMARY KEY, post_id integer ${options.key} REFERENCES posts(id) ON DELETE ${action})`,
    "INSERT INTO users VALUES (1, 'Ada'), (2, 'Ben'), (7, 'Cay')",
    "INSERT INTO posts VALUES (1, 1, 'a'), (2, 1, 'b'), (5, 7, 'c')",
    'INSERT INTO comments VALUES (1, 1), (2, 5), (3, 5)',
  ];
}

const users = [
  'CREATE TABLE `users` (`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL, `name` text)',
  "INSERT INTO users VALUES (1, 'Ada'), (2, 'Ben'), (7, 'Cay')",
];

describe.each(Object.entries(variants))('a rebuild as written by %s', (_name, migration) => {
  test.each(['CASCADE', 'SET NULL', 'SET DEFAULT', 'NO ACTION', 'RESTRICT'])(
    'keeps children with ON DELETE %s',
    async (action) => {
      await expectKept(blog(action, { key: '' }), migration);
    },
  );

  test.each(['CASCADE', 'NO ACTION', 'RESTRICT'])(
    'keeps children that must refer to something, with ON DELETE %s',
    async (action) => {
      await expectKept(blog(action, { key: 'NOT NULL' }), migration);
    },
  );
});

describe('a table that refers to itself', () => {
  test.each(['CASCADE', 'SET NULL', 'NO ACTION', 'RESTRICT'])(
    'is rebuilt with ON DELETE %s',
    async (action) => {
      await expectKept(
        [
          `CREATE TABLE c (id integer PRIMARY KEY, parent_id integer REFERENCES c(id) ON DELETE ${action})`,
          'INSERT INTO c VALUES (1, NULL), (2, 1), (3, 2), (4, 4), (9, 2)',
        ],
        [
          `CREATE TABLE \`__new_c\` (\`id\` integer PRIMARY KEY, \`parent_id\` integer, \`x\` text, FOREIGN KEY (\`parent_id\`) REFERENCES \`c\`(\`id\`) ON UPDATE no action ON DELETE ${action.toLowerCase()})`,
          'INSERT INTO `__new_c`("id", "parent_id") SELECT "id", "parent_id" FROM `c`',
          'DROP TABLE `c`',
          'ALTER TABLE `__new_c` RENAME TO `c`',
        ],
      );
    },
  );

  test.each(['CASCADE', 'SET NULL', 'NO ACTION', 'RESTRICT'])(
    'keeps its rows as a child with ON DELETE %s',
    async (action) => {
      await expectKept(
        [
          ...users,
          `CREATE TABLE posts (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users(id) ON DELETE CASCADE, answers integer REFERENCES posts(id) ON DELETE ${action})`,
          'INSERT INTO posts VALUES (1, 1, NULL), (2, 2, 1), (3, 1, 5), (5, 7, 3), (6, 7, 6)',
        ],
        rebuild,
      );
    },
  );
});

describe('children of every shape keep their rows', () => {
  test.each<[string, readonly string[], (readonly string[])?]>([
    [
      'without a key of their own, by their rowids',
      [
        'CREATE TABLE log (user integer REFERENCES users(id) ON DELETE CASCADE, what text)',
        "INSERT INTO log (rowid, user, what) VALUES (4, 1, 'a'), (90, 1, 'a'), (91, NULL, NULL), (-3, 7, 'c')",
        'CREATE TABLE nulls (id INTEGER PRIMARY KEY DESC, user integer REFERENCES users(id) ON DELETE CASCADE)',
        'INSERT INTO nulls VALUES (NULL, 1), (NULL, 7), (3, 7), (4, NULL)',
        'CREATE TABLE seen (user integer REFERENCES users(id) ON DELETE SET NULL, what text)',
        "INSERT INTO seen (rowid, user, what) VALUES (4, 1, 'a'), (90, 1, 'a'), (91, NULL, NULL), (-3, 7, 'c')",
      ],
    ],
    [
      'without rowid, with a key of two columns',
      [
        'CREATE TABLE member (user integer NOT NULL REFERENCES users(id) ON DELETE CASCADE, team text, since text, PRIMARY KEY (user, team)) WITHOUT ROWID',
        "INSERT INTO member VALUES (1, 'a', 'x'), (1, 'b', NULL), (7, 'a', 'z')",
        'CREATE TABLE badge (team text, nr int, user int REFERENCES users(id) ON DELETE SET NULL, PRIMARY KEY (team, nr)) WITHOUT ROWID',
        "INSERT INTO badge VALUES ('a', 1, 1), ('a', 2, NULL), ('b', 1, 7)",
        'CREATE TABLE role (user integer, team text, name text, FOREIGN KEY (user, team) REFERENCES member(user, team) ON DELETE CASCADE)',
        "INSERT INTO role VALUES (1, 'a', 'boss'), (7, 'a', 'boss'), (NULL, 'a', 'none')",
        'CREATE TABLE wish (user integer, team text, name text, FOREIGN KEY (user, team) REFERENCES member(user, team) ON DELETE SET NULL)',
        "INSERT INTO wish VALUES (1, 'a', 'boss'), (7, 'a', 'boss'), (NULL, 'a', 'none')",
      ],
    ],
    [
      'with triggers, which do not fire',
      [
        'CREATE TABLE audit (what text)',
        'CREATE TABLE posts (id integer PRIMARY KEY, user_id integer REFERENCES users(id) ON DELETE CASCADE, changed integer DEFAULT 0)',
        'CREATE TABLE likes (post integer REFERENCES posts(id) ON DELETE SET NULL, n integer)',
        'INSERT INTO posts (id, user_id) VALUES (1, 1), (2, 7)',
        'INSERT INTO likes VALUES (1, 1), (2, 2)',
        "CREATE TRIGGER posts_gone AFTER DELETE ON posts BEGIN INSERT INTO audit VALUES ('gone; ' || old.id); END",
        "CREATE TRIGGER posts_new AFTER INSERT ON posts BEGIN INSERT INTO audit VALUES ('new'); UPDATE posts SET changed = changed + 1 WHERE id = new.id; END",
        "CREATE TRIGGER likes_changed BEFORE UPDATE ON likes WHEN new.post IS NULL BEGIN SELECT raise(abort, 'never'); END",
      ],
    ],
    [
      'with generated columns, unique indexes, checks and every kind of value',
      [
        "CREATE TABLE posts (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users(id) ON DELETE CASCADE, slug text UNIQUE, big integer, f real, b blob, any, twice AS (id * 2) STORED, thrice AS (id * 3), CHECK (slug <> ''))",
        'CREATE UNIQUE INDEX one_big ON posts (user_id, big) WHERE big > 3',
        "INSERT INTO posts (id, user_id, slug, big, f, b, any) VALUES (1, 1, 'a', 9007199254740993, 0.1, x'00ff', '007'), (2, 1, NULL, 4, 3.0, x'', 7), (3, 7, 'ö''x', -9223372036854775808, 1e300, NULL, 7.0), (4, 7, 'd', 5, NULL, 'text', x'31')",
        'CREATE TABLE strict_ones (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users(id) ON DELETE CASCADE, v any, w text) STRICT',
        "INSERT INTO strict_ones VALUES (1, 1, '007', 'x'), (2, 7, 7, NULL), (3, 7, x'00', '')",
        'CREATE TABLE checked (id integer PRIMARY KEY, a integer REFERENCES users(id) ON DELETE SET NULL, b integer REFERENCES users(id), CHECK ((a IS NULL) <> (b IS NULL)))',
        'INSERT INTO checked VALUES (1, 1, NULL), (2, NULL, 7)',
      ],
    ],
    [
      'with names that need quoting',
      [
        'CREATE TABLE "my ""posts""; --> x" ("the key" integer PRIMARY KEY, "user`s" integer NOT NULL REFERENCES users(id) ON DELETE CASCADE, "order" text)',
        `INSERT INTO "my ""posts""; --> x" VALUES (1, 1, 'a'), (2, 7, 'b')`,
        'CREATE TABLE "select" ("rowid" text, "from" integer REFERENCES users(id) ON DELETE SET NULL)',
        `INSERT INTO "select" VALUES ('a', 1), ('b', 7)`,
        'CREATE TABLE "__keep_select" (a)',
      ],
    ],
    [
      'through several foreign keys with different actions',
      [
        'CREATE TABLE posts (id integer PRIMARY KEY, author integer REFERENCES users(id) ON DELETE CASCADE, editor integer REFERENCES users(id) ON DELETE SET NULL, checker integer REFERENCES users(id))',
        'INSERT INTO posts VALUES (1, 1, 2, 7), (2, NULL, 2, NULL), (3, NULL, NULL, 7), (4, 1, NULL, NULL)',
        'CREATE TABLE likes (post integer REFERENCES posts(id) ON DELETE CASCADE, user integer NOT NULL REFERENCES users(id) ON DELETE CASCADE, PRIMARY KEY (post, user))',
        'INSERT INTO likes VALUES (1, 1), (2, 1), (3, 7), (NULL, 7)',
        'CREATE TABLE flags (post integer NOT NULL REFERENCES posts(id) ON DELETE RESTRICT, user integer REFERENCES users(id))',
        'INSERT INTO flags VALUES (1, 1), (2, NULL)',
      ],
    ],
    [
      'where a column that would be cleared is itself referred to',
      [
        'CREATE TABLE posts (id integer PRIMARY KEY, user_id integer UNIQUE REFERENCES users(id) ON DELETE SET NULL)',
        'CREATE TABLE pins (u integer REFERENCES posts(user_id) ON UPDATE CASCADE ON DELETE NO ACTION)',
        'INSERT INTO posts VALUES (1, 1), (2, 7), (3, NULL)',
        'INSERT INTO pins VALUES (1), (7)',
      ],
    ],
  ])('%s', async (_name, children) => {
    await expectKept([...users, ...children], rebuild);
  });

  test.each(['CASCADE', 'SET NULL', 'NO ACTION'])(
    'in a circle with the rebuilt table, with ON DELETE %s',
    async (action) => {
      const made = (name: string) =>
        `CREATE TABLE ${name} (id integer PRIMARY KEY, pinned integer REFERENCES posts(id) ON DELETE ${action})`;
      await expectKept(
        [
          made('users'),
          `CREATE TABLE posts (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users(id) ON DELETE CASCADE)`,
          'INSERT INTO users (id) VALUES (1), (2)',
          'INSERT INTO posts VALUES (1, 1), (2, 2), (3, 1)',
          'UPDATE users SET pinned = id + 1',
        ],
        [
          made('__new_users'),
          'INSERT INTO __new_users SELECT id, pinned FROM users',
          'DROP TABLE users',
          'ALTER TABLE __new_users RENAME TO users',
        ],
      );
    },
  );

  test('in a circle of their own', async () => {
    await expectKept(
      [
        ...users,
        'CREATE TABLE a (id integer PRIMARY KEY, u integer REFERENCES users(id) ON DELETE CASCADE, b integer NOT NULL REFERENCES b(id) ON DELETE NO ACTION DEFERRABLE INITIALLY DEFERRED)',
        'CREATE TABLE b (id integer PRIMARY KEY, a integer NOT NULL REFERENCES a(id) ON DELETE NO ACTION)',
        'INSERT INTO a VALUES (1, 1, 2), (2, 7, 1)',
        'INSERT INTO b VALUES (1, 1), (2, 2)',
      ],
      rebuild,
    );
  });
});

describe('a migration that does more than one thing', () => {
  const post = (name: string) =>
    `CREATE TABLE ${name} (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users(id) ON DELETE CASCADE, title text)`;
  const rebuildPosts = [
    post('__new_posts'),
    'INSERT INTO __new_posts SELECT id, user_id, title FROM posts',
    'DROP TABLE posts',
    'ALTER TABLE __new_posts RENAME TO posts',
  ];
  const given = blog('CASCADE', { key: 'NOT NULL' });

  test('keeps children that it rebuilds, too, in either order', async () => {
    await expectKept(given, [...rebuild, ...rebuildPosts]);
    await expectKept(given, [...rebuildPosts, ...rebuild]);
  });

  test('keeps children that it alters, before and after', async () => {
    await expectKept(given, [
      'ALTER TABLE posts ADD COLUMN x text DEFAULT 1',
      ...rebuild,
      'ALTER TABLE posts ADD COLUMN y',
      'UPDATE posts SET y = id || title',
    ]);
  });

  test('puts rows back after the unique index that their foreign key needs', async () => {
    await expectKept(
      [
        'CREATE TABLE users (id integer PRIMARY KEY, name text)',
        'CREATE UNIQUE INDEX names ON users (name)',
        'CREATE TABLE posts (id integer PRIMARY KEY, author text NOT NULL REFERENCES users(name) ON DELETE CASCADE)',
        "INSERT INTO users VALUES (1, 'Ada'), (2, 'Ben')",
        "INSERT INTO posts VALUES (1, 'Ada'), (2, 'Ben')",
      ],
      [...rebuild, 'PRAGMA foreign_keys=ON', 'CREATE UNIQUE INDEX names ON users (name)'],
    );
  });

  test('drops a table last whose children it rebuilds without the reference', async () => {
    const { keeps } = await expectKept(given, [
      'DROP TABLE users',
      'CREATE TABLE __new_posts (id integer PRIMARY KEY, title text)',
      'INSERT INTO __new_posts SELECT id, title FROM posts',
      'DROP TABLE posts',
      'ALTER TABLE __new_posts RENAME TO posts',
    ]);
    expect(keeps.map(({ table }) => table)).toEqual(['comments', 'users']);
  });

  test('drops parents after their children', async () => {
    await expectKept(given, ['DROP TABLE users', 'DROP TABLE posts', 'DROP TABLE comments']);
  });
});

describe('what cannot be rewritten says why', () => {
  test.each<[string, readonly string[], RegExp]>([
    [
      'the old table is renamed first',
      [
        'ALTER TABLE users RENAME TO old',
        'CREATE TABLE users (id integer PRIMARY KEY)',
        'INSERT INTO users SELECT id FROM old',
        'DROP TABLE old',
      ],
      /renamed to old first/,
    ],
    ['a table is dropped for good', ['DROP TABLE users'], /dropped for good while posts refers to it/],
    [
      'a child is changed in between',
      [...rebuild.slice(0, 3), "UPDATE posts SET title = ''", ...rebuild.slice(3)],
      /Statement 4 needs rows that are aside/,
    ],
    [
      'a column of a child is renamed before',
      ['ALTER TABLE posts RENAME COLUMN title TO name', ...rebuild],
      /posts, which refers to users, is altered in the same migration/,
    ],
  ])('%s', async (_name, migration, why) => {
    await using database = await openMemory(blog('CASCADE', { key: '' }));
    const statements = migration.map((sql) => ({ sql }));
    const rewriting = keepChildren({ statements, schema: await readSchema(database.query) });
    expect(rewriting).toEqual({ kind: 'not-possible', why: expect.stringMatching(why) });
  });

  test('what drops nothing that is referred to needs no rewriting', async () => {
    await using database = await openMemory(blog('CASCADE', { key: '' }));
    const statements = [{ sql: 'CREATE TABLE t (a)' }, { sql: 'DROP TABLE t' }];
    const rewriting = keepChildren({ statements, schema: await readSchema(database.query) });
    expect(rewriting).toEqual({
      kind: 'not-needed',
      why: expect.stringMatching(/Nothing refers to a table/),
    });
  });
});

describe('rows that refer to nothing already', () => {
  test.each<['stay' | 'fail', string]>([
    ['stay', 'CASCADE'],
    ['fail', 'NO ACTION'],
  ])('%s, and nothing is lost, with ON DELETE %s', async (outcome, action) => {
    const database = d1.next();
    await database.batch(blog(action, { key: 'NOT NULL' }));
    await database.batch([
      'PRAGMA defer_foreign_keys = ON',
      'INSERT INTO posts VALUES (9, 99, NULL)',
      'PRAGMA defer_foreign_keys = OFF',
    ]);
    const before = await contentOf(database);
    const rewriting = keepChildren({
      statements: rebuild.map((sql) => ({ sql })),
      schema: await readSchema(database.query),
    });
    if (rewriting.kind !== 'rewritten') throw new Error(rewriting.why);
    const run = database.batch(rewriting.statements.map(({ sql }) => sql));
    await (outcome === 'stay' ? run : expect(run).rejects.toThrow('FOREIGN KEY constraint failed'));
    expect(await contentOf(database)).toEqual(before);
  });
});

test('the rewritten migration does the same where foreign keys are off', async () => {
  const given = blog('CASCADE', { key: 'NOT NULL' });
  await using database = await openMemory(['PRAGMA foreign_keys = OFF', ...given]);
  const rewriting = keepChildren({
    statements: rebuild.map((sql) => ({ sql })),
    schema: await readSchema(database.query),
  });
  if (rewriting.kind !== 'rewritten') throw new Error(rewriting.why);
  for (const { sql } of rewriting.statements) await database.run(sql);
  expect(await contentOf(database)).toEqual((await intended(given, rebuild)).content);
});

test('the rows that it keeps are counted where it is applied, as if no statement named them', async () => {
  await using database = await openMemory([
    ...users,
    'CREATE TABLE posts (id integer PRIMARY KEY, u integer REFERENCES users(id) ON DELETE CASCADE)',
    'CREATE TABLE notes (id integer PRIMARY KEY, u integer NOT NULL REFERENCES users(id))',
    'CREATE TABLE likes (id integer PRIMARY KEY, u integer REFERENCES users(id))',
  ]);
  const schema = await readSchema(database.query);
  const rewriting = keepChildren({ statements: rebuild.map((sql) => ({ sql })), schema });
  if (rewriting.kind !== 'rewritten') throw new Error(rewriting.why);
  const statements = rewriting.statements.map(({ sql }, at) => ({ sql, line: at + 1 }));
  const foreignKeys = await readForeignKeys(database.query);
  const tables = followTables(
    ['users', 'posts', 'notes', 'likes'].map((table) => ({ table, rows: 0, columns: [] })),
    [{ tag: '0001', statements }],
  );
  expect(tables.slice(0, 4).map(({ asked, updated }) => [asked, [...updated]])).toEqual(
    Array.from({ length: 4 }, () => ['nothing', []]),
  );
  expect(
    runRules({
      database: 'app',
      migrations: [{ tag: '0001', statements }],
      schema,
      foreignKeys,
      engine: 'd1-remote',
    }).filter(({ severity }) => severity === 'error'),
  ).toEqual([]);
});
