import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PostgresAddress } from '../../../src/engines/address.ts';
import type { Engine, UnitOutcome } from '../../../src/engines/engine.ts';
import { openPostgres, type PostgresOptions } from '../../../src/engines/postgres/postgres.ts';
import { settle } from '../../../src/engines/settle.ts';
import { cutProxy } from '../../support/cut-proxy.ts';
import { postgresServer, type PostgresDatabase, type PostgresServer } from '../../support/postgres.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await postgresServer();
});
afterAll(() => server[Symbol.asyncDispose]());

describe('a connection that breaks', () => {
  test('before the commit is a failure, and the next unit goes over a new one', async () => {
    await using database = await tableOf();
    await using proxy = await cutProxy(server);
    await using engine = await opened(through(database.address, proxy.port));
    proxy.cutAt('second', 'before');
    const outcome = await unit(engine, ["INSERT INTO t VALUES ('first')", "INSERT INTO t VALUES ('second')"]);
    expect(outcome).toMatchObject({
      kind: 'failed',
      number: 2,
      error: {
        code: 'NOT_SENT',
        message: expect.stringMatching(/^the connection to postgres:\/\/.* was lost before the commit/),
      },
    });
    expect(await unit(engine, ["INSERT INTO t VALUES ('third')"])).toMatchObject({ kind: 'committed' });
    expect(await rows(database)).toEqual(['third']);
  });

  test('at the commit leaves unknown what became of it, whichever it was', async () => {
    for (const [how, left] of [
      ['before', []],
      ['after', ['one']],
    ] as const) {
      await using database = await tableOf();
      await using proxy = await cutProxy(server);
      await using engine = await opened(through(database.address, proxy.port));
      proxy.cutAt('COMMIT\0', how);
      const outcome = await unit(engine, ["INSERT INTO t VALUES ('one')"]);
      expect(outcome).toMatchObject({ kind: 'unknown', error: { code: 'unreachable' } });
      expect(await rows(database)).toEqual(left);
    }
  });

  test('at the commit is settled by what is in the database, also where the server has not noticed', async () => {
    for (const [how, settled] of [
      ['before', 'undone'],
      ['half', 'undone'],
      ['after', 'committed'],
    ] as const) {
      await using database = await tableOf();
      await using proxy = await cutProxy(server);
      await using engine = await opened(through(database.address, proxy.port), { busyTimeout: 60_000 });
      proxy.cutAt('COMMIT\0', how);
      const outcome = await unit(engine, ["INSERT INTO t VALUES ('one')", 'LOCK TABLE t']);
      expect(outcome).toMatchObject({ kind: 'unknown' });
      expect(await settle(engine, { sql: 'SELECT 1 FROM t WHERE x = $1', args: ['one'] })).toBe(settled);
      expect(await unit(engine, ["INSERT INTO t VALUES ('two')"])).toMatchObject({ kind: 'committed' });
    }
  });

  test('while nobody uses it is not noticed by a question or a unit', async () => {
    await using database = await tableOf();
    await using engine = await opened(database.address);
    await using other = await server.connect();
    const cut = () =>
      other.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [
        database.name,
      ]);
    await cut();
    expect(await engine.query({ sql: 'SELECT 1 AS one' })).toEqual([{ one: 1 }]);
    await cut();
    expect(await unit(engine, ["INSERT INTO t VALUES ('one')"])).toMatchObject({ kind: 'committed' });
  });

  test('under a question is asked again', async () => {
    await using database = await tableOf();
    await using proxy = await cutProxy(server);
    await using engine = await opened(through(database.address, proxy.port), { purpose: 'question' });
    proxy.cutAt('count', 'after');
    expect(await engine.query({ sql: 'SELECT count(*) AS n FROM t' })).toEqual([{ n: 0 }]);
    expect(proxy.wasMet()).toBe(true);
  });

  test('because the server died takes the unit with it, and the engine goes on when it is back', async () => {
    await using own = await postgresServer();
    await using database = await tableOf(own);
    await using engine = await opened(database.address);
    const running = unit(engine, ["INSERT INTO t VALUES ('one')", 'SELECT pg_sleep(60)']);
    await untilActive(own, 'pg_sleep');
    await own.stop('killed');
    expect(await running).toMatchObject({ kind: 'failed', number: 2, error: { code: 'NOT_SENT' } });
    await expect(engine.query({ sql: 'SELECT 1' })).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('nothing listens there'),
    });
    expect(await unit(engine, ["INSERT INTO t VALUES ('two')"])).toMatchObject({
      kind: 'failed',
      error: { code: 'NOT_SENT' },
    });
    await own.start();
    expect(await unit(engine, ["INSERT INTO t VALUES ('three')"])).toMatchObject({ kind: 'committed' });
    expect(await engine.query({ sql: 'SELECT x FROM t' })).toEqual([{ x: 'three' }]);
  });
});

