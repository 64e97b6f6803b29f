import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import type { Engine } from '../../src/engines/engine.ts';
import { openEngine } from '../../src/engines/open.ts';
import { otherProgram } from '../support/processes.ts';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts';
import { unprivileged } from '../support/unprivileged.ts';

const table = 'CREATE TABLE t (a); INSERT INTO t VALUES (1)';
const inWal = `PRAGMA journal_mode = wal; ${table}`;
/** More than its cache holds, so that pages of the unfinished write are in the file. */
const spilled = `PRAGMA cache_size = 2; BEGIN IMMEDIATE; UPDATE t SET a = 2;
  WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 200) INSERT INTO t (a) SELECT zeroblob(4000) FROM n;`;
const all = { sql: 'SELECT a FROM t' };

describe('a question about a file whose writer was killed in the middle of a transaction', () => {
  test('is answered with what was there before, and changes neither the file nor its journal', async () => {
    await using folder = await temporaryFolder();
    await killIn(folder, { before: table, during: spilled });
    const before = bytesIn(folder);
    expect(Object.keys(before)).toEqual(['app.db', 'app.db-journal']);
    {
      await using reader = await ask(folder);
      expect(await reader.query(all)).toEqual([{ a: 1 }]);
      expect(await reader.query({ sql: 'PRAGMA table_info(t)' })).toHaveLength(1);
      expect(reader.remark?.()).toContain('in the middle of a write');
      await expect(reader.query({ sql: 'DELETE FROM t' })).rejects.toMatchObject({ code: 'refused' });
      expect(bytesIn(folder)).toEqual(before);
      const [copy = ''] = readdirSync(folder.file('scratch'));
      expect(modeOf(folder.file(`scratch/${copy}`)), 'of the folder').toBe('700');
      expect(modeOf(folder.file(`scratch/${copy}/app.db`)), 'of the copy').toBe('600');
    }
    expect(bytesIn(folder)).toEqual(before);
    expect(readdirSync(folder.file('scratch'))).toEqual([]);
  });

  test('sees the file itself again when somebody has written to it', async () => {
    await using folder = await temporaryFolder();
    await killIn(folder, { before: table, during: spilled });
    await using reader = await ask(folder);
    expect(await reader.query(all)).toEqual([{ a: 1 }]);
    await using writer = otherProgram(
      folder.file('app.db'),
      `db.exec('INSERT INTO t VALUES (3)'); say('written'); await told();`,
    );
    await writer.line();
    expect(await reader.query(all)).toEqual([{ a: 1 }, { a: 3 }]);
    expect(reader.remark?.()).toBeUndefined();
    expect(readdirSync(folder.file('scratch'))).toEqual([]);
  });

  test('is refused where no copy may be made, with what to do', async () => {
    await using folder = await temporaryFolder();
    await killIn(folder, { before: table, during: spilled });
    const before = bytesIn(folder);
    await using reader = await ask(folder, { scratch: 'nowhere' });
    await expect(reader.query(all)).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining(folder.file('app.db')),
      next: expect.stringContaining('undoes the write'),
    });
    expect(bytesIn(folder)).toEqual(before);
  });

  test('is refused when the copy cannot be made, with the reason', async () => {
    await using folder = await temporaryFolder();
    await killIn(folder, { before: table, during: spilled });
    await using reader = await ask(folder, { scratch: 'a file' });
    await expect(reader.query(all)).rejects.toMatchObject({
      code: 'storage',
      message: expect.stringContaining('ENOTDIR'),
    });
  });

  test('is answered for a local D1 with its own reading of double quotes', async () => {
    await using folder = await temporaryFolder();
    await killIn(folder, { before: table, during: spilled });
    await using reader = await ask(folder, { kind: 'd1-local' });
    expect(await reader.query({ sql: 'SELECT a, "text" AS b FROM t' })).toEqual([{ a: 1, b: 'text' }]);
  });

  test("is answered for a schema in libSQL's own words", async () => {
    await using folder = await temporaryFolder();
    vectors(folder, 'delete');
    await killIn(folder, { during: spilled, through: 'libsql' });
    const before = bytesIn(folder);
    expect(Object.keys(before)).toContain('app.db-journal');
    await using reader = await ask(folder);
    expect(await reader.query({ sql: 'SELECT a, vector_extract(e) AS e FROM t' })).toEqual([
      { a: 1, e: '[1,2,3]' },
    ]);
    expect(bytesIn(folder)).toEqual(before);
  });
});

