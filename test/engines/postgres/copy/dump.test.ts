import { readFile, truncate, writeFile } from 'node:fs/promises';
import { readdirSync } from 'node:fs';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dumpDatabase } from '../../../../src/engines/postgres/copy/dump.ts';
import type { DumpScript } from '../../../../src/engines/postgres/copy/dump-file.ts';
import { openDump } from '../../../../src/engines/postgres/copy/dump-reader.ts';
import { fill } from '../../../../src/engines/postgres/copy/restore.ts';
import { openServerSession } from '../../../../src/engines/postgres/server-session.ts';
import { postgresServer, type PostgresDatabase, type PostgresServer } from '../../../support/postgres.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await postgresServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const script: DumpScript = {
  settings: ['SET LOCAL search_path = public'],
  beforeRows: [
    'CREATE SCHEMA "odd ""schema"""',
    `CREATE TYPE mood AS ENUM ('glad', 'it''s', 'a,b')`,
    'CREATE DOMAIN positive AS int CHECK (VALUE > 0)',
    'CREATE TYPE pair AS (a int, b text)',
    `CREATE TABLE every (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, small smallint, n numeric(30, 10), f real, d double precision,
      flag boolean, t text, v varchar(10), c char(5), b bytea, day date, at timestamptz, at2 timestamp, tm time,
      span interval, j json, jb jsonb, u uuid, tags text[], grid int[][], m mood, moods mood[], p positive, r int4range,
      pr pair, ip inet, x xml, bits bit varying(10), money_ money, ts tsvector, pt point,
      twice bigint GENERATED ALWAYS AS (small * 2) STORED)`,
    'CREATE TABLE "odd ""schema"""."odd ""table""" ("a ""b" text, "select" int)',
    'CREATE TABLE nothing ()',
    'CREATE TABLE made (n int GENERATED ALWAYS AS (1 + 1) STORED)',
    'CREATE TABLE parts (k int, v text) PARTITION BY LIST (k)',
    'CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1)',
    'CREATE TABLE parts_rest (v text, k int)',
    'ALTER TABLE parts ATTACH PARTITION parts_rest DEFAULT',
    'CREATE TABLE parent (a int)',
    'CREATE TABLE child (b int) INHERITS (parent)',
    'CREATE SEQUENCE counter START 7 INCREMENT 3',
    'CREATE SEQUENCE untouched',
    'CREATE TABLE log (said text)',
  ],
  afterRows: [
    `CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log VALUES ('fired'); RETURN NEW; END $$`,
    'CREATE TRIGGER fires BEFORE INSERT ON every FOR EACH ROW EXECUTE FUNCTION tell()',
  ],
  leftOut: [],
  rights: [],
};

const rows = [
  `INSERT INTO every (small, n, f, d, flag, t, v, c, b, day, at, at2, tm, span, j, jb, u, tags, grid, m, moods, p, r, pr, ip,
      x, bits, money_, ts, pt)
    SELECT i % 1000, random() * 1e15, random(), random() * 1e-300, i % 2 = 0,
      CASE i % 5 WHEN 0 THEN '' WHEN 1 THEN E'tab\\t line\\n back\\\\slash \\r' WHEN 2 THEN '\\N' WHEN 3 THEN 'émoji 🎉' ELSE NULL END,
      left(md5(i::text), i % 11), 'ab', decode(md5(i::text), 'hex'), 'epoch'::date + i, now() - i * interval '1 day',
      'infinity', '12:34:56.789', i * interval '1 month 1 second', '{"a": [1,2]}', '{"b": null}', gen_random_uuid(),
      ARRAY['a', NULL, 'x,y', '"q"', E'n\\n'], '{{1,2},{3,NULL}}', 'it''s', '{glad,"a,b"}'::mood[], 5, '[1,10)', ROW(1, E'x\\ty')::pair,
      '10.0.0.1/8', '<a>b</a>', B'101', 12.34, 'the quick fox', '(1,2)'
    FROM generate_series(1, 2000) AS i`,
  `INSERT INTO every (d, f) VALUES ('NaN', '-Infinity'), ('-0', '1e-40'), (1.7976931348623157e308, 3.4028235e38)`,
  `INSERT INTO "odd ""schema"""."odd ""table""" VALUES (repeat('x', 3000000), 1), (E'\\\\.', 2)`,
  'INSERT INTO nothing DEFAULT VALUES',
  'INSERT INTO made DEFAULT VALUES',
  `INSERT INTO parts SELECT i % 3, 'p' || i FROM generate_series(1, 30) AS i`,
  'INSERT INTO parent VALUES (1)',
  'INSERT INTO child VALUES (2, 3)',
  `SELECT nextval('counter'), nextval('counter')`,
];

const compared = [
  'every',
  '"odd ""schema"""."odd ""table"""',
  'nothing',
  'made',
  'parts_1',
  'parts_rest',
  'ONLY parent',
  'child',
  'log',
];

async function contentOf(client: Client): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  for (const table of compared) {
    const { rows: answer } = await client.query(
      `SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM ${table} AS t`,
    );
    found.push([table, answer]);
  }
  return found;
}