test('a unit ends on the server when its program is killed in the middle of a long statement', async () => {
  await using database = await tableOf();
  const engines = new URL('../../../src/engines/postgres/postgres.ts', import.meta.url).href;
  const secrets = new URL('../../../src/lib/secret.ts', import.meta.url).href;
  const program = spawn(process.execPath, [
    '--input-type=module',
    '-e',
    `const { openPostgres } = await import('${engines}');
     const { Secret } = await import('${secrets}');
     const address = { kind: 'postgres', url: '${database.address.url}', password: new Secret('${server.superuser.password}') };
     const engine = await openPostgres(address, { purpose: 'change', connectTimeout: 5000, busyTimeout: 5000 });
     const statements = ['LOCK TABLE t', 'SELECT pg_sleep(600)'].map((sql) => ({ sql, role: 'migration' }));
     await engine.unit({ foreignKeys: 'on', statements });`,
  ]);
  await untilActive(server, 'pg_sleep(600)');
  program.kill('SIGKILL');
  await using engine = await opened(database.address, { busyTimeout: 30_000 });
  expect(await unit(engine, ["INSERT INTO t VALUES ('one')"])).toMatchObject({ kind: 'committed' });
});

describe('a lock of somebody else', () => {
  test('is waited for as long as asked, and its holder is named without his SQL', async () => {
    await using database = await tableOf();
    await using other = await database.connect();
    await other.query("SET application_name = 'the other program'");
    await other.query("BEGIN; SELECT 'a secret'; LOCK TABLE t IN ACCESS EXCLUSIVE MODE");
    const { rows: pids } = await other.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    await using engine = await opened(database.address, { busyTimeout: 300 });
    const outcome = await unit(engine, ["INSERT INTO t VALUES ('one')"]);
    expect(outcome).toMatchObject({
      kind: 'busy',
      error: {
        code: 'busy',
        message: expect.stringMatching(
          new RegExp(
            String.raw`^${database.address.url} did not get a lock within 0\.3 s: process ${pids[0]?.pid} \(application the other program, user postgres, since \d\d:\d\d:\d\d UTC, idle inside its transaction\) holds it$`,
          ),
        ),
        next: `Let it finish, or end it with SELECT pg_terminate_backend(${pids[0]?.pid}); then try again.`,
      },
    });
    await expect(engine.query({ sql: 'SELECT x FROM t' })).rejects.toMatchObject({
      code: 'busy',
      message: expect.stringContaining('the other program'),
    });
    await other.query('ROLLBACK');
    expect(await unit(engine, ["INSERT INTO t VALUES ('one')"])).toMatchObject({ kind: 'committed' });
  });

  test.each([
    ['once, is got out of the way by running the unit again', 1, { kind: 'committed' }],
    [
      'each time, is told as busy',
      3,
      {
        kind: 'busy',
        error: {
          message: expect.stringMatching(
            /while another session waited for one of its own: process \d+ \(application the other program, user postgres\)$/,
          ),
          next: 'Try again while less is written there.',
        },
      },
    ],
  ])('that waits for one of the unit, %s', async (_title, times, expected) => {
    await using database = await tableOf();
    await using other = await database.connect();
    await other.query("SET application_name = 'the other program'; SET deadlock_timeout = '60s'");
    await other.query('CREATE TABLE s (x int)');
    await other.query('BEGIN; LOCK TABLE s');
    await using engine = await opened(database.address);
    let met = 0;
    let waiting: Promise<unknown> = Promise.resolve();
    const outcome = await unit(engine, ['LOCK TABLE t', 'SELECT 1', 'LOCK TABLE s'], {
      afterStatement: async (number) => {
        if (number !== 1 || met === times) return;
        met += 1;
        const next = met === times ? 'ROLLBACK' : 'ROLLBACK; BEGIN; LOCK TABLE s';
        waiting = Promise.all([other.query('LOCK TABLE t'), other.query(next)]);
        await untilActive(server, 'LOCK TABLE t', 'Lock');
      },
    });
    expect(outcome).toMatchObject(expected);
    expect(met).toBe(times);
    await waiting;
  });
});

