import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { leaseTexts } from '../../../src/bookkeeping/lease-texts.ts';
import type { PostgresAddress } from '../../../src/engines/address.ts';
import type { Engine } from '../../../src/engines/engine.ts';
import { openEngine } from '../../../src/engines/open.ts';
import { copyPostgres, putBackPostgres } from '../../../src/runs/postgres/copy.ts';
import { makeOnServer } from '../../../src/runs/postgres/scratch.ts';
import { cutProxy, type Cut } from '../../support/cut-proxy.ts';
import { postgresServer, type PostgresDatabase, type PostgresServer } from '../../support/postgres.ts';
import { temporaryFolder, type TemporaryFolder } from '../../support/temporary-folder.ts';

let server: PostgresServer;
let folder: TemporaryFolder;
beforeAll(async () => {
  server = await postgresServer();
  folder = await temporaryFolder();
});
afterAll(async () => {
  await folder[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const { signal } = new AbortController();
const quiet = { look: () => Promise.resolve(), permit: () => undefined, signal, onProgress: () => undefined };
const lease = leaseTexts('postgres');
const taker = { run: 'r', by: 'me', host: 'here', backup: undefined };

async function filled(): Promise<PostgresDatabase> {
  const database = await server.createDatabase();
  await using client = await database.connect();
  for (const { sql } of lease.create) await client.query(sql);
  await client.query(`CREATE TABLE teams (id int PRIMARY KEY, name text);
    INSERT INTO teams SELECT i, repeat('x', 100) FROM generate_series(1, 50000) AS i`);
  return database;
}

async function opened(address: PostgresAddress): Promise<Engine> {
  const found = await openEngine(address, { purpose: 'change' });
  if (found.kind !== 'open') throw new Error('It is there.');
  return found.engine;
}

/** The same database through something that breaks. */
function through(port: number, { address }: PostgresDatabase): PostgresAddress {
  return { ...address, url: address.url.replace(`:${server.port}/`, `:${port}/`) };
}

describe('a copy that breaks off', () => {
  test('leaves no file where the connection is cut in the middle of the rows', async () => {
    await using database = await filled();
    await using proxy = await cutProxy(server);
    await using empty = await temporaryFolder();
    const copied = copyPostgres(through(proxy.port, database), empty.file('copy.pgdump'), {
      ...quiet,
      onProgress: () => proxy.cutAll(),
    });
    await expect(copied).rejects.toMatchObject({ code: 'unreachable' });
    expect(readdirSync(empty.path)).toEqual([]);
  });

  test('leaves no file where the disk is full', async () => {
    await using database = await filled();
    await using empty = await temporaryFolder();
    const entry = fileURLToPath(new URL('copy-entry.ts', import.meta.url));
    const args = [entry, database.address.url, server.superuser.password, empty.file('copy.pgdump')];
    // In blocks of 512 bytes.
    const ended = spawnSync('sh', ['-c', 'ulimit -f 2000 && exec "$@"', 'sh', process.execPath, ...args], {
      encoding: 'utf8',
    });
    expect(ended.stderr).toBe('');
    expect(ended.stdout).toBe('storage\n');
    expect(readdirSync(empty.path)).toEqual([]);
  });

  test('gives up on a table that somebody keeps to themselves', async () => {
    await using database = await filled();
    await using client = await database.connect();
    await client.query('BEGIN; LOCK TABLE teams IN ACCESS EXCLUSIVE MODE');
    const copied = copyPostgres(database.address, folder.file('never.pgdump'), quiet);
    await expect(copied).rejects.toMatchObject({ code: 'busy' });
  });
});

describe('putting a copy back over a connection that breaks', () => {
  test.each([
    ['before', 'unreachable', 'one more'],
    ['after', undefined, 'as copied'],
  ] as const)('%s the commit tells what became of it', async (how: Cut, code, there) => {
    await using database = await filled();
    const file = folder.file(`${how}.pgdump`);
    await copyPostgres(database.address, file, quiet);
    await using client = await database.connect();
    await client.query(`INSERT INTO teams VALUES (0, 'one more')`);
    await using proxy = await cutProxy(server);
    await using engine = await opened(database.address);
    const remarks: string[] = [];
    const put = putBackPostgres({ address: through(proxy.port, database), engine }, file, {
      rights: 'as-dumped',
      fence: [],
      prepare: lease.plant(taker, 3),
      landed: lease.planted(taker, 3),
      check: () => Promise.resolve(proxy.cutAt('COMMIT', how)),
      onRemark: (says) => remarks.push(says),
      signal,
    });
    if (code === undefined) await put;
    else await expect(put).rejects.toMatchObject({ code });
    expect(remarks).toEqual([]);
    const { rows } = await client.query('SELECT count(*)::int AS n FROM teams');
    expect(rows).toEqual([{ n: there === 'one more' ? 50_001 : 50_000 }]);
  });
});

describe('a scratch database', () => {
  test('that the server does not permit is refused with the ways around it', async () => {
    await using database = await server.createDatabase();
    await using client = await database.connect();
    await client.query(`CREATE ROLE plain LOGIN PASSWORD 'plain'`);
    const { password } = database.address;
    if (!password) throw new Error('It has one.');
    const plain = { ...database.address, url: database.address.url.replace('//postgres@', '//plain@') };
    await client.query(`ALTER ROLE plain PASSWORD '${password.reveal()}'`);
    await expect(makeOnServer(plain, 'app', signal)).rejects.toMatchObject({
      code: 'refused',
      next: expect.stringContaining('CREATEDB'),
    });
    const elsewhere = { url: database.address.url, password };
    const { engine } = await makeOnServer({ ...plain, scratch: elsewhere }, 'app', signal);
    expect(engine.location).toContain('migrate_tui_scratch_');
    await engine[Symbol.asyncDispose]();
  });
});
