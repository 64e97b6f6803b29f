import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from 'vitest';
import { drizzlePostgres } from '../../../src/bookkeeping/drizzle-postgres.ts';
import { unfinishedTexts } from '../../../src/bookkeeping/unfinished.ts';
import type { Engine } from '../../../src/engines/engine.ts';
import { openPglite } from '../../../src/engines/postgres/pglite/pglite.ts';
import type { ExecuteStep } from '../../../src/operations/plan/step.ts';
import { keepLease } from '../../../src/runs/lock/keep-lease.ts';
import { currentLease, takeLock, type HeldLock } from '../../../src/runs/lock/lock.ts';
import { runParts, type PartsPlace } from '../../../src/runs/unit/run-parts.ts';
import { ana, expire, mira } from '../../contracts/lock.ts';
import { postgresTarget, type PostgresTarget } from '../../support/postgres-target.ts';
import { postgresServer, type PostgresServer } from '../../support/postgres.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await postgresServer();
});
afterAll(() => server[Symbol.asyncDispose]());

let target: PostgresTarget;
let lock: HeldLock;
beforeEach(async () => {
  target = await postgresTarget(server);
  await target.client.query('CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2)');
  lock = await takeLock(target.engine, mira, 1000);
});
afterEach(() => target[Symbol.asyncDispose]());

describe('a statement by itself that waits for longer than a lease is good for', () => {
  test('is not given up, and the lease is renewed all the while', async () => {
    await using held = await holding();
    const beside = await target.openAgain();
    const engine = await target.openAgain({ busyTimeout: 100 });
    const running = runParts(stepOf(statements), {
      ...placeOf(engine, lock),
      keepLease: () => keepLease(beside, lock, { tag: 't', every: 20 }),
    });
    await isBuilding('300 ms');
    await expire(beside);
    await expect.poll(async () => (await currentLease(beside.query))?.state, patience).toBe('live');
    await held.letGo();
    expect(await running).toMatchObject({ kind: 'committed' });
    expect(await noted()).toEqual([]);
  });

  test('is half-finished where somebody else has taken the lock over meanwhile', async () => {
    await using held = await holding();
    const running = runParts(stepOf(statements), placeOf(target.engine, lock));
    await isBuilding();
    const other = await target.openAgain();
    await expire(other);
    await takeLock(other, ana, 1000);
    await held.letGo();
    expect(await running).toMatchObject({
      kind: 'half',
      done: 2,
      outcome: { kind: 'guarded', guard: 'lease' },
    });
    expect(await noted()).toMatchObject([{ tag: 't', done: 1, of: 3 }]);
  });

  test('is cancelled on the server when the run is asked to stop, and what it left is named', async () => {
    await using held = await holding();
    const stop = new AbortController();
    const running = runParts(stepOf(statements), placeOf(target.engine, lock, stop.signal));
    await isBuilding();
    stop.abort();
    expect(await running).toMatchObject({
      kind: 'half',
      done: 1,
      left: ['i'],
      outcome: { kind: 'stopped' },
    });
    await held.letGo();
    expect(await target.engine.query({ sql: 'SHOW lock_timeout' })).toEqual([{ lock_timeout: '5s' }]);
  });

  test('is half-finished when the run is asked to stop in the first statement, as an index is left', async () => {
    await using held = await holding();
    const stop = new AbortController();
    const engine = await target.openAgain({ signal: stop.signal });
    const [, build = ''] = statements;
    const running = runParts(stepOf([build]), placeOf(engine, lock, stop.signal));
    await isBuilding();
    stop.abort();
    expect(await running).toMatchObject({ kind: 'half', done: 0, left: ['i'] });
    expect(await noted()).toMatchObject([{ tag: 't', done: 0, of: 1 }]);
    await held.letGo();
  });
});

test('a stop right before a statement runs by itself leaves nothing of it, and no note', async () => {
  const stop = new AbortController();
  const engine = await target.openAgain({ signal: stop.signal });
  const [, build = ''] = statements;
  const place = placeOf(engine, lock, stop.signal);
  const sent: string[] = [];
  const onSent: PartsPlace['options']['onSent'] = ({ what }) => {
    sent.push(what);
    if (what === 'COMMIT' && sent.some((text) => text.startsWith('INSERT INTO __migrate_tui.unfinished')))
      stop.abort();
  };
  const running = runParts(stepOf([build]), { ...place, options: { ...place.options, onSent } });
  expect(await running).toMatchObject({ kind: 'undone', outcome: { kind: 'stopped' } });
  expect(await noted()).toEqual([]);
});

