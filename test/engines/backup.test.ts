import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { backupFile } from '../../src/engines/libsql/backup-file.ts';
import { openLibsqlFile } from '../../src/engines/libsql/file.ts';
import { restoreFile } from '../../src/engines/libsql/restore-file.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { otherProgram } from '../support/processes.ts';

const journalModes = ['delete', 'wal'] as const;

describe('a backup', () => {
  test.each(journalModes)(
    'of a file in %s mode holds its tables, and the source stays as it was',
    async (mode) => {
      await using folder = await temporaryFolder();
      const from = folder.file('app.db');
      make(
        from,
        `PRAGMA journal_mode = ${mode}; CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);
      INSERT INTO users VALUES (1, 'ada'), (2, 'bob'); CREATE TABLE "odd "" name" (x);`,
      );
      const before = readdirSync(folder.path);
      const copy = await backupFile({ from, to: folder.file('copy.db') });
      expect(copy.tables).toEqual([
        { table: 'odd " name', rows: 0 },
        { table: 'users', rows: 2 },
      ]);
      expect(copy.bytes).toBe(statSync(folder.file('copy.db')).size);
      expect(copy.sha256).toBe(
        createHash('sha256')
          .update(readFileSync(folder.file('copy.db')))
          .digest('hex'),
      );
      expect(readdirSync(folder.path)).toEqual([...before, 'copy.db']);
    },
  );

  test('of an empty file is one of an empty database, and comes back as one', async () => {
    await using folder = await temporaryFolder();
    const [from, to] = [folder.file('app.db'), folder.file('copy.db')];
    writeFileSync(from, '');
    expect((await backupFile({ from, to })).tables).toEqual([]);
    make(from, 'CREATE TABLE made_since (x)');
    await restoreFile({ from: to, to: from, ifMissing: 'refuse' });
    using restored = new DatabaseSync(from);
    expect(restored.prepare('SELECT name FROM sqlite_schema').all()).toEqual([]);
  });

  test.each(journalModes)(
    'is of one moment while another program writes all the time, in %s mode',
    async (mode) => {
      await using folder = await temporaryFolder();
      const from = folder.file('app.db');
      make(
        from,
        `PRAGMA journal_mode = ${mode}; CREATE TABLE a (n); CREATE TABLE b (n);
      INSERT INTO a SELECT randomblob(2000) FROM (WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 2000) SELECT n FROM c);`,
      );
      await using writer = otherProgram(
        from,
        `let n = 0;
       for (;;) {
         db.exec('BEGIN IMMEDIATE'); db.exec('INSERT INTO a VALUES (1)'); db.exec('INSERT INTO b VALUES (1)'); db.exec('COMMIT');
         if (++n === 1) say('writing');
         await pause(2);
       }`,
      );
      expect(await writer.line()).toBe('writing');
      for (const name of ['one.db', 'two.db']) {
        const { tables } = await backupFile({ from, to: folder.file(name) });
        const rows = Object.fromEntries(tables.map((table) => [table.table, table.rows]));
        // Both rows of each of its transactions, or neither.
        expect(rows['a']).toBe((rows['b'] ?? 0) + 2000);
      }
      expect(writer.process.exitCode).toBeNull();
    },
  );

  test('carries no live lease, and the target keeps its own', async () => {
    await using folder = await temporaryFolder();
    const from = folder.file('app.db');
    make(
      from,
      `PRAGMA journal_mode = wal; CREATE TABLE __migrate_tui_lease (id INTEGER PRIMARY KEY, run TEXT, epoch INTEGER, expires_at INTEGER);
      INSERT INTO __migrate_tui_lease VALUES (1, 'run-7', 3, 9999999999999)`,
    );
    const copy = await backupFile({ from, to: folder.file('copy.db') });
    expect(copy.tables).toEqual([]);
    expect(all(folder.file('copy.db'), 'SELECT run, epoch, expires_at FROM __migrate_tui_lease')).toEqual([
      { run: null, epoch: 3, expires_at: 0 },
    ]);
    expect(all(from, 'SELECT run FROM __migrate_tui_lease')).toEqual([{ run: 'run-7' }]);
  });

  test.each([
    ['that only libSQL understands', ['CREATE TABLE spread (a TEXT) RANDOM ROWID']],
    ['with an index that only libSQL can check', []],
  ])('of a schema %s is read back through libSQL', async (_, more) => {
    await using folder = await temporaryFolder();
    const from = folder.file('vectors.db');
    {
      await using engine = await openLibsqlFile({ path: from, ifMissing: 'create', busyTimeout: 1000 });
      const sql = [
        'CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT, v F32_BLOB(3))',
        'CREATE INDEX notes_v ON notes (libsql_vector_idx(v))',
        "INSERT INTO notes VALUES (1, 'body', vector('[1,2,3]'))",
        ...more,
      ];
      const statements = sql.map((text) => ({ sql: text, role: 'record' as const }));
      expect(await engine.unit({ foreignKeys: 'on', statements })).toMatchObject({ kind: 'committed' });
    }
    const copy = await backupFile({ from, to: folder.file('copy.db') });
    expect(copy.tables).toContainEqual({ table: 'notes', rows: 1 });
    await restoreFile({ from: folder.file('copy.db'), to: folder.file('again.db'), ifMissing: 'create' });
    await using again = await openLibsqlFile({
      path: folder.file('again.db'),
      ifMissing: 'refuse',
      busyTimeout: 1000,
    });
    const nearest = await again.query({
      sql: "SELECT id FROM vector_top_k('notes_v', vector('[1,2,3]'), 1)",
    });
    expect(nearest).toEqual([{ id: 1 }]);
  });

  test('of a damaged database is refused, and leaves no file', async () => {
    await using folder = await temporaryFolder();
    const from = folder.file('app.db');
    make(from, 'CREATE TABLE t (a); CREATE INDEX i ON t (a); INSERT INTO t VALUES (1), (2), (3)');
    const bytes = readFileSync(from);
    bytes.fill(0x41, 8192, 12288);
    writeFileSync(from, bytes);
    await expect(backupFile({ from, to: folder.file('copy.db') })).rejects.toMatchObject({
      name: 'MigrateError',
    });
    expect(readdirSync(folder.path)).toEqual(['app.db']);
  });

  test.each([
    ['a missing file', undefined, /does not exist/],
    ['a text file', 'hello, this is no database at all', /is not an SQLite database/],
  ])('of %s says so', async (_what, content, message) => {
    await using folder = await temporaryFolder();
    const from = folder.file('app.db');
    if (content !== undefined) writeFileSync(from, content);
    const refused = backupFile({ from, to: folder.file('copy.db') });
    await expect(refused).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(message),
    });
    expect(existsSync(folder.file('copy.db'))).toBe(false);
  });

  test('that is stopped leaves no file', async () => {
    await using folder = await temporaryFolder();
    make(folder.file('app.db'), 'CREATE TABLE t (a)');
    const stop = new AbortController();
    const stopped = backupFile({
      from: folder.file('app.db'),
      to: folder.file('copy.db'),
      signal: stop.signal,
    });
    stop.abort();
    await expect(stopped).rejects.toMatchObject({ code: 'interrupted' });
    expect(readdirSync(folder.path)).toEqual(['app.db']);
  });

  test('whose process is killed leaves nothing under the final name', async () => {
    await using folder = await temporaryFolder();
    make(folder.file('app.db'), bigTable(8000));
    for (let size = 1; size <= 3; size += 1) {
      const copying = callInProcess('backup-file.ts', 'backupFile', {
        from: folder.file('app.db'),
        to: folder.file('copy.db'),
      });
      await fileIn(folder.path, /\.part$/);
      copying.kill('SIGKILL');
      await once(copying, 'close');
      expect(existsSync(folder.file('copy.db'))).toBe(false);
    }
    const copy = await backupFile({ from: folder.file('app.db'), to: folder.file('copy.db') });
    expect(copy.tables).toEqual([{ table: 'big', rows: 8000 }]);
  });
});

