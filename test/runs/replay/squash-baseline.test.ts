import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Migration } from '../../../src/migrations/migration.ts';
import { squashFile } from '../../../src/operations/squash/text.ts';
import { makeBaseline, proveBaseline, type Baseline } from '../../../src/runs/replay/squash-baseline.ts';
import { splitMigration } from '../../../src/sql/split.ts';
import { randomFolder } from '../../support/random-folder.ts';

const engines = ['libsql-file', 'd1-local'] as const;

describe.each(engines)('what a squashed file makes, under the rules of %s', (like) => {
  const options = { like, bookkeeping: '__drizzle_migrations', signal: new AbortController().signal };
  const proven = async (files: readonly string[]) => {
    const migrations = files.map((text, index) => migration(`${index}_step`, text));
    const baseline = await makeBaseline(migrations, options);
    return { baseline, proof: await proveBaseline(textOf(baseline), baseline, options) };
  };

  test.each<readonly [string, ...string[]]>([
    [
      'rows of every storage class',
      `CREATE TABLE t (a, b REAL, c TEXT, d BLOB);
      INSERT INTO t VALUES (1, 1, 'it''s', x'00ff'), (1.0, 0.1, 'two
lines', NULL), (9223372036854775807, 1e300, '--> statement-breakpoint', x''), ('x' || char(0) || 'y', -0.0, char(13), NULL);`,
    ],
    [
      'rows whose numbers have gaps',
      "CREATE TABLE t (a TEXT); INSERT INTO t VALUES ('a'), ('b'), ('c'); DELETE FROM t WHERE a = 'b';",
    ],
    [
      'the last number of a table that counts on',
      "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT); INSERT INTO t (a) VALUES ('a'), ('b'); DELETE FROM t WHERE id = 2;",
    ],
    [
      'the last number of a table that was emptied',
      "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT); INSERT INTO t (a) VALUES ('a'); DELETE FROM t;",
    ],
    [
      'rows that refer to one another',
      'CREATE TABLE z (id INTEGER PRIMARY KEY); CREATE TABLE a (id INTEGER PRIMARY KEY, z INTEGER REFERENCES z(id), up INTEGER REFERENCES a(id)); INSERT INTO z VALUES (1); INSERT INTO a VALUES (2, 1, NULL); INSERT INTO a VALUES (1, 1, 2);',
    ],
    [
      'rows that a trigger would change',
      'CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER); INSERT INTO t VALUES (1, 1); CREATE TRIGGER up AFTER INSERT ON t BEGIN UPDATE t SET n = n + 1; END;',
    ],
    [
      'generated columns',
      'CREATE TABLE t (a INTEGER, b INTEGER GENERATED ALWAYS AS (a * 2) STORED, c INTEGER AS (a + 1)); INSERT INTO t (a) VALUES (4);',
    ],
    [
      'a full-text index with its own text',
      "CREATE VIRTUAL TABLE f USING fts5(title, body); INSERT INTO f VALUES ('one', 'two words'); INSERT INTO f (rowid, title) VALUES (9, 'nine');",
    ],
    [
      'a full-text index over a table',
      "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); CREATE VIRTUAL TABLE f USING fts5(a, content='t', content_rowid='id'); CREATE TRIGGER ins AFTER INSERT ON t BEGIN INSERT INTO f (rowid, a) VALUES (new.id, new.a); END; INSERT INTO t VALUES (3, 'some words'), (5, 'more words');",
    ],
    [
      'views that look at views',
      'CREATE TABLE t (a INTEGER); CREATE VIEW z AS SELECT a FROM t; CREATE VIEW b AS SELECT a FROM z; CREATE INDEX i ON t (a) WHERE a > 0;',
    ],
    [
      'a table without rowid',
      "CREATE TABLE t (a TEXT, b INTEGER, PRIMARY KEY (b, a)) WITHOUT ROWID; INSERT INTO t VALUES ('x', 2), ('y', 1);",
    ],
    [
      'columns named like the rowid',
      "CREATE TABLE t (rowid TEXT, a TEXT); INSERT INTO t VALUES ('x', 'y'), ('z', 'w'); DELETE FROM t WHERE a = 'y';",
    ],
    [
      'a table that was rebuilt',
      'CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES (7, NULL);',
      "CREATE TABLE __new_t (id INTEGER PRIMARY KEY, a TEXT NOT NULL DEFAULT 'none'); INSERT INTO __new_t SELECT id, coalesce(a, 'none') FROM t; DROP TABLE t; ALTER TABLE __new_t RENAME TO t;",
    ],
    [
      'many rows',
      'CREATE TABLE t (a INTEGER, b TEXT); WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 500) INSERT INTO t SELECT x, hex(zeroblob(x)) FROM n;',
    ],
    ['nothing', '-- only a comment'],
  ])('%s', async (_, ...files) => {
    const { proof, baseline } = await proven(files);
    expect(proof).toEqual({ kind: 'same' });
    expect(baseline.changing).toEqual([]);
  });

  test.each([
    ['random()', 'CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (random());'],
    ['the time in seconds', "CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (strftime('%s', 'now'));"],
    [
      'a default of the time',
      'CREATE TABLE t (a INTEGER, at TEXT DEFAULT CURRENT_TIMESTAMP); INSERT INTO t (a) VALUES (1);',
    ],
    [
      'the time in milliseconds',
      "CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER));",
    ],
    ['the day', "CREATE TABLE t (a TEXT); INSERT INTO t VALUES (date('now'));"],
  ])('rows with %s differ from replay to replay', async (_, file) => {
    const { baseline, proof } = await proven([
      'CREATE TABLE calm (a TEXT); INSERT INTO calm VALUES (1);',
      file,
    ]);
    expect(baseline.changing).toEqual(['t']);
    expect(proof).toEqual({ kind: 'same' });
  });

  test('a moment that stands in the file is none', async () => {
    const today = new Date().toISOString().slice(0, 10);
    const { baseline } = await proven([`CREATE TABLE t (a TEXT); INSERT INTO t VALUES ('${today}');`]);
    expect(baseline.changing).toEqual([]);
  });

  test('a full-text index without text of its own is refused once it holds words', async () => {
    const table = "CREATE VIRTUAL TABLE f USING fts5(a, content='');";
    expect((await proven([table])).proof).toEqual({ kind: 'same' });
    await expect(proven([`${table} INSERT INTO f (rowid, a) VALUES (1, 'word');`])).rejects.toThrow(
      /keeps no text/,
    );
  });

  test('a lost row, a lost trigger and another number are each found', async () => {
    const { baseline } = await proven([
      "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES (1, 'a'), (2, 'b'); CREATE TRIGGER g AFTER DELETE ON t BEGIN SELECT 1; END;",
    ]);
    const text = textOf(baseline);
    const without = (part: RegExp, instead = '') =>
      proveBaseline(text.replace(part, instead), baseline, options);
    await expect(without(/,\n {2}\(2, 'b'\)/)).resolves.toMatchObject({
      kind: 'differs',
      in: 'rows',
      names: ['t'],
    });
    await expect(without(/'b'/, "'c'")).resolves.toMatchObject({ kind: 'differs', in: 'rows' });
    await expect(without(/CREATE TRIGGER[^]*END;/)).resolves.toMatchObject({
      kind: 'differs',
      in: 'schema',
      names: ['trigger g'],
    });
  });
});

test('any history of statements makes what its squashed file makes', { timeout: 60_000 }, async () => {
  const options = {
    like: 'libsql-file',
    bookkeeping: '__drizzle_migrations',
    signal: new AbortController().signal,
  } as const;
  await fc.assert(
    fc.asyncProperty(randomFolder, async ({ migrations, applied, rows }) => {
      const files = migrations.map(({ tag, chunks }) =>
        migration(tag, chunks.join('\n--> statement-breakpoint\n')),
      );
      // What an application wrote in between is here what a migration of its own inserts.
      const seeded = [
        ...files.slice(0, applied),
        migration('seed', rows.join('\n--> statement-breakpoint\n')),
        ...files.slice(applied),
      ];
      const baseline = await makeBaseline(seeded, options);
      expect(await proveBaseline(textOf(baseline), baseline, options)).toEqual({ kind: 'same' });
    }),
    { numRuns: 60 },
  );
});

function textOf({ statements }: Baseline): string {
  return squashFile(statements, { from: '0', to: '1', count: 2, archive: 'drizzle.squashed' });
}

function migration(tag: string, text: string): Migration {
  return { tag, hash: tag, when: 0, file: `/${tag}.sql`, statements: splitMigration(text) };
}