describe('a unit that is asked to stop', () => {
  test('in the middle of a statement is cancelled on the server and undone', async () => {
    await using database = await tableOf();
    await using engine = await opened(database.address);
    const stop = new AbortController();
    const running = unit(engine, ["INSERT INTO t VALUES ('one')", 'SELECT pg_sleep(60)'], {
      signal: stop.signal,
    });
    await untilActive(server, 'pg_sleep');
    stop.abort();
    expect(await running).toEqual({ kind: 'stopped' });
    await using other = await server.connect();
    const active =
      "SELECT count(*)::int AS n FROM pg_stat_activity WHERE state = 'active' AND query ~ 'pg_[s]leep'";
    expect((await other.query(active)).rows).toEqual([{ n: 0 }]);
    expect(await rows(database)).toEqual([]);
    expect(await unit(engine, ["INSERT INTO t VALUES ('two')"])).toMatchObject({ kind: 'committed' });
  });

  test('while it waits for a lock does not go on waiting', async () => {
    await using database = await tableOf();
    await using other = await database.connect();
    await other.query('BEGIN; LOCK TABLE t');
    await using engine = await opened(database.address, { busyTimeout: 60_000 });
    const stop = new AbortController();
    const running = unit(engine, ["INSERT INTO t VALUES ('one')"], { signal: stop.signal });
    await untilActive(server, 'INSERT', 'Lock');
    stop.abort();
    expect(await running).toEqual({ kind: 'stopped' });
  });

  test('while the server cannot be reached any more is cut off', async () => {
    await using database = await tableOf();
    await using proxy = await cutProxy(server);
    const address = through(database.address, proxy.port);
    const engine = await opened(address);
    const stop = new AbortController();
    const running = unit(engine, ['SELECT pg_sleep(60)'], { signal: stop.signal });
    await untilActive(server, 'pg_sleep');
    // The second connection, which the cancel would go over.
    proxy.cutAt('migrate-tui', 'before');
    stop.abort();
    expect(await running).toEqual({ kind: 'stopped' });
    await engine[Symbol.asyncDispose]();
  });
});

test('a question that is given up is cancelled on the server', async () => {
  await using database = await tableOf();
  const stop = new AbortController();
  await using engine = await opened(database.address, { purpose: 'question', signal: stop.signal });
  const asked = engine.query({ sql: 'SELECT pg_sleep(60)' });
  await untilActive(server, 'pg_sleep');
  stop.abort();
  await expect(asked).rejects.toThrow('aborted');
  await using other = await server.connect();
  const active =
    "SELECT count(*)::int AS n FROM pg_stat_activity WHERE state = 'active' AND query ~ 'pg_[s]leep'";
  expect((await other.query(active)).rows).toEqual([{ n: 0 }]);
});

