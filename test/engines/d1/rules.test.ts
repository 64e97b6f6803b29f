import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openD1Local } from '../../../src/engines/d1/local.ts';
import { refusedByD1, refusedFunctions } from '../../../src/sql/d1-rules.ts';
import { startD1Database, type EngineDatabase } from '../../support/d1-engine.ts';
import { temporaryFolder, type TemporaryFolder } from '../../support/temporary-folder.ts';

let folder: TemporaryFolder;
let workerd: EngineDatabase & AsyncDisposable;

beforeAll(async () => {
  folder = await temporaryFolder();
  workerd = await startD1Database(folder.path);
});

afterAll(async () => {
  await workerd[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const columns = (count: number) => Array.from({ length: count }, (_, index) => `c${index}`).join(', ');
const union = (terms: number) => Array.from({ length: terms }, () => 'SELECT 1').join(' UNION ALL ');

/** Tables `t` (a, b) and `u`, which refers to it, are there. */
const refusedByText: readonly string[] = [
  'BEGIN',
  'BEGIN IMMEDIATE TRANSACTION',
  'COMMIT',
  'END',
  'ROLLBACK',
  'SAVEPOINT a',
  'RELEASE a',
  'ROLLBACK TO a',
  "ATTACH 'x.db' AS x",
  'DETACH main',
  'VACUUM',
  "VACUUM INTO 'x.db'",
  'CREATE TEMP TABLE q (x)',
  'CREATE TABLE temp.q (x)',
  'CREATE TEMPORARY VIEW q AS SELECT 1',
  'CREATE TEMP TRIGGER q AFTER INSERT ON t BEGIN SELECT 1; END',
  'CREATE TABLE _cf_q (x)',
  'CREATE TABLE _CF_q (x)',
  'CREATE VIEW "_cf_q" AS SELECT 1',
  'CREATE INDEX _cf_q ON t (a)',
  'CREATE TRIGGER _cf_q AFTER INSERT ON t BEGIN SELECT 1; END',
  'ALTER TABLE t RENAME TO _cf_t',
  'CREATE VIRTUAL TABLE q USING fts4 (a)',
  'CREATE VIRTUAL TABLE q USING dbstat',
  'PRAGMA journal_mode',
  'PRAGMA journal_mode = DELETE',
  'PRAGMA user_version = 2',
  'PRAGMA writable_schema = ON',
  'PRAGMA integrity_check',
  'PRAGMA data_version = 1',
  'PRAGMA page_size = 8192',
  `CREATE TABLE q (${columns(101)})`,
  union(6),
  `CREATE VIEW q AS ${union(6)}`,
  `INSERT INTO t (a) ${union(6)}`,
  `SELECT * FROM (${union(6)})`,
  `SELECT 1 /*${'x'.repeat(99_988)}*/`,
  `SELECT 1 /*${'é'.repeat(50_000)}*/`,
];

const accepted: readonly string[] = [
  'PRAGMA foreign_keys = OFF',
  'PRAGMA foreign_keys',
  'PRAGMA defer_foreign_keys = ON',
  'PRAGMA foreign_key_check',
  'PRAGMA foreign_key_check (u)',
  'PRAGMA foreign_key_list (u)',
  "PRAGMA table_xinfo ('t')",
  'PRAGMA main.table_info (t)',
  'PRAGMA table_list',
  'PRAGMA index_list (t)',
  'PRAGMA quick_check (1)',
  'PRAGMA legacy_alter_table = ON',
  'PRAGMA legacy_alter_table = OFF',
  'PRAGMA ignore_check_constraints = OFF',
  'PRAGMA recursive_triggers = OFF',
  'PRAGMA case_sensitive_like = OFF',
  'PRAGMA reverse_unordered_selects = OFF',
  'PRAGMA data_version',
  'PRAGMA page_size',
  'PRAGMA optimize',
  'REINDEX',
  'ANALYZE',
  'EXPLAIN QUERY PLAN SELECT 1',
  'CREATE VIRTUAL TABLE search USING fts5 (a)',
  'CREATE VIRTUAL TABLE words USING fts5vocab (search, row)',
  'CREATE VIRTUAL TABLE boxes USING rtree (id, low, high)',
  'CREATE VIRTUAL TABLE whole USING rtree_i32 (id, low, high)',
  `CREATE TABLE wide (${columns(100)})`,
  'CREATE TABLE own (_cf_column)',
  'WITH _cf_a AS (SELECT 1 AS _cf_b) SELECT * FROM _cf_a',
  union(5),
  `SELECT * FROM (${union(4)}) AS l, (${union(4)}) AS r`,
  `INSERT INTO t (a) VALUES ${Array.from({ length: 20 }, () => '(NULL)').join(', ')}`,
  `SELECT 1 /*${'x'.repeat(99_987)}*/`,
  'CREATE TABLE strict_one (a INTEGER) STRICT',
  'CREATE TABLE no_rowid (a PRIMARY KEY) WITHOUT ROWID',
  'CREATE TABLE generated (a, b AS (a + 1) STORED)',
  'CREATE TABLE defaulted (a DEFAULT "x")',
  'CREATE TRIGGER two AFTER INSERT ON t BEGIN UPDATE t SET b = CASE WHEN a THEN 1 ELSE 2 END; SELECT 1; END',
  'DROP TRIGGER two',
  'CREATE TABLE copied AS SELECT * FROM t',
];

/** What no text shows: the connection's own limits and permissions refuse it. */
const refusedByEngine: readonly string[] = [
  `SELECT ${columns(101).replace(/c\d+/g, '1')}`,
  `SELECT 1${' + 1'.repeat(100)}`,
  `SELECT 'a' LIKE '${'a'.repeat(51)}'`,
  `SELECT max(${Array.from({ length: 128 }, () => 1).join(', ')})`,
  'ALTER TABLE wide ADD COLUMN c100',
  'SELECT sqlite_version()',
  'SELECT power(2, 3)',
  "SELECT load_extension('x')",
  'INSERT INTO chain1 VALUES (1)',
];

const acceptedByEngine: readonly string[] = [
  `SELECT 1${' + 1'.repeat(99)}`,
  `SELECT 'a' LIKE '${'a'.repeat(50)}'`,
  `SELECT max(${Array.from({ length: 127 }, () => 1).join(', ')})`,
  'SELECT pow(2, 3), ceil(1.5), octet_length(1)',
  'INSERT INTO chain2 VALUES (1)',
];

const tables = ['CREATE TABLE t (a UNIQUE, b)', 'CREATE TABLE u (t REFERENCES t (a))'];
const chain = [
  ...Array.from({ length: 12 }, (_, at) => `CREATE TABLE chain${at + 1} (x)`),
  ...Array.from(
    { length: 11 },
    (_, at) =>
      `CREATE TRIGGER link${at + 1} AFTER INSERT ON chain${at + 1} BEGIN INSERT INTO chain${at + 2} VALUES (1); END`,
  ),
];

describe('what D1 takes, as workerd shows it', () => {
  beforeAll(() => workerd.batch([...tables, ...chain]));

  test.each(refusedByText.map(named))('%s is refused here as there', async (_, sql) => {
    await expect(workerd.query({ sql })).rejects.toThrow();
    expect(refusedByD1(sql)).toMatch(/^(takes|keeps|has) /);
  });

  test.each(accepted.map(named))('%s is taken here as there', async (_, sql) => {
    await workerd.query({ sql });
    expect(refusedByD1(sql)).toBeUndefined();
  });

  test('every pragma of SQLite is judged as workerd judges it', async () => {
    using memory = new DatabaseSync(':memory:');
    const pragmas = memory.prepare('SELECT name FROM pragma_pragma_list').all();
    const wrong: unknown[] = [];
    for (const { name } of pragmas) {
      // Some want the name of a table, and say nothing without one.
      const taken = (await works(`PRAGMA ${String(name)}`)) || (await works(`PRAGMA ${String(name)} (t)`));
      if (taken !== (refusedByD1(`PRAGMA ${String(name)}`) === undefined)) wrong.push(name);
    }
    expect(pragmas.length).toBeGreaterThan(50);
    expect(wrong).toEqual([]);
  });

  test('every function of SQLite is judged as workerd judges it', async () => {
    using memory = new DatabaseSync(':memory:');
    const functions = memory
      .prepare('SELECT name, max(narg) AS narg FROM pragma_function_list GROUP BY 1 ORDER BY 1')
      .all();
    const wrong: unknown[] = [];
    for (const { name, narg } of functions) {
      const args = Array.from({ length: Math.max(0, Number(narg)) }, () => "'1'").join(', ');
      const refused = await workerd.query({ sql: `SELECT "${String(name)}"(${args})` }).then(
        () => false,
        (error: unknown) => /not authorized|no such function/.test(String(error)),
      );
      if (refused !== refusedFunctions.has(String(name))) wrong.push(name);
    }
    expect(functions.length).toBeGreaterThan(150);
    expect(wrong).toEqual([]);
  });
});

describe('a unit on the local file', () => {
  const open = async () => {
    const engine = await openD1Local({
      path: folder.file(`${count++}.sqlite`),
      ifMissing: 'create',
      busyTimeout: 0,
    });
    const run = (statements: readonly string[]) =>
      engine.unit({
        foreignKeys: 'on',
        statements: statements.map((sql, index) => ({ sql, role: 'migration', number: index + 1 })),
      });
    expect((await run([...tables, ...chain, `CREATE TABLE wide (${columns(100)})`])).kind).toBe('committed');
    return { run, [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose]() };
  };
  let count = 0;

  test('is refused as a whole for what D1 would refuse, before anything is run', async () => {
    await using local = await open();
    const outcome = await local.run(['CREATE TABLE new (x)', 'PRAGMA user_version = 3']);
    expect(outcome).toMatchObject({
      kind: 'failed',
      number: 2,
      error: { code: 'D1_REFUSES', message: 'D1 takes no PRAGMA user_version' },
    });
    expect((await local.run(['CREATE TABLE new (x)'])).kind).toBe('committed');
  });

  test('fails where only the running statement shows that D1 would refuse it', async () => {
    await using local = await open();
    for (const sql of refusedByEngine) {
      await expect(workerd.query({ sql }), sql).rejects.toThrow();
      expect(refusedByD1(sql), sql).toBeUndefined();
      expect(await local.run(['CREATE TABLE gone (x)', sql]), sql).toMatchObject({
        kind: 'failed',
        number: 2,
      });
    }
    for (const sql of acceptedByEngine) {
      await workerd.query({ sql });
      expect((await local.run([sql])).kind, sql).toBe('committed');
    }
  });
});

function named(sql: string): readonly [string, string] {
  return [sql.length > 70 ? `${sql.slice(0, 67)}…` : sql, sql];
}

async function works(sql: string): Promise<boolean> {
  return workerd.query({ sql }).then(
    () => true,
    () => false,
  );
}
