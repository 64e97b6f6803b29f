import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { D1RemoteAddress } from '../../../src/engines/address.ts';
import { openD1Remote } from '../../../src/engines/d1/remote/remote.ts';
import { openEngine } from '../../../src/engines/open.ts';
import { Secret } from '../../../src/lib/secret.ts';
import { engineContract, type KnownDifference } from '../../contracts/engine.ts';
import { startD1Server, type D1Server } from '../../support/d1-server.ts';

const names = Array.from({ length: 40 }, (_, index) => `shop-${index}`);
let server: D1Server;
let used = 0;

beforeAll(async () => {
  server = await startD1Server({ databases: names, room: 0 });
}, 60_000);
afterAll(() => server[Symbol.asyncDispose]());

const unnamed = 'the service names no statement, and offers nothing that tells which it was';
const always = 'D1 keeps foreign keys on';
const oneRequest = 'a unit is one request, which nothing can look into or stop';
const differences: readonly KnownDifference[] = [
  { test: 'that fails leaves nothing behind, and names the statement', reason: unnamed },
  { test: 'that breaks a constraint says which with its code', reason: unnamed },
  { test: 'whose trigger rolls everything back is a failure that leaves nothing', reason: unnamed },
  {
    test: 'with foreign keys off rebuilds a table without touching the rows that cascade from it',
    reason: always,
  },
  {
    test: 'takes a trigger with statements of its own as one',
    reason: 'the service cuts a request at the END of a CASE in a trigger; a rule finds it before',
  },
  { test: 'leaves foreign keys as they were, whether it succeeds or fails', reason: always },
  { test: 'stopped between two statements is undone', reason: oneRequest },
  { test: 'can be looked at after each statement, from inside', reason: oneRequest },
];

describe('D1 behind the REST API', () => engineContract(openNext, differences));

describe('a unit at D1', () => {
  test('that fails leaves nothing behind', async () => {
    await using opened = await openNext();
    const { engine } = opened;
    const outcome = await engine.unit({
      foreignKeys: 'on',
      statements: [
        { sql: 'CREATE TABLE a (x UNIQUE)', role: 'migration', number: 1 },
        { sql: 'INSERT INTO a VALUES (1), (1)', role: 'migration', number: 2 },
      ],
    });
    expect(outcome).toMatchObject({
      kind: 'failed',
      error: { code: 'SQLITE_CONSTRAINT_UNIQUE', message: 'UNIQUE constraint failed: a.x' },
    });
    expect(await engine.query({ sql: tablesQuery })).toEqual([]);
  });

  test('may put foreign keys off to its end', async () => {
    await using opened = await openNext();
    const { engine } = opened;
    const outcome = await engine.unit({
      foreignKeys: 'on',
      statements: [
        { sql: 'PRAGMA defer_foreign_keys = ON', role: 'guard' },
        { sql: 'CREATE TABLE parent (id INTEGER PRIMARY KEY)', role: 'migration', number: 1 },
        { sql: 'CREATE TABLE child (parent REFERENCES parent (id))', role: 'migration', number: 2 },
        { sql: 'INSERT INTO child VALUES (1)', role: 'migration', number: 3 },
        { sql: 'INSERT INTO parent VALUES (1)', role: 'migration', number: 4 },
      ],
    });
    expect(outcome).toMatchObject({ kind: 'committed' });
    expect(outcome.kind === 'committed' && outcome.took.length).toBe(4);
  });

  test('larger than a request goes through an import, with its fence and its guards', async () => {
    await using opened = await openNext();
    const { engine, address } = opened;
    const rows = Array.from({ length: 60 }, (_, index) => ({
      sql: `INSERT INTO a VALUES (${index}, '${'x'.repeat(80_000)}')`,
      role: 'migration' as const,
      number: index + 2,
    }));
    const create = {
      sql: 'CREATE TABLE a (id INTEGER PRIMARY KEY, x)',
      role: 'migration' as const,
      number: 1,
    };
    const outcome = await engine.unit({ foreignKeys: 'on', statements: [create, ...rows] });
    expect(outcome).toEqual({ kind: 'committed', took: [] });
    expect(
      server.requests.filter(({ path }) => path.includes(idOf(address)) && path.endsWith('/import')).length,
    ).toBe(3);
    const again = await engine.unit({
      foreignKeys: 'on',
      statements: [{ sql: 'DELETE FROM a', role: 'migration', number: 1 }, ...rows, ...rows],
    });
    expect(again).toMatchObject({
      kind: 'failed',
      error: { message: expect.stringContaining('UNIQUE constraint failed: a.id') },
    });
    expect(await engine.query({ sql: 'SELECT count(*) AS n FROM a' })).toEqual([{ n: 60 }]);
  }, 30_000);

  test.each(['cut', 'status'] as const)(
    'whose answer is lost (%s) is committed all the same, and says that it does not know',
    async (kind) => {
      await using opened = await openNext();
      const { engine } = opened;
      const lost =
        kind === 'cut' ? ({ kind, when: 'after' } as const) : ({ kind, status: 500, when: 'after' } as const);
      server.fault(lost, { on: 'query' });
      const outcome = await engine.unit({
        foreignKeys: 'on',
        statements: [{ sql: 'CREATE TABLE a (x)', role: 'migration', number: 1 }],
      });
      expect(outcome).toMatchObject({ kind: 'unknown' });
      expect(await engine.query({ sql: tablesQuery })).toEqual([{ name: 'a' }]);
    },
  );

  test('is refused with a token that may only read, which is enough for questions', async () => {
    const address = addressOf(next(), server.readToken);
    const opened = await openEngine(address, { purpose: 'change' });
    if (opened.kind !== 'open') throw new Error('It was not opened.');
    await using engine = opened.engine;
    expect(await engine.query({ sql: 'SELECT 1 AS x' })).toEqual([{ x: 1 }]);
    const outcome = await engine.unit({
      foreignKeys: 'on',
      statements: [{ sql: 'CREATE TABLE a (x)', role: 'migration', number: 1 }],
    });
    expect(outcome).toMatchObject({ kind: 'failed', error: { message: expect.stringContaining('token') } });
  });
});