describe('a restore', () => {
  test.each(journalModes)('reaches a program that has the file open, in %s mode', async (mode) => {
    await using folder = await temporaryFolder();
    const live = folder.file('app.db');
    make(live, `PRAGMA journal_mode = ${mode}; CREATE TABLE t (a); INSERT INTO t VALUES ('old')`);
    await backupFile({ from: live, to: folder.file('copy.db') });
    await using app = otherProgram(
      live,
      `db.exec("UPDATE t SET a = 'broken'"); say('changed');
       await told(); say(db.prepare('SELECT a FROM t').get().a);
       db.exec("INSERT INTO t VALUES ('later')"); say('inserted'); await told();`,
    );
    await app.line();
    const copied = await restoreFile({ from: folder.file('copy.db'), to: live, ifMissing: 'refuse' });
    expect(copied.tables).toEqual([{ table: 't', rows: 1 }]);
    app.tell('look');
    expect(await app.line()).toBe('old');
    expect(await app.line()).toBe('inserted');
    await app.stop();
    expect(all(live, 'SELECT a FROM t')).toEqual([{ a: 'old' }, { a: 'later' }]);
    expect(all(live, 'PRAGMA journal_mode')).toEqual([{ journal_mode: mode }]);
  });

  test('over a file with an old -wal brings the backup back, not the old log', async () => {
    await using folder = await temporaryFolder();
    const live = folder.file('app.db');
    make(live, "PRAGMA journal_mode = wal; CREATE TABLE t (a); INSERT INTO t VALUES ('old')");
    await backupFile({ from: live, to: folder.file('copy.db') });
    await using app = otherProgram(
      live,
      `db.exec("DELETE FROM t; DROP TABLE t; CREATE TABLE broken (x)"); say('done'); await told();`,
    );
    await app.line();
    await app.stop();
    expect(existsSync(`${live}-wal`)).toBe(true);
    await restoreFile({ from: folder.file('copy.db'), to: live, ifMissing: 'refuse' });
    expect(all(live, 'SELECT name FROM sqlite_schema')).toEqual([{ name: 't' }]);
    expect(all(live, 'SELECT a FROM t')).toEqual([{ a: 'old' }]);
  });

  test('runs its preparation on a private copy: the live file has it, the backup does not', async () => {
    await using folder = await temporaryFolder();
    const live = folder.file('app.db');
    make(live, 'PRAGMA journal_mode = wal; CREATE TABLE lease (epoch)');
    await backupFile({ from: live, to: folder.file('copy.db') });
    const backupBytes = readFileSync(folder.file('copy.db'));
    const prepare = [{ sql: 'INSERT INTO lease VALUES (?)', args: [9007199254740993n] }];
    await restoreFile({ from: folder.file('copy.db'), to: live, ifMissing: 'refuse', prepare });
    expect(all(live, 'SELECT CAST(epoch AS TEXT) AS epoch FROM lease')).toEqual([
      { epoch: '9007199254740993' },
    ]);
    expect(readFileSync(folder.file('copy.db')).equals(backupBytes)).toBe(true);
    expect(readdirSync(folder.path)).toEqual(['app.db', 'copy.db']);
  });

  test('creates a database that is missing only when told to', async () => {
    await using folder = await temporaryFolder();
    make(folder.file('copy.db'), 'CREATE TABLE t (a)');
    const options = { from: folder.file('copy.db'), to: folder.file('new.db') };
    await expect(restoreFile({ ...options, ifMissing: 'refuse' })).rejects.toMatchObject({
      code: 'unreachable',
    });
    expect(readdirSync(folder.path)).toEqual(['copy.db']);
    await restoreFile({ ...options, ifMissing: 'create' });
    expect(all(folder.file('new.db'), 'SELECT name FROM sqlite_schema')).toEqual([{ name: 't' }]);
  });

  test('beside a writer that does not end says that the file is locked', async () => {
    await using folder = await temporaryFolder();
    const live = folder.file('app.db');
    make(live, "CREATE TABLE t (a); INSERT INTO t VALUES ('old')");
    await backupFile({ from: live, to: folder.file('copy.db') });
    await using writer = otherProgram(
      live,
      `db.exec("BEGIN IMMEDIATE; INSERT INTO t VALUES ('mine')"); say('in'); await told(); db.exec('COMMIT'); say('out'); await told();`,
    );
    await writer.line();
    const refused = restoreFile({
      from: folder.file('copy.db'),
      to: live,
      ifMissing: 'refuse',
      busyTimeout: 100,
    });
    await expect(refused).rejects.toMatchObject({ code: 'busy', message: expect.stringContaining(live) });
    writer.tell('commit');
    await writer.line();
    await writer.stop();
    expect(all(live, 'SELECT a FROM t')).toHaveLength(2);
  });

  test.each(journalModes)('that is killed half-way leaves the old contents, in %s mode', async (mode) => {
    await using folder = await temporaryFolder();
    const live = folder.file('app.db');
    make(folder.file('copy.db'), bigTable(16_000));
    make(
      live,
      `PRAGMA journal_mode = ${mode}; ${bigTable(12_000)}; CREATE TABLE old (a); INSERT INTO old VALUES (1)`,
    );
    const restoring = callInProcess('restore-file.ts', 'restoreFile', {
      from: folder.file('copy.db'),
      to: live,
      ifMissing: 'refuse',
    });
    await fileIn(folder.path, /^app\.db-(journal|wal)$/);
    restoring.kill('SIGKILL');
    await once(restoring, 'close');
    const tables = all(live, 'SELECT (SELECT count(*) FROM big) AS big, (SELECT count(*) FROM old) AS old');
    expect(tables).toEqual([{ big: 12_000, old: 1 }]);
    expect(all(live, 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
  });

  test('of a backup that is gone says so', async () => {
    await using folder = await temporaryFolder();
    make(folder.file('app.db'), 'CREATE TABLE t (a)');
    const gone = restoreFile({ from: folder.file('b1.db'), to: folder.file('app.db'), ifMissing: 'refuse' });
    await expect(gone).rejects.toMatchObject({ code: 'not-found' });
  });
});

function make(file: string, sql: string): void {
  using db = new DatabaseSync(file);
  db.exec(sql);
}

function all(file: string, sql: string): readonly object[] {
  // A program that was killed may take a moment to be gone.
  using db = new DatabaseSync(file, { timeout: 10_000 });
  return db
    .prepare(sql)
    .all()
    .map((row) => ({ ...row }));
}

function bigTable(rows: number): string {
  return `CREATE TABLE big (a); INSERT INTO big SELECT randomblob(4000) FROM
    (WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < ${rows}) SELECT n FROM c)`;
}

/** One of our functions in a program of its own, as the command line would run it. */
function callInProcess(module: string, name: string, options: object) {
  const url = new URL(`../../src/engines/libsql/${module}`, import.meta.url).href;
  const script = `import { ${name} } from ${JSON.stringify(url)}; await ${name}(${JSON.stringify(options)});`;
  return spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' });
}

/** Waits until a file with such a name has bytes. */
async function fileIn(folder: string, name: RegExp): Promise<void> {
  for (;;) {
    const found = readdirSync(folder).find((entry) => name.test(entry));
    if (found !== undefined && (statSync(`${folder}/${found}`, { throwIfNoEntry: false })?.size ?? 0) > 0)
      return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