test('what a migration sets for its session does not meet the next one', async () => {
  await using database = await tableOf();
  await using engine = await opened(database.address);
  const settings = ["SET search_path = ''", 'SET lock_timeout = 0', 'CREATE TEMP TABLE left_behind (x int)'];
  expect(await unit(engine, settings)).toMatchObject({ kind: 'committed' });
  expect(await unit(engine, ["INSERT INTO t VALUES ('one')"])).toMatchObject({ kind: 'committed' });
  expect(await unit(engine, ['CREATE TABLE left_behind (x int)'])).toMatchObject({ kind: 'committed' });
  expect(await engine.query({ sql: 'SHOW lock_timeout' })).toEqual([{ lock_timeout: '5s' }]);
});

test('a question is refused by the server when it would write', async () => {
  await using database = await tableOf();
  await using engine = await opened(database.address, { purpose: 'question' });
  await expect(
    engine.query({ sql: "WITH n AS (INSERT INTO t VALUES ('one') RETURNING x) SELECT x FROM n" }),
  ).rejects.toMatchObject({ code: '25006' });
  for (const sql of ['SET default_transaction_read_only = off', "INSERT INTO t VALUES ('one')", '']) {
    await expect(engine.query({ sql })).rejects.toMatchObject({ code: 'refused' });
  }
  await expect(engine.query({ sql: "SELECT 1; INSERT INTO t VALUES ('one')" })).rejects.toMatchObject({
    code: 'SEVERAL_STATEMENTS',
  });
  await expect(unit(engine, ["INSERT INTO t VALUES ('one')"])).rejects.toMatchObject({ code: 'refused' });
  expect(await rows(database)).toEqual([]);
});

test('a constraint that waits for the commit fails there, and names no statement', async () => {
  await using database = await tableOf();
  await using engine = await opened(database.address);
  const outcome = await unit(engine, [
    'CREATE TABLE u (x int UNIQUE DEFERRABLE INITIALLY DEFERRED)',
    'INSERT INTO u VALUES (1), (1)',
  ]);
  expect(outcome).toMatchObject({ kind: 'failed', error: { code: '23505' } });
  expect(outcome).not.toHaveProperty('number');
  expect(JSON.stringify(outcome)).not.toContain('(1)');
  expect(await unit(engine, ["INSERT INTO t VALUES ('one')"])).toMatchObject({ kind: 'committed' });
});

async function tableOf(at: PostgresServer = server): Promise<PostgresDatabase> {
  const database = await at.createDatabase();
  await using client = await database.connect();
  await client.query('CREATE TABLE t (x text)');
  return database;
}

function opened(address: PostgresAddress, options: Partial<PostgresOptions> = {}): Promise<Engine> {
  return openPostgres(address, { purpose: 'change', connectTimeout: 5000, busyTimeout: 5000, ...options });
}

function through(address: PostgresAddress, port: number): PostgresAddress {
  return { ...address, url: address.url.replace(/:\d+\//, `:${port}/`) };
}

function unit(
  engine: Engine,
  migration: readonly string[],
  options: Parameters<Engine['unit']>[1] = {},
): Promise<UnitOutcome> {
  const statements = migration.map((sql, at) => ({ sql, role: 'migration' as const, number: at + 1 }));
  return engine.unit({ foreignKeys: 'on', statements }, options);
}

async function rows(database: PostgresDatabase): Promise<readonly string[]> {
  await using client = await database.connect();
  const { rows: found } = await client.query<{ x: string }>('SELECT x FROM t ORDER BY x');
  return found.map(({ x }) => x);
}

/** Until a statement with the text is at work, or waits for a lock. */
async function untilActive(at: PostgresServer, text: string, wait?: 'Lock'): Promise<void> {
  await using client = await at.connect();
  const sql = `SELECT count(*)::int AS n FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()
    AND strpos(query, $1) > 0 AND ($2::text IS NULL OR wait_event_type = $2)`;
  const count = async () => (await client.query<{ n: number }>(sql, [text, wait ?? null])).rows[0]?.n;
  await expect.poll(count, { timeout: 20_000, interval: 10 }).toBeGreaterThan(0);
}
