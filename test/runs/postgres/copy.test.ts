import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openEngine } from '../../../src/engines/open.ts';
import type { Engine } from '../../../src/engines/engine.ts';
import type { PostgresAddress } from '../../../src/engines/address.ts';
import { leaseTexts } from '../../../src/bookkeeping/lease-texts.ts';
import { makeOnServer } from '../../../src/runs/postgres/scratch.ts';
import { copyPostgres, copyPostgresUnder, putBackPostgres } from '../../../src/runs/postgres/copy.ts';
import { notValidIn, refuseIncomplete } from '../../../src/runs/postgres/left-out.ts';
import { fingerprint } from '../../../src/schema/fingerprint.ts';
import { readSchema } from '../../../src/schema/read.ts';
import type { CopyRules } from '../../../src/sql/copy-rules.ts';
import type { Query } from '../../../src/sql/statement.ts';
import { readShape } from '../../../src/engines/shape-of.ts';
import { postgresServer, type PostgresDatabase, type PostgresServer } from '../../support/postgres.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await postgresServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const { signal } = new AbortController();
const quiet = { signal, onProgress: () => undefined };
const taker = { run: 'r', by: 'me', host: 'here', backup: undefined };

const shop = [
  'CREATE EXTENSION pg_trgm',
  `CREATE TYPE status AS ENUM ('open', 'paid')`,
  'CREATE SCHEMA drizzle',
  'CREATE TABLE drizzle.__drizzle_migrations (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint)',
  `INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ('h1', 1)`,
  'CREATE TABLE users (id serial PRIMARY KEY, name text NOT NULL, boss int REFERENCES users)',
  'CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "by" int NOT NULL REFERENCES users, "is" status)',
  'CREATE INDEX users_name ON users USING gin (name gin_trgm_ops)',
  'CREATE VIEW paid AS SELECT * FROM orders WHERE "is" = \'paid\'',
  `INSERT INTO users (name, boss) SELECT 'n' || i, i FROM generate_series(1, 200) AS i`,
  `INSERT INTO orders ("by", "is") SELECT 1 + i % 200, 'paid' FROM generate_series(1, 1000) AS i`,
  'CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name := upper(NEW.name); RETURN NEW; END $$',
  'CREATE TRIGGER touches BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION touch()',
  'GRANT SELECT ON users TO pg_monitor',
];

async function shopDatabase(): Promise<PostgresDatabase> {
  const database = await server.createDatabase();
  await using client = await database.connect();
  for (const sql of shop) await client.query(sql);
  return database;
}

async function opened(address: PostgresAddress): Promise<Engine> {
  const found = await openEngine(address, { purpose: 'change' });
  if (found.kind !== 'open') throw new Error('It is there.');
  return found.engine;
}

async function seenIn(query: Query): Promise<unknown> {
  const rows = await query({
    sql: `SELECT (SELECT md5(string_agg(u::text, ',' ORDER BY id)) FROM users AS u) AS users,
      (SELECT md5(string_agg(o::text, ',' ORDER BY id)) FROM orders AS o) AS orders,
      (SELECT string_agg(m::text, ',') FROM drizzle.__drizzle_migrations AS m) AS records`,
  });
  return { rows, schema: fingerprint(await readSchema(query)) };
}

