import { readdirSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import type { CopyProgress } from '../../src/engines/copy-progress.ts';
import { dumpRemote } from '../../src/engines/libsql/dump.ts';
import { openLibsqlFile } from '../../src/engines/libsql/file.ts';
import { openLibsqlRemote } from '../../src/engines/libsql/remote.ts';
import { restoreRemote } from '../../src/engines/libsql/restore-remote.ts';
import type { Engine } from '../../src/engines/engine.ts';
import { startHranaServer, type HranaServer } from '../support/hrana-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// The server is our own on the real engine (test/support/hrana-server.ts says what it is not).
const everything = [
  'PRAGMA user_version = 7',
  'CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, "odd "" name" REAL)',
  `INSERT INTO users VALUES (1, 'it''s', 1.0), (9007199254740993, '', 0.1), (-5, 'émoji 🎉', NULL)`,
  'DELETE FROM users WHERE id = 1',
  'CREATE TABLE loose (v, rowid)',
  `INSERT INTO loose VALUES (1, 'a'), (1.0, 'b'), ('1', 'c'), (x'00ff', 'd'), (NULL, 'e')`,
  'CREATE TABLE pairs (a TEXT, b INTEGER, n, PRIMARY KEY (a, b)) WITHOUT ROWID',
  `INSERT INTO pairs VALUES ('x', 2, 1), ('x', 1, 2), ('', 0, 3)`,
  'CREATE TABLE made (n INTEGER, twice INTEGER GENERATED ALWAYS AS (n * 2) STORED, CHECK (n > 0))',
  'INSERT INTO made (n) VALUES (4)',
  "CREATE INDEX users_name ON users (name) WHERE name <> ''",
  'CREATE VIEW names AS SELECT name FROM users',
  `CREATE TRIGGER no_empty BEFORE INSERT ON users WHEN new.name = '' BEGIN SELECT RAISE(ABORT, 'empty'); END`,
  'CREATE TABLE __migrate_tui_lease (id INTEGER PRIMARY KEY, run TEXT, epoch INTEGER, expires_at INTEGER)',
  `INSERT INTO __migrate_tui_lease VALUES (1, 'run-7', 3, 9999999999999)`,
  'CREATE TABLE many (n INTEGER PRIMARY KEY, filling TEXT)',
  `INSERT INTO many SELECT n, hex(randomblob(20)) FROM (WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 12000) SELECT n FROM c)`,
];
const fullText = [
  'CREATE VIRTUAL TABLE notes USING fts5(body)',
  `INSERT INTO notes VALUES ('the quick brown fox'), ('lazy dogs')`,
];

describe('the dump of a remote database', () => {
  test('has every value, rowid, index, trigger and counter, and no live lease', async () => {
    await using folder = await temporaryFolder();
    const served = folder.file('served.db');
    await make(served, [...everything, ...fullText]);
    const copy = folder.file('copy.db');
    const progress: number[] = [];
    {
      await using server = await startHranaServer({ file: served });
      const onProgress = ({ done }: CopyProgress) => progress.push(done);
      const { tables } = await dumpRemote({ address: addressOf(server), to: copy, onProgress });
      expect(tables).toContainEqual({ table: 'many', rows: 12_000 });
      expect(tables.map(({ table }) => table)).not.toContain('__migrate_tui_lease');
    }
    expect(progress.length).toBeGreaterThan(3);
    expect(progress.at(-1)).toBe(progress.toSorted((a, b) => b - a)[0]);
    const lease = /__migrate_tui_lease/;
    expect(linesOf(copy).filter((line) => !lease.test(line))).toEqual(
      linesOf(served).filter((line) => !lease.test(line)),
    );
    using db = new DatabaseSync(copy);
    expect(db.prepare('SELECT run, epoch, expires_at FROM __migrate_tui_lease').get()).toEqual({
      run: null,
      epoch: 3,
      expires_at: 0,
    });
    expect(db.prepare("SELECT rowid FROM notes WHERE notes MATCH 'quick'").all()).toEqual([{ rowid: 1 }]);
    expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    expect(readdirSync(folder.path)).toEqual(['copy.db', 'served.db']);
  });

  test('is of one moment, whatever is written while it runs', async () => {
    await using folder = await temporaryFolder();
    await make(folder.file('served.db'), ['PRAGMA journal_mode = WAL', ...everything]);
    await using server = await startHranaServer({ file: folder.file('served.db') });
    await using writer = await openLibsqlRemote({
      url: server.url,
      authToken: undefined,
      connectTimeout: 5000,
    });
    let writing: Promise<unknown> | undefined;
    const { tables } = await dumpRemote({
      address: addressOf(server),
      to: folder.file('copy.db'),
      onProgress: () => {
        writing ??= writer.unit({
          foreignKeys: 'on',
          statements: [{ sql: 'DELETE FROM many WHERE n > 11000', role: 'record' }],
        });
      },
    });
    expect(await writing).toMatchObject({ kind: 'committed' });
    expect(tables).toContainEqual({ table: 'many', rows: 12_000 });
    expect(await writer.query({ sql: 'SELECT count(*) AS n FROM many' })).toEqual([{ n: 11_000 }]);
  });

  test('that the connection breaks off leaves no file', async () => {
    await using folder = await temporaryFolder();
    await make(folder.file('served.db'), everything);
    await using server = await startHranaServer({ file: folder.file('served.db') });
    const broken = dumpRemote({
      address: addressOf(server),
      to: folder.file('copy.db'),
      onProgress: () => server.fault({ kind: 'cut', times: 5 }),
    });
    await expect(broken).rejects.toMatchObject({ code: 'unreachable' });
    expect(readdirSync(folder.path)).toEqual(['served.db']);
  });

  test('is refused when a text cannot be copied exactly', async () => {
    await using folder = await temporaryFolder();
    await make(folder.file('served.db'), [
      'CREATE TABLE t (a)',
      "INSERT INTO t VALUES ('a' || char(0) || 'b')",
    ]);
    await using server = await startHranaServer({ file: folder.file('served.db') });
    const refused = dumpRemote({ address: addressOf(server), to: folder.file('copy.db') });
    await expect(refused).rejects.toMatchObject({
      code: 'backup-failed',
      next: expect.stringContaining('NUL'),
    });
  });
});

describe('the restore of a remote database', () => {
  const landed = { sql: "SELECT 1 FROM __migrate_tui_lease WHERE run = 'run-8'" };

  test('puts everything back in one batch, and the preparation with it', async () => {
    await using folder = await temporaryFolder();
    const served = folder.file('served.db');
    await make(served, everything);
    {
      await using server = await startHranaServer({ file: served });
      await dumpRemote({ address: addressOf(server), to: folder.file('copy.db') });
      await using engine = await openLibsqlRemote({
        url: server.url,
        authToken: undefined,
        connectTimeout: 5000,
      });
      const broken = [
        'DELETE FROM many',
        'DROP TABLE pairs',
        'CREATE TABLE wrong (x)',
        'DROP TRIGGER no_empty',
      ];
      const statements = broken.map((sql) => ({ sql, role: 'record' as const }));
      expect(await engine.unit({ foreignKeys: 'off', statements })).toMatchObject({ kind: 'committed' });
      const before = server.requests.length;
      const prepare = [{ sql: "UPDATE __migrate_tui_lease SET run = 'run-8', epoch = ?", args: [4] }];
      const { tables } = await restoreRemote({ from: folder.file('copy.db'), engine, prepare, landed });
      expect(tables).toContainEqual({ table: 'many', rows: 12_000 });
      expect(await engine.query({ sql: 'SELECT run, epoch FROM __migrate_tui_lease' })).toEqual([
        { run: 'run-8', epoch: 4 },
      ]);
      const writes = server.requests.slice(before).filter(({ sql }) => sql.includes('COMMIT'));
      expect(writes).toHaveLength(1);
    }
    const lease = /__migrate_tui_lease|user_version/;
    expect(
      linesOf(served)
        .filter((line) => !lease.test(line))
        .toSorted(),
    ).toEqual(
      linesOf(folder.file('copy.db'))
        .filter((line) => !lease.test(line))
        .toSorted(),
    );
  });

  test.each([
    ['with full-text tables', fullText, /virtual table notes/],
    [
      'beyond the limit of one batch',
      [
        'CREATE TABLE t (a)',
        'INSERT INTO t SELECT n FROM (WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 20001) SELECT n FROM c)',
      ],
      /too large/,
    ],
  ])('%s is refused, and names the way to a new database', async (_what, sql, message) => {
    await using folder = await temporaryFolder();
    await make(folder.file('copy.db'), sql);
    await using server = await startHranaServer();
    await using engine = await openLibsqlRemote({
      url: server.url,
      authToken: undefined,
      connectTimeout: 5000,
    });
    await expect(restoreRemote({ from: folder.file('copy.db'), engine, landed })).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringMatching(message),
      next: expect.stringContaining('turso db create'),
    });
    expect(server.requests.filter((request) => request.sql.includes('COMMIT'))).toEqual([]);
  });
});

