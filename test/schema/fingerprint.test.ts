import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareSchemas } from '../../src/schema/compare.ts';
import { fingerprint } from '../../src/schema/fingerprint.ts';
import { createSchemaReader, readSchema } from '../../src/schema/read.ts';
import { openMemory } from './open-memory.ts';
import { spell, tableModel, whims, type TableModel } from './spellings.ts';

async function hashOf(statements: readonly string[]): Promise<string> {
  await using database = await openMemory(['CREATE TABLE parents (id INTEGER PRIMARY KEY)', ...statements]);
  return fingerprint(await readSchema(database.query));
}

describe('a fingerprint', () => {
  test('is the same however a table is spelled', async () => {
    await fc.assert(
      fc.asyncProperty(tableModel, whims, whims, async (model, one, other) => {
        expect(await hashOf(spell(model, one))).toBe(await hashOf(spell(model, other)));
      }),
      { numRuns: 150 },
    );
  });

  test('differs after any single change of meaning', async () => {
    await fc.assert(
      fc.asyncProperty(tableModel, whims, fc.nat(1000), async (model, spelling, choice) => {
        const changes = changesOf(model);
        const changed = changes[choice % changes.length];
        expect(await hashOf(spell(changed ?? model, spelling))).not.toBe(
          await hashOf(spell(model, spelling)),
        );
      }),
      { numRuns: 150 },
    );
  });

  test.each([
    ['a default', 'CREATE TABLE t (a TEXT DEFAULT 1)', "CREATE TABLE t (a TEXT DEFAULT '1')"],
    [
      'the order of a composite key',
      'CREATE TABLE t (a, b, PRIMARY KEY (a, b))',
      'CREATE TABLE t (a, b, PRIMARY KEY (b, a))',
    ],
    ['WITHOUT ROWID', 'CREATE TABLE t (a PRIMARY KEY)', 'CREATE TABLE t (a PRIMARY KEY) WITHOUT ROWID'],
    [
      'AUTOINCREMENT',
      'CREATE TABLE t (a INTEGER PRIMARY KEY)',
      'CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT)',
    ],
    [
      'what is no alias of the rowid',
      'CREATE TABLE t (a INTEGER PRIMARY KEY)',
      'CREATE TABLE t (a INTEGER PRIMARY KEY DESC)',
    ],
    ['a generated expression', 'CREATE TABLE t (a, b AS (a + 1))', 'CREATE TABLE t (a, b AS (a + 2))'],
    ['STORED', 'CREATE TABLE t (a, b AS (a + 1))', 'CREATE TABLE t (a, b AS (a + 1) STORED)'],
    ['ON CONFLICT', 'CREATE TABLE t (a UNIQUE)', 'CREATE TABLE t (a UNIQUE ON CONFLICT REPLACE)'],
    ['a string inside CHECK', "CREATE TABLE t (a CHECK (a <> 'A'))", "CREATE TABLE t (a CHECK (a <> 'a'))"],
    ['the case of a string default', "CREATE TABLE t (a DEFAULT 'A')", "CREATE TABLE t (a DEFAULT 'a')"],
    ['a foreign key', 'CREATE TABLE t (a REFERENCES parents (id))', 'CREATE TABLE t (a)'],
  ])('differs when %s differs', async (_what, left, right) => {
    expect(await hashOf([left])).not.toBe(await hashOf([right]));
  });

  test('tells a UNIQUE constraint from a unique index', async () => {
    const constraint = await hashOf(['CREATE TABLE t (a UNIQUE)']);
    expect(await hashOf(['CREATE TABLE t (a)', 'CREATE UNIQUE INDEX t_a ON t (a)'])).not.toBe(constraint);
  });

  test('is the same for a table that grew by ALTER TABLE and one made at once', async () => {
    const grown = [
      'CREATE TABLE t (id integer PRIMARY KEY)',
      "ALTER TABLE t ADD `b` text DEFAULT 'x' NOT NULL",
      'ALTER TABLE t ADD a int',
    ];
    const atOnce = ["create table `t` (`id` integer primary key, `a` int, `b` text not null default 'x')"];
    expect(await hashOf(grown)).toBe(await hashOf(atOnce));
  });

  test('is the same for a rebuilt table, though its checks name it under its old name', async () => {
    const rebuilt = [
      'CREATE TABLE `__new_t` (`a` int, CONSTRAINT "c" CHECK("__new_t"."a" > 0))',
      'ALTER TABLE `__new_t` RENAME TO `t`',
    ];
    expect(await hashOf(rebuilt)).toBe(await hashOf(['CREATE TABLE t (a int CHECK (a > 0))']));
  });

  test('is the same for what drizzle-kit 0.31 and 1.0 write for one table', async () => {
    const older = [
      'CREATE TABLE `tags` (`code` text PRIMARY KEY NOT NULL)',
      'CREATE TABLE `pairs` (`user_id` integer NOT NULL, `code` text NOT NULL, PRIMARY KEY(`user_id`, `code`), ' +
        'FOREIGN KEY (`code`) REFERENCES `tags`(`code`) ON UPDATE no action ON DELETE set null, CONSTRAINT "n" CHECK("pairs"."user_id" > 0))',
    ];
    const newer = [
      'CREATE TABLE `tags` (`code` text PRIMARY KEY)',
      'CREATE TABLE `pairs` (`user_id` integer NOT NULL, `code` text NOT NULL, CONSTRAINT `pairs_pk` PRIMARY KEY(`user_id`, `code`), ' +
        'CONSTRAINT `fk_pairs` FOREIGN KEY (`code`) REFERENCES `tags`(`code`) ON DELETE SET NULL, CONSTRAINT "n" CHECK("user_id" > 0))',
    ];
    expect(await hashOf(newer)).toBe(await hashOf(older));
  });

  test('leaves out bookkeeping, our lease, and what SQLite and libSQL keep for themselves', async () => {
    const left = [
      'CREATE TABLE __drizzle_migrations (id SERIAL PRIMARY KEY, hash text, created_at numeric)',
      'CREATE TABLE d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT)',
      'CREATE TABLE _migrations (version INTEGER PRIMARY KEY, name TEXT)',
      'CREATE TABLE _cf_KV (key TEXT PRIMARY KEY)',
      'CREATE TABLE __migrate_tui_lease (id INTEGER PRIMARY KEY)',
      'ANALYZE',
    ];
    expect(await hashOf(left)).toBe(await hashOf([]));
  });

  test('knows virtual tables and vector indexes by their own statement, not by their shadow tables', async () => {
    await using database = await openMemory([
      'CREATE TABLE e (v F32_BLOB(3))',
      'CREATE INDEX e_v ON e (libsql_vector_idx(v))',
      'CREATE VIRTUAL TABLE f USING fts5(a)',
      'CREATE VIRTUAL TABLE r USING rtree(id, a, b)',
    ]);
    const { objects } = await readSchema(database.query);
    expect(objects.map(({ name }) => name)).toEqual(['e_v', 'e', 'f', 'r']);
  });
});

