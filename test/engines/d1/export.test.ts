import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { D1RemoteAddress } from '../../../src/engines/address.ts';
import { exportArchive, exportNotice } from '../../../src/engines/d1/export/archive.ts';
import { statementsIn } from '../../../src/engines/d1/export/statements.ts';
import { Secret } from '../../../src/lib/secret.ts';
import { startD1Server, type D1Server } from '../../support/d1-server.ts';
import { describedDatabase, done, scriptedAddress, scriptedApi } from '../../support/scripted-api.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

let server: D1Server;

beforeAll(async () => {
  server = await startD1Server({ databases: ['shop', 'again'], room: 0 });
  await server
    .database('shop')
    .run(
      'CREATE TABLE child (id INTEGER PRIMARY KEY AUTOINCREMENT, parent REFERENCES parent (id))',
      'CREATE TABLE parent (id INTEGER PRIMARY KEY, g AS (id + 1))',
      'INSERT INTO parent (id) VALUES (1), (2)',
      'INSERT INTO child (parent) VALUES (1), (2), (NULL)',
      'DELETE FROM child WHERE id = 3',
      'CREATE TABLE "odd ""one" (v)',
      `INSERT INTO "odd ""one" VALUES (9007199254740993), (1.0), (1.5), (9e999), ('a' || char(0) || 'b'), ('it''s;' || char(10) || '\\n'), (x'00ff'), (NULL)`,
      'CREATE TRIGGER touched AFTER INSERT ON child BEGIN SELECT CASE 1 WHEN 1 THEN 2 END; DELETE FROM seen WHERE x = 0; END',
      'CREATE VIEW seen AS SELECT 1 AS x',
      'CREATE INDEX child_parent ON child (parent)',
    );
}, 60_000);
afterAll(() => server[Symbol.asyncDispose]());