describe('a PostgreSQL database', () => {
  test('is copied and put back on the same server as it was, under the lock of the restore', async () => {
    await using folder = await temporaryFolder();
    await using database = await shopDatabase();
    await using engine = await opened(database.address);
    const lease = leaseTexts('postgres');
    for (const { sql } of lease.create) await engine.query({ sql }).catch(() => undefined);
    const before = await seenIn(engine.query);
    const file = folder.file('copy.pgdump');
    const { seen, tables } = await copyPostgres(database.address, file, {
      ...quiet,
      look: seenIn,
      permit: refuseIncomplete,
    });
    expect(seen).toEqual(before);
    expect(tables).toEqual([
      { table: 'drizzle.__drizzle_migrations', rows: 1 },
      { table: 'orders', rows: 1000 },
      { table: 'users', rows: 200 },
    ]);
    await using client = await database.connect();
    await client.query(
      `DROP TABLE users CASCADE; CREATE TABLE later (a int); ALTER TYPE status ADD VALUE 'lost'`,
    );
    const remarks: string[] = [];
    await putBackPostgres({ address: database.address, engine }, file, {
      rights: 'as-dumped',
      fence: [],
      prepare: lease.plant(taker, 7),
      landed: lease.planted(taker, 7),
      onRemark: (says) => remarks.push(says),
      signal,
    });
    expect(remarks).toEqual([]);
    expect(await seenIn(engine.query)).toEqual(before);
    const { rows } = await client.query(
      `SELECT epoch, run, has_table_privilege('pg_monitor', 'users', 'SELECT') AS may FROM ${lease.table}`,
    );
    expect(rows).toEqual([{ epoch: '7', run: 'r', may: true }]);
  });

  test('has a scratch database on its server that goes with its engine, and those of dead processes are swept', async () => {
    await using database = await server.createDatabase();
    await using client = await database.connect();
    const names = async () =>
      (await client.query(`SELECT datname FROM pg_database WHERE datname LIKE 'migrate_tui_scratch_%'`)).rows;
    {
      const { engine } = await makeOnServer(database.address, 'app', signal);
      await using scratch = engine;
      expect(await scratch.query({ sql: 'SELECT 1 AS one' })).toEqual([{ one: 1 }]);
      const [{ datname } = { datname: '' }] = await names();
      await client.query(`CREATE DATABASE ${String(datname).replace(`_${process.pid}_`, '_999999999_')}`);
      await client.query('CREATE DATABASE migrate_tui_scratch_00000000_999999999_1_app');
    }
    {
      const { engine } = await makeOnServer(database.address, 'app', signal);
      await engine[Symbol.asyncDispose]();
    }
    expect(await names()).toEqual([{ datname: 'migrate_tui_scratch_00000000_999999999_1_app' }]);
  });

  test('is not copied without what no copy holds', async () => {
    await using folder = await temporaryFolder();
    await using database = await shopDatabase();
    await using client = await database.connect();
    const copied = () =>
      copyPostgres(database.address, folder.file('copy.pgdump'), {
        ...quiet,
        look: () => Promise.resolve(),
        permit: refuseIncomplete,
      });
    await client.query('CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq)');
    await expect(copied()).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('operator public.==='),
    });
    await client.query('DROP OPERATOR === (int, int)');
    await client.query('SELECT lo_create(4711)');
    await expect(copied()).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('1 large object'),
    });
  });

  test('is copied without an index that is not valid, which is named', async () => {
    await using folder = await temporaryFolder();
    await using database = await shopDatabase();
    await using client = await database.connect();
    await client.query(`INSERT INTO users (name) VALUES ('n1')`);
    await client
      .query('CREATE UNIQUE INDEX CONCURRENTLY twice ON users (upper(name))')
      .catch(() => undefined);
    const named: string[] = [];
    await copyPostgres(database.address, folder.file('copy.pgdump'), {
      ...quiet,
      look: () => Promise.resolve(),
      permit: (leftOut, location) => {
        refuseIncomplete(leftOut, location);
        named.push(...notValidIn(leftOut));
      },
    });
    expect(named).toEqual(['index twice, which is not valid']);
  });

  test('is not put back where somebody else has the lock by now', async () => {
    await using folder = await temporaryFolder();
    await using database = await shopDatabase();
    await using engine = await opened(database.address);
    const lease = leaseTexts('postgres');
    await using client = await database.connect();
    for (const { sql } of lease.create) await client.query(sql);
    const file = folder.file('copy.pgdump');
    const permit = () => undefined;
    await copyPostgres(database.address, file, { ...quiet, permit, look: () => Promise.resolve() });
    await client.query(
      `DELETE FROM orders; INSERT INTO ${lease.table} (id, run, epoch, taken_at, expires_at) VALUES (1, 'other', 9, 0, 0)`,
    );
    const put = putBackPostgres({ address: database.address, engine }, file, {
      rights: 'as-dumped',
      fence: lease.fence({ run: 'r', epoch: 7 }, null),
      prepare: lease.plant(taker, 8),
      landed: lease.planted(taker, 8),
      onRemark: () => undefined,
      signal,
    });
    await expect(put).rejects.toMatchObject({ code: 'locked' });
    const { rows } = await client.query(
      `SELECT (SELECT count(*)::int FROM orders) AS orders, run FROM ${lease.table}`,
    );
    expect(rows).toEqual([{ orders: 0, run: 'other' }]);
  });

  test('is copied under rules without a byte of what they keep back, and only as it was planned for', async () => {
    await using folder = await temporaryFolder();
    await using database = await shopDatabase();
    await using client = await database.connect();
    await client.query(`CREATE TABLE people (email text, note text); CREATE TABLE letters (body text);
      INSERT INTO people SELECT 'secret' || i || '@example.com', E'kept\\t' || i FROM generate_series(1, 500) AS i;
      INSERT INTO letters VALUES ('secret letter')`);
    await using engine = await opened(database.address);
    const rules: CopyRules = {
      tables: [
        { table: 'people', rows: 'copied', columns: [{ column: 'email', mask: 'hash' }] },
        { table: 'letters', rows: 'left-out', columns: [] },
      ],
    };
    const under = { ...quiet, masking: { rules, key: 'ab'.repeat(16) }, called: 'staging' };
    const shape = await readShape(engine.query);
    const file = folder.file('copy.pgdump');
    const { tables } = await copyPostgresUnder(database.address, file, { ...under, shape });
    expect(tables).toContainEqual({ table: 'people', rows: 500 });
    expect(tables.map(({ table }) => table)).not.toContain('letters');
    const bytes = await readFile(file, 'latin1');
    expect(bytes).not.toContain('secret');
    expect(bytes).toContain('kept\\t500');
    await client.query('ALTER TABLE people ADD COLUMN phone text');
    const later = copyPostgresUnder(database.address, folder.file('later.pgdump'), { ...under, shape });
    await expect(later).rejects.toMatchObject({ code: 'target-changed' });
  });
});