describe('what a function sets for the next part is found when it ran', () => {
  test.each([
    ["PERFORM set_config('search_path', 'pg_catalog', false)", 'search_path'],
    ["PERFORM set_config('session_replication_role', 'replica', true)", 'session_replication_role'],
    ["EXECUTE 'SET ROLE pg_monitor'", 'role'],
    ["EXECUTE 'CREATE TEMP TABLE x (a int)'", 'temporary table x'],
  ])('%s', async (body, what) => {
    await target.client.query(
      `CREATE FUNCTION prepare_it() RETURNS void LANGUAGE plpgsql AS $$BEGIN ${body}; END$$`,
    );
    const [, build = ''] = statements;
    const running = runParts(stepOf(['SELECT prepare_it()', build]), placeOf(target.engine, lock));
    expect(await running).toMatchObject({ kind: 'undone', outcome: { kind: 'failed', number: 1 } });
    expect(await running).toMatchObject({
      outcome: { error: { message: expect.stringContaining(`${what} would not be there for statement 2`) } },
    });
    expect(await noted()).toEqual([]);
  });

  test('a limit, and what is as it was, are none', async () => {
    const before = ["SET work_mem = '8MB'", 'SET search_path TO DEFAULT', "SET statement_timeout = '1h'"];
    const running = runParts(stepOf([...before, ...statements]), placeOf(target.engine, lock));
    expect(await running).toMatchObject({ kind: 'committed' });
  });
});

test('PGlite runs a migration in parts, too', async () => {
  const opened = await openPglite({ kind: 'pglite', folder: undefined }, { purpose: 'change' });
  if (opened.kind !== 'open') throw new Error('It is made.');
  await using engine = opened.engine;
  await engine.unit({ foreignKeys: 'on', statements: [{ sql: 'CREATE TABLE t (a int)', role: 'record' }] });
  const held = await takeLock(engine, mira, 1000);
  expect(await runParts(stepOf(statements), placeOf(engine, held))).toMatchObject({ kind: 'committed' });
  expect(
    await engine.query({
      sql: 'SELECT indisvalid::int AS valid FROM pg_index WHERE indexrelid = $1::regclass',
      args: ['i'],
    }),
  ).toEqual([{ valid: 1 }]);
});

const statements = ['ALTER TABLE t ADD b int', 'CREATE INDEX CONCURRENTLY i ON t (a)', 'UPDATE t SET b = a'];
const patience = { timeout: 20_000, interval: 20 };
const bookkeeping = drizzlePostgres({
  format: 'drizzle-0',
  schema: 'drizzle',
  table: '__drizzle_migrations',
});

function stepOf(sqls: readonly string[]): ExecuteStep {
  return {
    kind: 'execute',
    database: 'app',
    on: 'target',
    migration: {
      tag: 't',
      hash: 'h',
      when: 1,
      file: '/t.sql',
      statements: sqls.map((sql) => ({ sql, line: 1 })),
    },
    bookkeeping,
    prepare: bookkeeping.create().map(({ sql }) => ({ sql })),
    recordsBefore: 0,
    leaves: { kind: 'its-record' },
    expectations: undefined,
    expected: [],
  };
}

function placeOf(engine: Engine, held: HeldLock, signal?: AbortSignal): PartsPlace {
  return {
    engine,
    given: {
      lock: held,
      enforcement: { foreignKeys: 'on', violations: 'refused-by-engine', rows: 'parents-first' },
      now: 1,
    },
    who: { by: 'mira', host: 'kestrel' },
    options: signal ? { signal } : {},
  };
}

/** Somebody who may still see the table without the index. */
async function holding() {
  const holder = await target.connect();
  await holder.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM pg_class LIMIT 1');
  const letGo = async () => void (await holder.query('COMMIT'));
  return { letGo, [Symbol.asyncDispose]: letGo };
}

async function isBuilding(since = '0 ms'): Promise<void> {
  const working = `SELECT FROM pg_stat_activity WHERE state = 'active' AND wait_event_type = 'Lock' AND clock_timestamp() - query_start > interval '${since}' AND query LIKE 'CREATE INDEX CONCURRENTLY%'`;
  await expect.poll(async () => (await target.client.query(working)).rowCount, patience).toBe(1);
}

async function noted() {
  const { sql, args = [] } = unfinishedTexts.read(bookkeeping.quoted);
  return unfinishedTexts.parse((await target.client.query(sql, [...args])).rows);
}