async function makeSource(): Promise<PostgresDatabase> {
  const database = await server.createDatabase();
  await using client = await database.connect();
  for (const sql of [...script.beforeRows, ...rows]) await client.query(sql);
  return database;
}

async function dump(from: PostgresDatabase, to: string, signal?: AbortSignal) {
  await using session = await openServerSession(from.address, { signal });
  return await dumpDatabase(session, { to, describe: () => Promise.resolve({ script, told: 'seen' }) });
}

describe('a copy of a PostgreSQL database', () => {
  test('brings back every value of every type, sequences where they stood, and fires no trigger', async () => {
    await using folder = await temporaryFolder();
    await using source = await makeSource();
    await using target = await server.createDatabase();
    const copy = folder.file('copy.pgdump');
    const { tables, told } = await dump(source, copy);
    expect(told).toBe('seen');
    expect(tables).toContainEqual({ table: 'every', rows: 2003 });
    expect(tables).toContainEqual({ table: 'parts', rows: 30 });
    expect(tables.map(({ table }) => table)).toContain('odd "schema".odd "table"');
    await using session = await openServerSession(target.address);
    await using found = await openDump(copy);
    await fill(session, found, { rights: 'left-out', scope: 'session' });
    await using before = await source.connect();
    await using after = await target.connect();
    expect(await contentOf(after)).toEqual(await contentOf(before));
    const { rows: next } = await after.query(`SELECT nextval('counter') AS a, nextval('untouched') AS b`);
    expect(next).toEqual([{ a: '13', b: '1' }]);
  });

  test('is refused whole when any byte of it is missing or another one', async () => {
    await using folder = await temporaryFolder();
    await using source = await makeSource();
    const copy = folder.file('copy.pgdump');
    await dump(source, copy);
    const whole = await readFile(copy);
    for (const length of [0, 10, 300, whole.length - 1, Math.floor(whole.length / 2)]) {
      const short = folder.file('short');
      await writeFile(short, whole);
      await truncate(short, length);
      await expect(openDump(short)).rejects.toMatchObject({ code: 'backup-failed' });
    }
    for (let at = 0; at < whole.length; at += Math.ceil(whole.length / 40)) {
      const changed = Buffer.from(whole);
      changed.writeUInt8(whole.readUInt8(at) ^ 1, at);
      await writeFile(folder.file('changed'), changed);
      await expect(openDump(folder.file('changed'))).rejects.toMatchObject({ code: 'backup-failed' });
    }
    await writeFile(folder.file('longer'), Buffer.concat([whole, Buffer.from('x')]));
    await expect(openDump(folder.file('longer'))).rejects.toMatchObject({ code: 'backup-failed' });
  });

  test('that is stopped leaves no file', async () => {
    await using folder = await temporaryFolder();
    await using source = await makeSource();
    const stop = new AbortController();
    await using session = await openServerSession(source.address, { signal: stop.signal });
    const copied = dumpDatabase(session, {
      to: folder.file('copy.pgdump'),
      describe: () => Promise.resolve({ script, told: undefined }),
      onProgress: () => stop.abort(),
    });
    await expect(copied).rejects.toMatchObject({ code: 'interrupted' });
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test('is of one moment, while others write rows and change tables', async () => {
    await using folder = await temporaryFolder();
    await using source = await server.createDatabase();
    await using client = await source.connect();
    await client.query(`CREATE TABLE moved (id serial, amount int); CREATE TABLE account (id int, amount int);
      INSERT INTO account SELECT i, 100 FROM generate_series(1, 2000) AS i`);
    const over = new AbortController();
    const write = async () => {
      await using writer = await source.connect();
      for (let turn = 0; !over.signal.aborted; turn += 1) {
        await writer.query(`BEGIN; UPDATE account SET amount = amount - 1 WHERE id = ${1 + (turn % 2000)};
          INSERT INTO moved (amount) VALUES (1); COMMIT`);
        if (turn % 7 === 0 && turn > 0)
          await writer.query(`CREATE TABLE new_${turn} (a int); DROP TABLE IF EXISTS new_${turn - 7}`);
      }
    };
    const copy = async (name: string) => {
      await using session = await openServerSession(source.address);
      const { tables } = await dumpDatabase(session, {
        to: folder.file(name),
        describe: () => Promise.resolve({ script, told: undefined }),
      });
      await using made = await openDump(folder.file(name));
      const text: Record<string, string> = {};
      for (const table of made.tables) {
        for await (const piece of made.rowsOf(table))
          text[table.name] = `${text[table.name] ?? ''}${piece.toString()}`;
      }
      const sum = (table: string) =>
        (text[table] ?? '').split('\n').reduce((total, line) => total + Number(line.split('\t')[1] ?? 0), 0);
      expect(sum('account') + sum('moved')).toBe(200_000);
      expect(tables.map(({ table }) => table)).toEqual(expect.arrayContaining(['account', 'moved']));
    };
    const copyThree = async () => {
      try {
        for (const name of ['one', 'two', 'three']) await copy(name);
      } finally {
        over.abort();
      }
    };
    await Promise.all([copyThree(), write()]);
  });
});