describe('an archive of a database at D1', () => {
  test('loads, and has every value exactly', async () => {
    await using folder = await temporaryFolder();
    const to = folder.file('shop.sql');
    const says: string[] = [];
    const archive = await exportArchive({
      address: addressOf('shop'),
      to,
      onProgress: (line) => says.push(line),
    });
    expect(archive).toMatchObject({ loadsInto: 'd1', corrected: ['odd "one'], consistent: true });
    expect(archive.tables).toContainEqual({ table: 'child', rows: 2 });
    expect(says).toEqual(['Uploaded part 1']);
    // As in SQLite's shell.
    using db = new DatabaseSync(folder.file('loaded.db'), { enableForeignKeyConstraints: false });
    db.exec(await readFile(to, 'utf8'));
    const values = 'SELECT typeof(v) AS type, hex(v) AS h FROM "odd ""one" ORDER BY rowid';
    expect(plain(db.prepare(values).all())).toEqual(plain(await server.database('shop').run(values)));
    expect(plain(db.prepare('SELECT name, seq FROM sqlite_sequence').all())).toEqual([
      { name: 'child', seq: 3 },
    ]);
    const names =
      "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite%' AND name NOT LIKE '%cf_KV%' ORDER BY type, name";
    expect(plain(db.prepare(names).all())).toEqual(plain(await server.database('shop').run(names)));
    expect(readdirSync(folder.path).toSorted()).toEqual(['loaded.db', 'shop.sql']);
  });

  test('loads into D1 itself', async () => {
    await using folder = await temporaryFolder();
    const to = folder.file('shop.sql');
    await exportArchive({ address: addressOf('shop'), to });
    const statements = await all(statementsIn(chunksOf(await readFile(to, 'utf8'), 100)));
    await server.database('again').run(...statements);
    const [row] = await server
      .database('again')
      .run('SELECT (SELECT count(*) FROM child) AS c, (SELECT count(*) FROM "odd ""one") AS o');
    expect(row).toEqual({ c: 2, o: 8 });
  });

  test('with full-text tables is in the form of SQLite’s shell, and proven, too', async () => {
    const dump = [
      'PRAGMA foreign_keys=OFF;',
      'BEGIN TRANSACTION;',
      'PRAGMA writable_schema=ON;',
      "INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql)VALUES('table','f','f',0,'CREATE VIRTUAL TABLE f USING fts5(x)');",
      "CREATE TABLE IF NOT EXISTS 'f_data'(id INTEGER PRIMARY KEY, block BLOB);",
      "INSERT INTO f_data VALUES(1,x'0102');",
      'PRAGMA writable_schema=OFF;',
      'COMMIT;',
    ];
    const asked: unknown[] = [];
    await using api = await scriptedApi(({ path, body }) => {
      if (path === '/file') return { status: 200, text: dump.join('\n') };
      if (path.endsWith('/bookmark')) return done({ bookmark: 'b1' });
      if (path.endsWith('/export')) {
        asked.push(body);
        return done({
          success: true,
          status: 'complete',
          at_bookmark: 'b1',
          messages: [],
          result: { signed_url: `${url}/file` },
        });
      }
      if (!path.endsWith('/raw')) return done(describedDatabase);
      const question = JSON.stringify(body);
      if (question.includes('pragma_table_list'))
        return done([
          rows([
            ['table', 'f', 'CREATE VIRTUAL TABLE f USING fts5(x)'],
            ['table', 'f_data', "CREATE TABLE 'f_data'(id INTEGER PRIMARY KEY, block BLOB)"],
          ]),
          rows([
            ['f', 'virtual', 0],
            ['f_data', 'shadow', 0],
          ]),
          rows([
            ['f_data', 'id', 0, 1],
            ['f_data', 'block', 0, 0],
          ]),
        ]);
      return done([rows([[1]])]);
    });
    const { url } = api;
    await using folder = await temporaryFolder();
    const archive = await exportArchive({ address: scriptedAddress(url), to: folder.file('f.sql') });
    expect(archive).toMatchObject({ loadsInto: 'sqlite', tables: [{ table: 'f_data', rows: 1 }] });
    expect(asked).toMatchObject([{ dump_options: { compatibility: 'sqlite3_cli_only' } }]);
    expect(api.requests.find(({ path }) => path === '/file')?.authorization).toBeUndefined();
  });

  test.each([
    [
      'that fails at the server',
      (url: string) => ({ success: true, status: 'error', error: `no (${url.length > 0})` }),
      'failed: no (true)',
    ],
    [
      'with other rows than were counted',
      (url: string) => ({ success: true, status: 'complete', result: { signed_url: `${url}/few` } }),
      'table a has 0 rows instead of 1',
    ],
    [
      'that is no SQL',
      (url: string) => ({ success: true, status: 'complete', result: { signed_url: `${url}/wrong` } }),
      'does not load',
    ],
    [
      'that is gone before it is fetched',
      (url: string) => ({ success: true, status: 'complete', result: { signed_url: `${url}/gone` } }),
      'could not be fetched (HTTP 404)',
    ],
  ])('%s is none, and leaves nothing behind', async (_title, answer, message) => {
    await using api = await scriptedApi(({ path, body }) => {
      if (path === '/few') return { status: 200, text: 'CREATE TABLE a (x);' };
      if (path === '/wrong')
        return { status: 200, text: 'CREATE TABLE a (x);\nINSERT INTO nowhere VALUES (1);' };
      if (path === '/gone') return { status: 404, text: 'NoSuchKey' };
      if (path.endsWith('/bookmark')) return done({ bookmark: 'b1' });
      if (path.endsWith('/export')) return done(answer(url));
      if (!path.endsWith('/raw')) return done(describedDatabase);
      const question = JSON.stringify(body);
      if (question.includes('pragma_table_list'))
        return done([
          rows([['table', 'a', 'CREATE TABLE a (x)']]),
          rows([['a', 'table', 0]]),
          rows([['a', 'x', 0, 0]]),
        ]);
      return done([rows([[question.includes('EXISTS') ? 0 : 1]])]);
    });
    const { url } = api;
    await using folder = await temporaryFolder();
    await expect(
      exportArchive({ address: scriptedAddress(url), to: folder.file('a.sql') }),
    ).rejects.toMatchObject({
      code: 'backup-failed',
      message: expect.stringContaining(message),
    });
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test('is announced with what it does to others', () => {
    expect(exportNotice({ size: 5 * 1024 * 1024 })).toContain('keeps everybody else out');
    expect(exportNotice({ size: 5 * 1024 * 1024 })).toContain('5.0 MiB');
  });
});

describe('the statements of a dump', () => {
  const statements = [
    "INSERT INTO a VALUES('it''s; --no comment', \"x;\", `y;`, [z;]);",
    'CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT CASE 1 WHEN 1 THEN 2 END; DELETE FROM b; END;',
    'CREATE TABLE a (x, /* ; */ y -- ;\n);',
    'SELECT 1 - 2 / 3;',
    "INSERT INTO a VALUES('\n;\n');",
    'PRAGMA x;',
  ];

  test('are the same wherever the text is cut into chunks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...statements)),
        fc.integer({ min: 1, max: 40 }),
        async (some, size) => {
          expect(await all(statementsIn(chunksOf(some.join('\n'), size)))).toEqual(some);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('include a last one without its semicolon', async () => {
    expect(await all(statementsIn(chunksOf('SELECT 1;\nSELECT 2', 3)))).toEqual(['SELECT 1;', 'SELECT 2']);
  });
});

async function* chunksOf(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

function rows(all: readonly (readonly unknown[])[]) {
  return { success: true, meta: {}, results: { columns: [], rows: all } };
}

function plain(found: readonly object[]) {
  return found.map((row) => ({ ...row }));
}

function addressOf(database: string): D1RemoteAddress {
  const credentials = { kind: 'token', token: new Secret(server.token) } as const;
  return { kind: 'd1-remote', database, account: server.account, credentials, api: server.url };
}
