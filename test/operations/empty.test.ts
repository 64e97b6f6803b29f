import { expect, test } from 'vitest';
import { openEngine } from '../../src/engines/open.ts';
import { emptyingStatements } from '../../src/operations/empty.ts';
import { readForeignKeys } from '../../src/schema/foreign-keys.ts';
import { readSchema } from '../../src/schema/read.ts';

test.each([
  [
    'tables that refer to each other in a circle',
    [
      'CREATE TABLE a (id integer PRIMARY KEY, b integer REFERENCES b (id))',
      'CREATE TABLE b (id integer PRIMARY KEY, a integer REFERENCES a (id))',
      'INSERT INTO a VALUES (1, 1)',
      'INSERT INTO b VALUES (1, 1)',
    ],
  ],
  [
    'a table that refers to itself',
    [
      'CREATE TABLE a (id integer PRIMARY KEY, up integer REFERENCES a (id))',
      'INSERT INTO a VALUES (1, NULL), (2, 1)',
    ],
  ],
  [
    'a chain of children, restricted',
    [
      'CREATE TABLE z (id integer PRIMARY KEY)',
      'CREATE TABLE m (id integer PRIMARY KEY, z integer REFERENCES z (id) ON DELETE RESTRICT)',
      'CREATE TABLE a (id integer PRIMARY KEY, m integer REFERENCES m (id) ON DELETE RESTRICT)',
      'INSERT INTO z VALUES (1)',
      'INSERT INTO m VALUES (1, 1)',
      'INSERT INTO a VALUES (1, 1)',
    ],
  ],
  [
    'views, triggers, indexes, full text, numbers that go on',
    [
      'CREATE TABLE a (id integer PRIMARY KEY AUTOINCREMENT, b text)',
      'CREATE INDEX i ON a (b)',
      'CREATE VIEW v AS SELECT id FROM a',
      "CREATE TRIGGER t BEFORE DELETE ON a BEGIN SELECT RAISE(ABORT, 'never'); END",
      'CREATE VIRTUAL TABLE f USING fts5(body)',
      "INSERT INTO a (b) VALUES ('x')",
      "INSERT INTO f VALUES ('y')",
    ],
  ],
] as const)(
  'nothing is left of %s, whether or not foreign keys can be switched off',
  async (_what, setUp) => {
    for (const enforcement of ['switchable', 'always-on'] as const) {
      const opened = await openEngine({ kind: 'libsql-memory' }, { purpose: 'change', ifMissing: 'create' });
      if (opened.kind !== 'open') throw new Error('A database in memory is always there.');
      await using engine = opened.engine;
      const all = (statements: readonly string[], foreignKeys: 'on' | 'off') =>
        engine.unit({ foreignKeys, statements: statements.map((sql) => ({ sql, role: 'record' })) });
      expect(await all([...setUp, 'CREATE TABLE tracking (name text)'], 'off')).toMatchObject(committed);
      const contents = {
        schema: await readSchema(engine.query, { bookkeeping: ['tracking'] }),
        foreignKeys: await readForeignKeys(engine.query),
        tracking: ['tracking'],
      };
      const statements = emptyingStatements(contents, enforcement);
      expect(await all(statements, enforcement === 'always-on' ? 'on' : 'off')).toMatchObject(committed);
      const left = await engine.query({
        sql: "SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'",
      });
      expect(left).toEqual([]);
    }
  },
);

const committed = { kind: 'committed' };
