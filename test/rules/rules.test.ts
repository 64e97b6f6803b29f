import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allRules } from '../../src/rules/all-rules.ts';
import {
  isPostgres,
  severityFor,
  type Rule,
  type RuleEngine,
  type RuleExample,
} from '../../src/rules/rule.ts';
import { fileRules } from '../../src/rules/file-rules.ts';
import { rulesPage } from '../../src/rules/rules-page.ts';
import { runRules } from '../../src/rules/run-rules.ts';
import { readForeignKeys } from '../../src/schema/foreign-keys.ts';
import { readSchema } from '../../src/schema/read.ts';
import type { Query } from '../../src/sql/statement.ts';
import { openMemory } from '../schema/open-memory.ts';
import { openPostgres, type Opened } from '../schema/postgres/opened.ts';

let server: Opened;
beforeAll(async () => {
  server = await openPostgres();
}, 30_000);
afterAll(() => server[Symbol.asyncDispose]());

async function findings(
  example: RuleExample,
  rules: readonly Rule[],
  engine: RuleEngine = 'libsql-remote',
  rows: ReadonlyMap<string, number> = new Map(Object.entries(example.rows ?? {})),
) {
  const judge = (query: Query) => judged(query, { example, rules, engine, rows });
  if (isPostgres(engine)) return server.within(example.given ?? [], () => judge(server.query));
  await using database = await openMemory(example.given);
  return await judge(database.query);
}

async function judged(
  query: Query,
  {
    example,
    rules,
    engine,
    rows,
  }: {
    example: RuleExample;
    rules: readonly Rule[];
    engine: RuleEngine;
    rows: ReadonlyMap<string, number>;
  },
) {
  const statements = example.sql.map((sql, at) => ({
    sql,
    line: at + 1,
    chunk: example.chunks?.[at] ?? at + 1,
    ...(example.terminators?.[at] === 'none' ? { terminator: 'none' as const } : {}),
  }));
  return runRules({
    database: 'app',
    migrations: [{ tag: '0001_it', statements }],
    schema: await readSchema(query),
    foreignKeys: await readForeignKeys(query),
    engine,
    rows,
    rules,
    policy: rules.length === 1 ? rules[0]?.policy : undefined,
  });
}

/** An engine that the rule has something to say about. */
function engineFor(rule: Rule): RuleEngine {
  const engines = ['libsql-remote', 'libsql-file', 'd1-remote', 'd1-local', 'postgres'] as const;
  return engines.find((engine) => severityFor(rule, engine) !== 'off') ?? 'libsql-remote';
}

const titled = (example: RuleExample) => example.sql.join('; ').slice(0, 200);

describe.each(allRules.map((rule) => [rule.id, rule] as const))('%s', (_id, rule) => {
  test.each(rule.accepts.map((example) => [titled(example), example] as const))(
    'accepts %s',
    async (_sql, example) => {
      expect(await findings(example, [rule], engineFor(rule))).toEqual([]);
    },
  );

  test.each(rule.rejects.map((example) => [titled(example), example] as const))(
    'rejects %s',
    async (_sql, example) => {
      expect(await findings(example, [rule], engineFor(rule))).toMatchObject([
        { rule: rule.id, database: 'app', tag: '0001_it' },
      ]);
    },
  );

  test('says in whole sentences what it is about, and has examples of both kinds', () => {
    for (const sentence of [rule.title, rule.why, rule.fix])
      expect(sentence).toMatch(/^(?:[A-Z]|drizzle|wrangler).*[.]$/);
    expect(rule.accepts.length).toBeGreaterThan(0);
    expect(rule.rejects.length).toBeGreaterThan(0);
  });
});

