import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keepChildren, renderMigration } from '../../src/operations/keep-children.ts';
import { readSchema } from '../../src/schema/read.ts';
import { splitMigration } from '../../src/sql/split.ts';
import { startD1, type RealD1 } from '../support/real-d1.ts';
import { openMemory } from '../schema/open-memory.ts';

let d1: Awaited<ReturnType<typeof startD1>>;
beforeAll(async () => {
  d1 = await startD1({ databases: 60 });
}, 30_000);
afterAll(async () => {
  await d1[Symbol.asyncDispose]();
});

/** Every row of every table, values with their types, in the order of their keys. */
async function contentOf({ query }: Pick<RealD1, 'query'>): Promise<Record<string, readonly unknown[]>> {
  const tables = await query({
    sql: "SELECT name, sql LIKE '%WITHOUT ROWID%' AS bare FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
  });
  const content: Record<string, readonly unknown[]> = {};
  for (const { name, bare } of tables) {
    const columns = await query({
      sql: `SELECT name FROM pragma_table_xinfo('${String(name)}') ORDER BY name`,
    });
    const values = columns.map(
      (column) => `quote("${String(column['name'])}") AS "${String(column['name'])}"`,
    );
    const all = bare === 1 ? values : ['rowid AS "the rowid"', ...values];
    content[String(name)] = await query({
      sql: `SELECT ${all.join(', ')} FROM "${String(name)}" ORDER BY 1, 2`,
    });
  }
  return content;
}

/** What the migration was to give: the same statements where foreign keys can be off. */
async function intended(given: readonly string[], migration: readonly string[]) {
  await using database = await openMemory(['PRAGMA foreign_keys = OFF', ...given]);
  for (const sql of migration) if (!/^PRAGMA/i.test(sql)) await database.run(sql);
  return { schema: await readSchema(database.query), content: await contentOf(database) };
}

async function rewrittenOn(given: readonly string[], migration: readonly string[]) {
  const database = await d1.next();
  await database.batch(given);
  const schema = await readSchema(database.query);
  const statements = migration.map((sql) => ({ sql }));
  const rewriting = keepChildren({ statements, schema });
  if (rewriting.kind === 'not-possible') throw new Error(rewriting.why);
  const text = renderMigration(rewriting.statements);
  await database.batch(splitMigration(text).map(({ sql }) => sql)).catch((error: unknown) => {
    throw new Error(text, { cause: error });
  });
  return { database, text, keeps: rewriting.keeps };
}

async function expectKept(given: readonly string[], migration: readonly string[]) {
  const wanted = await intended(given, migration);
  const { database, text, keeps } = await rewrittenOn(given, migration);
  expect(await contentOf(database), text).toEqual(wanted.content);
  expect((await readSchema(database.query)).objects.map(({ normal }) => normal)).toEqual(
    wanted.schema.objects.map(({ normal }) => normal),
  );
  expect(await database.query({ sql: 'PRAGMA foreign_key_check' })).toEqual([]);
  return { text, keeps };
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