describe('a question about a file in WAL mode', () => {
  test.each([
    { what: 'after a commit', during: 'INSERT INTO t VALUES (5)', rows: [{ a: 1 }, { a: 5 }] },
    { what: 'in the middle of a transaction', during: spilled, rows: [{ a: 1 }] },
  ])('whose writer was killed $what changes neither it nor its WAL', async ({ during, rows }) => {
    for (const index of ['left', 'lost'] as const) {
      await using folder = await temporaryFolder();
      await killIn(folder, { before: inWal, during });
      if (index === 'lost') rmSync(folder.file('app.db-shm'));
      const before = bytesIn(folder);
      expect(Object.keys(before)).toEqual(['app.db', 'app.db-wal']);
      {
        await using reader = await ask(folder);
        expect(await reader.query(all)).toEqual(rows);
        expect(reader.remark?.()).toBeUndefined();
      }
      expect(bytesIn(folder)).toEqual(before);
    }
  });

  test('that the user may only read is answered although the WAL has no index, and leaves none', async () => {
    await using folder = await temporaryFolder();
    await killIn(folder, { before: inWal, during: 'INSERT INTO t VALUES (5)' });
    rmSync(folder.file('app.db-shm'));
    await using scratch = await temporaryFolder();
    chmodSync(folder.path, 0o555);
    const answer = askUnprivileged(folder.file('app.db'), scratch.path);
    chmodSync(folder.path, 0o755);
    expect(answer).toEqual([{ a: 1 }, { a: 5 }]);
    expect(readdirSync(folder.path).toSorted()).toEqual(['app.db', 'app.db-wal']);
  });

  test("with a schema in libSQL's own words changes nothing of it", async () => {
    await using folder = await temporaryFolder();
    vectors(folder, 'wal');
    expect(readdirSync(folder.path)).toEqual(['app.db']);
    const clean = bytesIn(folder);
    {
      await using reader = await ask(folder);
      expect(await reader.query({ sql: 'SELECT vector_extract(e) AS e FROM t' })).toEqual([{ e: '[1,2,3]' }]);
      expect(readdirSync(folder.path)).toEqual(['app.db']);
    }
    await killIn(folder, { during: 'INSERT INTO t (a) VALUES (5)', through: 'libsql' });
    const left = bytesIn(folder);
    expect(left['app.db']).toEqual(clean['app.db']);
    {
      await using reader = await ask(folder);
      expect(await reader.query(all)).toEqual([{ a: 1 }, { a: 5 }]);
    }
    expect(bytesIn(folder)).toEqual(left);
  });
});

interface Killed {
  readonly before?: string;
  readonly during: string;
  readonly through?: 'sqlite' | 'libsql';
}

/** Makes `app.db`, and kills a program when it has run the statements in it. */
async function killIn(folder: TemporaryFolder, { before, during, through = 'sqlite' }: Killed) {
  const file = folder.file('app.db');
  if (before !== undefined) {
    using db = new DatabaseSync(file);
    db.exec(before);
  }
  const program = { sqlite: `db.exec(\`${during}\`);`, libsql: throughLibsql(file, during) }[through];
  await using writer = otherProgram(
    through === 'sqlite' ? file : ':memory:',
    `${program} say('in'); await told();`,
  );
  await writer.line();
  await writer.stop('SIGKILL');
}

const libsql = createRequire(import.meta.url).resolve('libsql');

function throughLibsql(file: string, sql: string): string {
  return `const other = new (require(${JSON.stringify(libsql)}))(${JSON.stringify(file)}); other.exec(\`${sql}\`);`;
}

/** Made in a process of its own, which leaves nothing beside the file. */
function vectors(folder: TemporaryFolder, mode: 'wal' | 'delete'): void {
  const sql = `PRAGMA journal_mode = ${mode}; CREATE TABLE t (a, e F32_BLOB(3));
     INSERT INTO t VALUES (1, vector32('[1,2,3]')); CREATE INDEX near ON t (libsql_vector_idx(e));`;
  execFileSync(process.execPath, ['-e', `${throughLibsql(folder.file('app.db'), sql)} other.close();`]);
}

interface Asked {
  readonly scratch?: 'a folder' | 'nowhere' | 'a file';
  readonly kind?: 'libsql-file' | 'd1-local';
}

async function ask(
  folder: TemporaryFolder,
  { scratch = 'a folder', kind = 'libsql-file' }: Asked = {},
): Promise<Engine> {
  const path = folder.file('app.db');
  const place = {
    'a folder': folder.file('scratch'),
    nowhere: undefined,
    'a file': folder.file('app.db/scratch'),
  };
  const opened = await openEngine(
    kind === 'd1-local' ? { kind, path, id: 'DB', root: folder.path } : { kind, path },
    { purpose: 'question', ...(place[scratch] === undefined ? {} : { scratch: place[scratch] }) },
  );
  if (opened.kind === 'missing') throw new Error(`${path} is missing.`);
  return opened.engine;
}

/** In a process for which the permissions of a folder hold. */
function askUnprivileged(path: string, scratch: string): unknown {
  const open = new URL('../../src/engines/open.ts', import.meta.url).href;
  const script = `
    const { openEngine } = await import(${JSON.stringify(open)});
    const opened = await openEngine({ kind: 'libsql-file', path: ${JSON.stringify(path)} }, { purpose: 'question', scratch: ${JSON.stringify(scratch)} });
    console.log(JSON.stringify(await opened.engine.query(${JSON.stringify(all)})));
    await opened.engine[Symbol.asyncDispose]();`;
  const [file, ...args] = [...unprivileged, process.execPath, '--input-type=module', '-e', script];
  return JSON.parse(execFileSync(file, args, { encoding: 'utf8' }));
}

/** Of every file but the index of a WAL, which SQLite makes anew from the WAL whenever it needs one. */
function bytesIn(folder: TemporaryFolder): Readonly<Record<string, string>> {
  const names = readdirSync(folder.path).filter(
    (name) => name.startsWith('app.db') && !name.endsWith('-shm'),
  );
  return Object.fromEntries(
    names.toSorted().map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(folder.file(name)))
        .digest('hex'),
    ]),
  );
}

function modeOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}