describe('a schema reader', () => {
  test('gives the same schema until something changes it', async () => {
    await using database = await openMemory(['CREATE TABLE t (a)']);
    const reader = createSchemaReader(database.query);
    const first = await reader.read();
    await database.run('INSERT INTO t VALUES (1)');
    expect(await reader.read()).toBe(first);
    await database.run('CREATE INDEX i ON t (a)');
    const second = await reader.read();
    expect(second).not.toBe(first);
    expect(fingerprint(second)).toBe(fingerprint(await readSchema(database.query)));
  });

  test('leaves out the bookkeeping table that the project configures', async () => {
    await using database = await openMemory(['CREATE TABLE "My_Journal" (a)', 'CREATE TABLE t (a)']);
    const { objects } = await readSchema(database.query, { bookkeeping: ['my_journal'] });
    expect(objects.map(({ name }) => name)).toEqual(['t']);
  });
});

describe('two schemas', () => {
  test('are compared object by object, with the names as written', async () => {
    await using left = await openMemory([
      'CREATE TABLE Users (id INTEGER, a TEXT, b TEXT)',
      'CREATE VIEW v AS SELECT 1',
    ]);
    await using right = await openMemory([
      'CREATE TABLE users (b TEXT, a INTEGER, id INTEGER)',
      'CREATE TABLE "New" (id)',
    ]);
    expect(compareSchemas(await readSchema(left.query), await readSchema(right.query))).toEqual([
      { type: 'table', name: 'New', change: 'added', right: 'CREATE TABLE New (\n  id\n)' },
      {
        type: 'table',
        name: 'users',
        change: 'changed',
        left: 'CREATE TABLE Users (\n  id INTEGER,\n  a TEXT,\n  b TEXT\n)',
        right: 'CREATE TABLE users (\n  id INTEGER,\n  a INTEGER,\n  b TEXT\n)',
      },
      { type: 'view', name: 'v', change: 'removed', left: 'CREATE VIEW v AS\n  SELECT 1' },
    ]);
  });

  test('are told apart table first, then what stands on it', async () => {
    await using left = await openMemory(['CREATE TABLE t (a)']);
    await using right = await openMemory([
      'CREATE TABLE t (a, b)',
      'CREATE INDEX i ON t (b)',
      'CREATE VIEW a_view AS SELECT 1',
      'CREATE TABLE z (a)',
    ]);
    const differences = compareSchemas(await readSchema(left.query), await readSchema(right.query));
    expect(differences.map(({ type, name }) => `${type} ${name}`)).toEqual([
      'table t',
      'table z',
      'index i',
      'view a_view',
    ]);
  });
});

/** Every model that differs from this one in one point of meaning. */
function changesOf(model: TableModel): readonly TableModel[] {
  const [first, ...others] = model.columns;
  const [check, ...checks] = model.checks;
  const [index, ...indexes] = model.indexes;
  const inKey = first !== undefined && model.key.includes(first.name);
  const changes: (TableModel | false | undefined)[] = [
    first && { ...model, columns: [{ ...first, type: first.type === 'TEXT' ? 'REAL' : 'TEXT' }, ...others] },
    first && { ...model, columns: [{ ...first, nocase: !first.nocase }, ...others] },
    first && { ...model, columns: [{ ...first, default: first.default === '7' ? '8' : '7' }, ...others] },
    first && !inKey && { ...model, columns: [{ ...first, notNull: !first.notNull }, ...others] },
    model.key.length === 2 && { ...model, key: model.key.toReversed() },
    model.key.length > 0 && { ...model, key: [] },
    model.uniques.length > 0 && { ...model, uniques: model.uniques.slice(1) },
    { ...model, strict: !model.strict },
    check && { ...model, checks: [{ ...check, above: check.above + 10 }, ...checks] },
    model.references.length > 0 && { ...model, references: [] },
    index && { ...model, indexes },
    index && { ...model, indexes: [{ ...index, desc: !index.desc }, ...indexes] },
    index && { ...model, indexes: [{ ...index, where: !index.where }, ...indexes] },
    model.trigger && { ...model, trigger: undefined },
  ];
  return changes.filter((changed) => changed !== false && changed !== undefined);
}