function addressOf(server: HranaServer) {
  return { kind: 'libsql-remote', url: server.url, authToken: undefined } as const;
}

/** Makes a database with the engine that will serve it, in this process and before the server has it open. */
async function make(path: string, sql: readonly string[]): Promise<void> {
  await using engine: Engine = await openLibsqlFile({ path, ifMissing: 'create', busyTimeout: 1000 });
  for (const statement of sql) await engine.query({ sql: statement });
}

/** Schema and rows with their exact types, as text. */
function linesOf(path: string): readonly string[] {
  using db = new DatabaseSync(path);
  const schema = db.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY name').all();
  const tables = schema.filter(({ type, sql }) => type === 'table' && !String(sql).includes('VIRTUAL'));
  const rows = tables.flatMap(({ name }) => {
    const quoted = `"${String(name).replaceAll('"', '""')}"`;
    const columns = db
      .prepare(`PRAGMA table_xinfo(${quoted})`)
      .all()
      .map((column) => `quote("${String(column['name']).replaceAll('"', '""')}")`);
    return db
      .prepare(`SELECT ${columns.join(" || ' ' || ")} AS line FROM ${quoted}`)
      .all()
      .map(({ line }) => `${String(name)} ${String(line)}`);
  });
  return [
    JSON.stringify(db.prepare('PRAGMA user_version').get()),
    ...schema.map((row) => JSON.stringify(row)),
    ...rows,
  ];
}