describe('the rules together', () => {
  test('have ids of their own', () => {
    expect(new Set(allRules.map(({ id }) => id)).size).toBe(allRules.length);
  });

  test('find only the rebuild in what drizzle-kit writes for a referenced table', async () => {
    const example: RuleExample = {
      given: [
        'CREATE TABLE users (id INTEGER PRIMARY KEY)',
        'CREATE TABLE posts (u REFERENCES users(id) ON DELETE CASCADE)',
      ],
      sql: [
        'PRAGMA foreign_keys=OFF;',
        'CREATE TABLE `__new_users` (`id` integer PRIMARY KEY NOT NULL, `age` text);',
        'INSERT INTO `__new_users`("id") SELECT "id" FROM `users`;',
        'DROP TABLE `users`;',
        'ALTER TABLE `__new_users` RENAME TO `users`;',
        'PRAGMA foreign_keys=ON;',
      ],
    };
    expect(await findings(example, allRules)).toMatchObject([
      { rule: 'rebuild-of-referenced-table', severity: 'warning', statement: 4 },
    ]);
  });

  test('let a self-referencing table count as referenced', async () => {
    const example: RuleExample = {
      given: ['CREATE TABLE c (id INTEGER PRIMARY KEY, p REFERENCES c(id) ON DELETE CASCADE)'],
      sql: [
        'CREATE TABLE n (id INTEGER PRIMARY KEY, p)',
        'INSERT INTO n SELECT id, p FROM c',
        'DROP TABLE c',
        'ALTER TABLE n RENAME TO c',
      ],
    };
    expect((await findings(example, allRules)).map(({ rule }) => rule)).toEqual([
      'rebuild-of-referenced-table',
    ]);
  });

  test('go on taking a rebuilt table for filled in the next migration', async () => {
    await using database = await openMemory(['CREATE TABLE t (a)']);
    const sql = [
      'CREATE TABLE n (a)',
      'INSERT INTO n SELECT a FROM t',
      'DROP TABLE t',
      'ALTER TABLE n RENAME TO t',
    ];
    const migration = (tag: string, texts: readonly string[]) => ({
      tag,
      statements: texts.map((text, at) => ({ sql: text, line: at + 1 })),
    });
    const found = runRules({
      database: 'app',
      migrations: [migration('0001', sql), migration('0002', ['DELETE FROM t'])],
      schema: await readSchema(database.query),
      foreignKeys: [],
      engine: 'libsql-file',
    });
    expect(found).toMatchObject([{ rule: 'deletes-all-rows', tag: '0002' }]);
  });

  test('say nothing about what only a remote server refuses when the database is a file', async () => {
    expect(await findings({ sql: ['ANALYZE'] }, allRules, 'libsql-file')).toEqual([]);
  });

  test('follow the schema from one migration to the next', async () => {
    await using database = await openMemory(['CREATE TABLE t (a)']);
    const migration = (tag: string, ...sql: string[]) => ({
      tag,
      statements: sql.map((text, at) => ({ sql: text, line: at + 1 })),
    });
    const found = runRules({
      database: 'app',
      migrations: [
        migration('0001', 'CREATE TABLE made (a)', 'ALTER TABLE t RENAME TO u'),
        migration('0002', 'DELETE FROM made', 'DELETE FROM u'),
      ],
      schema: await readSchema(database.query),
      foreignKeys: [],
      engine: 'libsql-file',
    });
    expect(found.map(({ rule, tag, statement }) => [rule, tag, statement])).toEqual([
      ['rename-table', '0001', 2],
      ['deletes-all-rows', '0002', 2],
    ]);
  });

  test('name the number of the file where a part of it is run', async () => {
    await using database = await openMemory(['CREATE TABLE t (a)']);
    const statements = [{ sql: 'DELETE FROM t', line: 9, number: 5 }];
    const found = runRules({
      database: 'app',
      migrations: [{ tag: '0001', statements }],
      schema: await readSchema(database.query),
      foreignKeys: [],
      engine: 'libsql-file',
    });
    expect(found).toMatchObject([{ rule: 'deletes-all-rows', statement: 5, line: 9 }]);
  });

  test('are printed in meta/rules.md as they are now (node scripts/write-rules.ts writes it)', async () => {
    expect(await readFile(new URL('../../meta/rules.md', import.meta.url), 'utf8')).toBe(
      rulesPage(allRules, fileRules),
    );
  });
});

describe('the rebuild of a referenced table on D1', () => {
  const example: RuleExample = {
    given: [
      'CREATE TABLE users (id INTEGER PRIMARY KEY)',
      'CREATE TABLE posts (id INTEGER PRIMARY KEY, u REFERENCES users(id) ON DELETE CASCADE)',
      'CREATE TABLE comments (p REFERENCES posts(id) ON DELETE CASCADE, u REFERENCES users(id) ON DELETE SET NULL)',
      'CREATE TABLE audits (p REFERENCES posts(id))',
    ],
    sql: [
      'CREATE TABLE __new_users (id INTEGER PRIMARY KEY)',
      'INSERT INTO __new_users SELECT id FROM users',
      'DROP TABLE users',
      'ALTER TABLE __new_users RENAME TO users',
    ],
  };
  const trap = (rows: Readonly<Record<string, number>> = {}) =>
    findings(example, allRules, 'd1-remote', new Map(Object.entries(rows)));

  test('names every table that it reaches, through others, too, with action and rows', async () => {
    expect(await trap({ posts: 3, comments: 1204, Audits: 1 })).toMatchObject([
      {
        rule: 'rebuild-cascades',
        severity: 'error',
        statement: 3,
        message:
          'DROP TABLE users, a step of its rebuild, clears u in up to 1,204 rows of comments (ON DELETE SET NULL), deletes up to 3 rows of posts (ON DELETE CASCADE), deletes up to 1,204 rows of comments (ON DELETE CASCADE), or fails while rows of audits refer to posts (ON DELETE NO ACTION): D1 keeps foreign keys on.',
      },
    ]);
  });

  test('in a rollback file points to that file, as what rewrites a migration does not write it', async () => {
    await using database = await openMemory(example.given);
    const input = {
      database: 'app',
      migrations: [{ tag: '0001', statements: example.sql.map((sql) => ({ sql, line: 1 })) }],
      schema: await readSchema(database.query),
      foreignKeys: await readForeignKeys(database.query),
      engine: 'd1-remote',
    } as const;
    expect(runRules(input)).toMatchObject([{ fix: expect.stringContaining('--keep-children') }]);
    expect(runRules({ ...input, goes: 'back' })).toMatchObject([
      { rule: 'rebuild-cascades', fix: expect.stringMatching(/^Have the rollback file take away/) },
    ]);
  });

  test('is a warning when all of them are empty, an error when one was not counted', async () => {
    expect(await trap({ posts: 0, comments: 0, audits: 0 })).toMatchObject([{ severity: 'warning' }]);
    expect(await trap({ posts: 0, comments: 0 })).toMatchObject([{ severity: 'error' }]);
  });

  test('on libSQL is only told to run with foreign keys off', async () => {
    expect(await findings(example, allRules, 'libsql-remote')).toMatchObject([
      { rule: 'rebuild-of-referenced-table', severity: 'warning' },
    ]);
  });
});
