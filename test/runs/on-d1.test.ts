import { afterAll, beforeAll, expect, test } from 'vitest';
import { d1Bookkeeping } from '../../src/bookkeeping/d1.ts';
import { sqliteLease } from '../../src/bookkeeping/lease-sqlite.ts';
import { parseLease } from '../../src/bookkeeping/lease.ts';
import { SqlError, type Engine, type UnitOutcome } from '../../src/engines/engine.ts';
import type { Migration } from '../../src/migrations/migration.ts';
import type { ExecuteStep } from '../../src/operations/plan/step.ts';
import { checkForeignKeys, checkIntegrity, readViolations } from '../../src/runs/checks.ts';
import { enforcementFor } from '../../src/runs/unit/enforcement.ts';
import { currentLease, takeLock } from '../../src/runs/lock/lock.ts';
import { countRows, measure } from '../../src/runs/measure/measure.ts';
import { nameTables } from '../../src/runs/measure/named-tables.ts';
import { readSnapshot } from '../../src/runs/snapshot.ts';
import { unitOf } from '../../src/runs/unit/unit.ts';
import { readSchema } from '../../src/schema/read.ts';
import { raisedGuard } from '../../src/sql/guard.ts';
import { inlined } from '../../src/sql/inline.ts';
import { startD1Database, type EngineDatabase } from '../support/d1-engine.ts';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts';
import { asking } from '../../src/sql/statement.ts';

let folder: TemporaryFolder;
let workerd: EngineDatabase & AsyncDisposable;

const many = 120;
const columns = Array.from({ length: 97 }, (_, at) => `"a column with a long name ${at}"`);
const made = [
  ...Array.from({ length: many }, (_, at) => `CREATE TABLE t${at} (id INTEGER PRIMARY KEY, name TEXT)`),
  `CREATE TABLE wide ("key one" TEXT, "key'two" INTEGER, ${columns.join(', ')}, empty, PRIMARY KEY ("key one", "key'two")) WITHOUT ROWID`,
  `INSERT INTO wide SELECT 'a', value, ${columns.map((_, at) => at).join(', ')}, NULL FROM json_each('[1,2,3]')`,
  `CREATE TABLE wide_rowid (${columns.join(', ')}, b1, b2, b3)`,
  `INSERT INTO wide_rowid VALUES (${columns.map((_, at) => at).join(', ')}, x'00ff', 1.5, hex(zeroblob(20000)))`,
  'CREATE TABLE child (t0 REFERENCES t0 (id) ON DELETE CASCADE)',
  'CREATE VIRTUAL TABLE search USING fts5 (title)',
  "INSERT INTO search VALUES ('one'), ('two')",
  "INSERT INTO t0 VALUES (1, 'first')",
  'INSERT INTO child VALUES (1), (1)',
];

beforeAll(async () => {
  folder = await temporaryFolder();
  workerd = await startD1Database(folder.path);
  for (let at = 0; at < made.length; at += 50) await workerd.batch(made.slice(at, at + 50));
});