describe('a question to D1', () => {
  test('that writes, or goes back in history, is refused before anything is sent', async () => {
    const opened = await openEngine(addressOf(next()), { purpose: 'question' });
    if (opened.kind !== 'open') throw new Error('It was not opened.');
    await using engine = opened.engine;
    const sent = server.requests.length;
    await expect(engine.query({ sql: 'DELETE FROM a' })).rejects.toMatchObject({ code: 'refused' });
    await expect(engine.rewind?.to('x')).rejects.toMatchObject({ code: 'refused' });
    expect(server.requests.length).toBe(sent);
    expect(await engine.rewind?.position()).toMatch(/^[0-9a-f]{8}-/);
  });

  test('gets exact answers, whatever the numbers', async () => {
    await using opened = await openNext();
    const [row] = await opened.engine.query({
      sql: "SELECT 9223372036854775807 AS a, ? AS b, 1e300 AS c, x'00ff' AS d, NULL AS e, 'a' AS \"?\" -- the end;",
      args: [-9007199254740993n],
    });
    expect(row).toEqual({
      a: 9223372036854775807n,
      b: -9007199254740993n,
      c: 1e300,
      d: new Uint8Array([0, 255]),
      e: null,
      '?': 'a',
    });
  });
});

describe('Time Travel', () => {
  test('takes the database back, and back again', async () => {
    await using opened = await openNext();
    const { engine } = opened;
    const run = (sql: string) =>
      engine.unit({ foreignKeys: 'on', statements: [{ sql, role: 'migration', number: 1 }] });
    await run('CREATE TABLE a (x)');
    const position = (await engine.rewind?.position()) ?? '';
    await run('DROP TABLE a');
    expect(await engine.rewind?.position()).not.toBe(position);
    const back = await engine.rewind?.to(position);
    expect(await engine.query({ sql: tablesQuery })).toEqual([{ name: 'a' }]);
    await engine.rewind?.to(back?.undo ?? '');
    expect(await engine.query({ sql: tablesQuery })).toEqual([]);
  });
});

const tablesQuery = "SELECT name FROM sqlite_schema WHERE substr(name, 1, 4) <> '_cf_'";

function next(): string {
  const name = names[used];
  used += 1;
  if (name === undefined) throw new Error('The server was started with too few databases.');
  return name;
}

function addressOf(database: string, token = server.token): D1RemoteAddress {
  const credentials = { kind: 'token', token: new Secret(token) } as const;
  return { kind: 'd1-remote', database, account: server.account, credentials, api: server.url };
}

function idOf({ database }: D1RemoteAddress): string {
  return server.database(database).uuid;
}

async function openNext() {
  const address = addressOf(next());
  const engine = await openD1Remote(address, { connectTimeout: 5000 });
  return { engine, address, [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose]() };
}
