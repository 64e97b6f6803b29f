import { readdirSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { D1RemoteAddress } from '../../../src/engines/address.ts';
import { dumpD1 } from '../../../src/engines/d1/dump/dump.ts';
import { Secret } from '../../../src/lib/secret.ts';
import { startD1Server, type D1Server } from '../../support/d1-server.ts';
import { describedDatabase, done, scriptedAddress, scriptedApi } from '../../support/scripted-api.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

let server: D1Server;

beforeAll(async () => {
  server = await startD1Server({ databases: ['shop', 'large', 'busy', 'empty'], room: 0 });
}, 60_000);
afterAll(() => server[Symbol.asyncDispose]());

const shop = [
  // The child comes first, so that a copy in the order of the schema must not check foreign keys.
  'CREATE TABLE child (id INTEGER PRIMARY KEY AUTOINCREMENT, parent REFERENCES parent (id), v)',
  'CREATE TABLE parent (id INTEGER PRIMARY KEY, t TEXT CHECK (t <> "never"), g GENERATED ALWAYS AS (id * 2) STORED)',
  "INSERT INTO parent (id, t) VALUES (9007199254740993, 'x'), (-5, 'y'), (3, NULL)",
  "INSERT INTO child (parent, v) VALUES (3, 9007199254740993), (3, 1.0), (3, 9e999), (3, 0.1), (3, 'a' || char(0) || 'b'), (3, CAST(x'ff41' AS TEXT)), (3, x'00ff'), (NULL, NULL), (3, '\u{fffd}'), (3, '')",
  'DELETE FROM child WHERE id = 10',
  'CREATE TABLE "odd ""name" ("a b" TEXT, rowid TEXT)',
  `INSERT INTO "odd ""name" VALUES ('it''s', 'not the rowid')`,
  'CREATE TABLE keyed (a TEXT COLLATE NOCASE, b, PRIMARY KEY (a COLLATE BINARY, b)) WITHOUT ROWID',
  "INSERT INTO keyed VALUES ('k', 1), ('K', 1), ('k', 1.5), ('k', x'01')",
  'CREATE VIRTUAL TABLE words USING fts5 (body)',
  "INSERT INTO words VALUES ('hello world'), ('good bye')",
  'CREATE INDEX child_v ON child (v) WHERE v IS NOT NULL',
  'CREATE VIEW xs AS SELECT id FROM parent WHERE t = "x"',
  'CREATE TRIGGER touched AFTER INSERT ON child BEGIN UPDATE parent SET t = "z" WHERE id = 3; END',
  'CREATE TABLE __migrate_tui_lease (id INTEGER PRIMARY KEY, run TEXT, expires_at INTEGER)',
  "INSERT INTO __migrate_tui_lease VALUES (1, 'somebody', 99)",
];

describe('a copy of a database at D1', () => {
  test('has every value exactly, and every object', async () => {
    await server.database('shop').run(...shop);
    await using folder = await temporaryFolder();
    const to = folder.file('copy.db');
    const progress: unknown[] = [];
    const dump = await dumpD1({
      address: addressOf('shop'),
      to,
      what: 'rows',
      onProgress: (seen) => progress.push(seen),
    });
    using copy = new DatabaseSync(to, {
      enableDoubleQuotedStringLiterals: true,
      enableForeignKeyConstraints: false,
    });
    expect(
      valuesOf(
        copy,
        'SELECT id, parent, hex(v) AS h, typeof(v) AS type, quote(v) AS q FROM child ORDER BY id',
      ),
    ).toEqual(
      await valuesThere(
        'SELECT CAST(id AS TEXT) AS id, CAST(parent AS TEXT) AS parent, hex(v) AS h, typeof(v) AS type, quote(v) AS q FROM child ORDER BY id',
      ),
    );
    expect(valuesOf(copy, 'SELECT id, t, g FROM parent ORDER BY id')).toEqual(
      await valuesThere('SELECT CAST(id AS TEXT) AS id, t, CAST(g AS TEXT) AS g FROM parent ORDER BY id'),
    );
    expect(valuesOf(copy, 'SELECT *, _rowid_ AS r FROM "odd ""name"')).toEqual([
      { 'a b': "it's", rowid: 'not the rowid', r: '1' },
    ]);
    expect(valuesOf(copy, 'SELECT quote(a) AS a, quote(b) AS b FROM keyed')).toEqual(
      await valuesThere('SELECT quote(a) AS a, quote(b) AS b FROM keyed'),
    );
    expect(valuesOf(copy, "SELECT body FROM words WHERE words MATCH 'hello'")).toEqual([
      { body: 'hello world' },
    ]);
    expect(valuesOf(copy, 'SELECT name, seq FROM sqlite_sequence')).toEqual([{ name: 'child', seq: '10' }]);
    expect(valuesOf(copy, schemaQuery)).toEqual(await valuesThere(schemaQuery));
    expect(valuesOf(copy, 'SELECT run, expires_at FROM __migrate_tui_lease')).toEqual([
      { run: null, expires_at: '0' },
    ]);
    expect(dump).toMatchObject({ consistent: true, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(dump.tables).toContainEqual({ table: 'child', rows: 9 });
    expect(dump.tables.map(({ table }) => table)).not.toContain('__migrate_tui_lease');
    expect(progress.at(-1)).toMatchObject({ done: 27, total: 27, unit: 'rows' });
    expect(readdirSync(folder.path)).toEqual(['copy.db']);
  });

  test('without rows is the same schema, where full-text tables are empty and work', async () => {
    await using folder = await temporaryFolder();
    const to = folder.file('copy.db');
    const dump = await dumpD1({ address: addressOf('shop'), to, what: 'schema' });
    using copy = new DatabaseSync(to, { enableForeignKeyConstraints: false });
    expect(valuesOf(copy, schemaQuery)).toEqual(await valuesThere(schemaQuery));
    expect(dump.tables).toContainEqual({ table: 'child', rows: 0 });
    copy.exec("INSERT INTO words VALUES ('here')");
    expect(valuesOf(copy, "SELECT body FROM words WHERE words MATCH 'here'")).toEqual([{ body: 'here' }]);
  });

  test('of many and of large rows, and of tables with a hundred columns, comes in pages', async () => {
    const columns = Array.from({ length: 100 }, (_, index) => `column_${index}`);
    await server
      .database('large')
      .run(
        'CREATE TABLE many (id INTEGER PRIMARY KEY, x TEXT)',
        `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO many SELECT i * 7, 'row ' || i FROM n`,
        'CREATE TABLE big (id INTEGER PRIMARY KEY, b BLOB)',
        ...Array.from(
          { length: 5 },
          (_, index) => `INSERT INTO big (b) VALUES (randomblob(${index === 2 ? 1_000_000 : 600_000}))`,
        ),
        `CREATE TABLE wide (${columns.join(', ')})`,
        `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30) INSERT INTO wide SELECT ${columns.map((_, index) => `'${index}-' || i`).join(', ')} FROM n`,
        'CREATE TABLE keyed (a TEXT COLLATE NOCASE, b INTEGER, c TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID',
        `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) INSERT INTO keyed SELECT CASE i % 3 WHEN 0 THEN 'k' WHEN 1 THEN 'É' ELSE 'z' END, i, hex(randomblob(500)) FROM n`,
      );
    await using folder = await temporaryFolder();
    const to = folder.file('copy.db');
    const before = server.requests.length;
    const dump = await dumpD1({ address: addressOf('large'), to, what: 'rows' });
    expect(server.requests.length - before).toBeLessThan(25);
    expect(dump.tables.map(({ rows }) => rows).toSorted((a, b) => a - b)).toEqual([5, 30, 3000, 5000]);
    using copy = new DatabaseSync(to);
    for (const sql of [
      'SELECT group_concat(id || x) AS v FROM (SELECT * FROM many ORDER BY id)',
      'SELECT group_concat(hex(substr(b, 1, 50)) || length(b)) AS v FROM (SELECT * FROM big ORDER BY id)',
      `SELECT group_concat(${columns.slice(0, 50).join('||')}) || group_concat(${columns.slice(50).join('||')}) AS v FROM wide`,
      'SELECT group_concat(a || b || c) AS v FROM (SELECT * FROM keyed ORDER BY b)',
    ]) {
      expect(valuesOf(copy, sql)).toEqual(await valuesThere(sql, 'large'));
    }
  }, 30_000);

  test('is read again when somebody writes meanwhile, and is then one moment of it', async () => {
    const database = server.database('busy');
    await database.run(
      'CREATE TABLE a (x UNIQUE)',
      'INSERT INTO a VALUES (1), (2)',
      'CREATE TABLE b (x)',
      'INSERT INTO b VALUES (1)',
    );
    await using folder = await temporaryFolder();
    let writes = 0;
    const to = folder.file('copy.db');
    const dump = await dumpD1({
      address: addressOf('busy'),
      to,
      what: 'rows',
      // The write is in line at the server before the next page is asked for.
      onProgress: ({ total }) => {
        if (total === 3 && writes === 0) {
          writes += 1;
          void database.run('INSERT INTO b VALUES (2)');
        }
      },
    });
    expect(dump.consistent).toBe(true);
    expect(dump.positions).toEqual({ before: database.bookmark, after: database.bookmark });
    expect(dump.tables).toContainEqual({ table: 'b', rows: 2 });
  });

  test('that nobody leaves time for says that it is not one moment', async () => {
    const database = server.database('busy');
    await using folder = await temporaryFolder();
    const to = folder.file('copy.db');
    const dump = await dumpD1({
      address: addressOf('busy'),
      to,
      what: 'rows',
      attempts: 2,
      onProgress: () => void database.run('UPDATE b SET x = x + 1'),
    });
    expect(dump.consistent).toBe(false);
    expect(dump.positions?.after).not.toBe(dump.positions?.before);
  });

  test('of an empty database is an empty file', async () => {
    await using folder = await temporaryFolder();
    expect(
      await dumpD1({ address: addressOf('empty'), to: folder.file('copy.db'), what: 'rows' }),
    ).toMatchObject({ tables: [], consistent: true });
  });
});

describe('a copy that cannot be made', () => {
  test('leaves no file behind when it is stopped', async () => {
    await using folder = await temporaryFolder();
    const stop = new AbortController();
    const stopped = dumpD1({
      address: addressOf('large'),
      to: folder.file('copy.db'),
      what: 'rows',
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });
    await expect(stopped).rejects.toMatchObject({ code: 'interrupted' });
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test('is none when the server gives other rows than it counted', async () => {
    await using api = await scriptedApi(({ path, body }) => {
      if (path.endsWith(describedDatabase.uuid)) return done(describedDatabase);
      if (path.endsWith('/bookmark')) return done({ bookmark: 'b1' });
      return done(
        JSON.stringify(body).includes('count(*)') ? [rows([[2]])] : answersAbout(JSON.stringify(body)),
      );
    });
    await using folder = await temporaryFolder();
    const copied = dumpD1({ address: scriptedAddress(api.url), to: folder.file('copy.db'), what: 'rows' });
    await expect(copied).rejects.toMatchObject({
      code: 'backup-failed',
      message: expect.stringContaining('table a has 1 rows instead of 2'),
    });
    expect(readdirSync(folder.path)).toEqual([]);
  });
});

const schemaQuery =
  "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' AND name NOT LIKE '%\\_cf\\_%' ESCAPE '\\' ORDER BY type, name";

/** A table with one row, and no more when it is asked for the next page. */
function answersAbout(question: string): readonly unknown[] {
  if (question.includes('pragma_table_list')) {
    return [
      rows([['table', 'a', 'CREATE TABLE a (x)']]),
      rows([['a', 'table', 0]]),
      rows([['a', 'x', 0, 0]]),
    ];
  }
  return [
    question.includes('rowid > ')
      ? rows([])
      : rows([[8, 'it', '1', '5']].map(([, kinds, key, value]) => [1, kinds, key, value])),
  ];
}

function rows(all: readonly (readonly unknown[])[]) {
  return { success: true, meta: {}, results: { columns: [], rows: all } };
}

/** Integers as text: the test's own view of D1 is through JSON numbers. */
function valuesOf(copy: DatabaseSync, sql: string) {
  const statement = copy.prepare(sql);
  statement.setReadBigInts(true);
  return statement
    .all()
    .map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [name, typeof value === 'bigint' ? String(value) : value]),
      ),
    );
}

async function valuesThere(sql: string, name = 'shop') {
  const found = await server.database(name).run(sql);
  return found.map((row) => ({ ...row }));
}

function addressOf(database: string): D1RemoteAddress {
  const credentials = { kind: 'token', token: new Secret(server.token) } as const;
  return { kind: 'd1-remote', database, account: server.account, credentials, api: server.url };
}