afterAll(async () => {
  await workerd[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

test('what is asked of a target is within the limits of D1', async () => {
  const { query } = onWorkerd();
  const schema = await readSchema(query);
  expect(schema.objects.filter(({ type }) => type === 'table').length).toBeGreaterThan(many);
  expect((await countRows(query)).length).toBe(many + 3);
  expect(await nameTables(query, 'd1_migrations')).toContain('wide');
  expect(await readViolations(query)).toEqual([]);
  expect(await checkForeignKeys(query, [])).toMatchObject({ state: 'proven' });
  expect(await checkIntegrity(onWorkerd())).toMatchObject({ state: 'proven', says: 'ok' });
});

test('tables of a hundred columns are measured, every column of them', async () => {
  const { tables } = await measure(onWorkerd().query, { tables: ['wide', 'wide_rowid', 'search'] });
  expect(tables.map(({ table, rows }) => [table, rows])).toEqual([
    ['search', 2],
    ['wide', 3],
    ['wide_rowid', 1],
  ]);
  const wide = tables.find(({ table }) => table === 'wide');
  expect(wide?.columns.length).toBe(100);
  expect(wide?.columns.filter(({ nonNull }) => nonNull === 0).map(({ column }) => column)).toEqual(['empty']);
});

test('a whole run is within the limits of D1: lock, fence, guards over many tables, record', async () => {
  const engine = onWorkerd();
  const taker = { run: 'run-1', by: 'mira', host: 'kestrel', backup: undefined };
  const lock = await takeLock(engine, taker, 1000);
  const bookkeeping = d1Bookkeeping({ directory: '/project/migrations', table: 'd1_migrations' });
  const migration = migrationOf('0000_more', [
    'ALTER TABLE t1 ADD COLUMN more',
    "INSERT INTO t1 VALUES (1, 'x', 2)",
  ]);
  const { bookkeeping: shaped } = await readSnapshot(engine, { migrations: [migration], bookkeeping });
  const outcome = await engine.unit(
    unitOf(stepOf(migration, shaped, 0), {
      lock,
      enforcement: await enforcementFor(engine, migration),
      now: 0,
    }),
  );
  expect(outcome).toMatchObject({ kind: 'committed' });
  const { history } = await readSnapshot(engine, { migrations: [migration], bookkeeping });
  expect(history.items.map(({ kind }) => kind)).toEqual(['applied']);
  expect(await currentLease(engine.query)).toMatchObject({ run: 'run-1', state: 'live', tag: '0000_more' });

  const again = migrationOf('0001_again', ['DELETE FROM t0']);
  const known = bookkeeping.withShape(await engine.query(bookkeeping.shape));
  const enforcement = await enforcementFor(engine, again);
  const late = await engine.unit(unitOf(stepOf(again, known, 0), { lock, enforcement, now: 0 }));
  expect(late).toMatchObject({ kind: 'guarded', guard: 'history' });
  const losing = await engine.unit(unitOf(stepOf(again, known, 1), { lock, enforcement, now: 0 }));
  expect(losing).toMatchObject({ kind: 'guarded', guard: 'rows', detail: 'child 2' });
  expect(await workerd.query({ sql: 'SELECT count(*) AS n FROM child' })).toEqual([{ n: 2 }]);

  const planted = sqliteLease.plant({ ...taker, run: 'run-2' }, 9).map((statement) => ({
    ...statement,
    role: 'guard' as const,
  }));
  expect((await engine.unit({ foreignKeys: 'on', statements: planted })).kind).toBe('committed');
  expect(parseLease(await engine.query(sqliteLease.read))).toMatchObject({ run: 'run-2', epoch: 9 });
  const release = { ...sqliteLease.release({ run: 'run-2', epoch: 9 }), role: 'guard' as const };
  expect((await engine.unit({ foreignKeys: 'on', statements: [release] })).kind).toBe('committed');
  expect(await currentLease(engine.query)).toMatchObject({ state: 'free' });
});

/** Real workerd in the shape of an engine: questions with their parameters bound, a unit as one batch. */
function onWorkerd(): Engine {
  return {
    name: 'd1-remote',
    location: 'workerd',
    delivery: 'one-request',
    foreignKeys: 'always-on',
    query: asking('sqlite', ({ sql, args }) =>
      workerd.query({ sql, ...(args ? { args } : {}) }).then(rowsOf, refused),
    ),
    unit: ({ statements }) =>
      workerd
        .batch(statements.map(inlined))
        .then((): UnitOutcome => ({ kind: 'committed', took: [] }), outcomeOf),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

function rowsOf(rows: readonly Record<string, unknown>[]) {
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => {
        if (value === null || typeof value === 'string' || typeof value === 'number') return [name, value];
        throw new Error(`D1 gave ${typeof value} for ${name}.`);
      }),
    ),
  );
}

function refused(error: unknown): never {
  throw new SqlError(String(error), { code: 'SQLITE_ERROR', cause: error });
}

function outcomeOf(error: unknown): UnitOutcome {
  const guard = raisedGuard(String(error));
  if (guard) return { kind: 'guarded', guard: guard.name, detail: guard.detail };
  return { kind: 'failed', error: new SqlError(String(error), { code: 'SQLITE_ERROR' }) };
}

function stepOf(
  migration: Migration,
  bookkeeping: ExecuteStep['bookkeeping'],
  recordsBefore: number,
): ExecuteStep {
  const names = [...Array.from({ length: many }, (_, at) => `t${at}`), 'wide', 'child'];
  return {
    kind: 'execute',
    database: 'app',
    on: 'target',
    migration,
    bookkeeping,
    prepare: bookkeeping.exists ? [] : bookkeeping.create(),
    recordsBefore,
    leaves: { kind: 'its-record' },
    expectations: {
      tag: migration.tag,
      tables: names.map((table) => ({ table, mayLose: table === 't0' ? 'any' : 0 })),
    },
    expected: [],
  };
}

function migrationOf(tag: string, statements: readonly string[]): Migration {
  return {
    tag,
    hash: tag,
    when: 0,
    file: `/project/migrations/${tag}.sql`,
    statements: statements.map((sql, index) => ({ sql, line: index + 1 })),
  };
}
