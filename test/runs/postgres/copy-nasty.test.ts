import type { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { leaseTexts } from '../../../src/bookkeeping/lease-texts.ts';
import { openEngine } from '../../../src/engines/open.ts';
import { copyPostgres, putBackPostgres } from '../../../src/runs/postgres/copy.ts';
import { compareSchemas } from '../../../src/schema/compare.ts';
import { readSchema } from '../../../src/schema/read.ts';
import { nasty } from '../../schema/postgres/nasty.ts';
import { postgresServer, type PostgresServer } from '../../support/postgres.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await postgresServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const { signal } = new AbortController();
const lease = leaseTexts('postgres');
const taker = { run: 'r', by: 'me', host: 'here', backup: undefined };

/** A row in every table that takes one without being told more. */
async function addRows(client: Client): Promise<void> {
  for (const table of await tablesIn(client)) {
    await client.query(`INSERT INTO ${table} DEFAULT VALUES`).catch(() => undefined);
  }
}

async function contentOf(client: Client): Promise<readonly unknown[]> {
  const content: unknown[] = [];
  for (const table of await tablesIn(client)) {
    const { rows } = await client.query(
      `SELECT count(*)::int AS n, string_agg(t::text, '|' ORDER BY t::text) AS rows FROM ONLY ${table} AS t`,
    );
    content.push([table, rows]);
  }
  const { rows } = await client.query(
    `SELECT schemaname, sequencename, last_value FROM pg_sequences ORDER BY 1, 2`,
  );
  return [...content, rows];
}

async function tablesIn(client: Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ readonly name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
      WHERE schemaname NOT IN ('pg_catalog', 'information_schema', '__migrate_tui') ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}

test.each(Object.entries(nasty))('a copy takes the place of what it was made from: %s', async (_, sql) => {
  await using folder = await temporaryFolder();
  await using database = await server.createDatabase();
  await using client = await database.connect();
  await client.query(sql);
  await addRows(client);
  for (const statement of lease.create) await client.query(statement.sql);
  const found = await openEngine(database.address, { purpose: 'change' });
  if (found.kind !== 'open') throw new Error('It is there.');
  await using engine = found.engine;
  const before = [await readSchema(engine.query), await contentOf(client)] as const;
  const file = folder.file('copy.pgdump');
  await copyPostgres(database.address, file, {
    look: () => Promise.resolve(),
    permit: () => undefined,
    signal,
    onProgress: () => undefined,
  });
  // What is put back does not rest on what was there.
  await client.query('CREATE TABLE "in the way" (a int)');
  await putBackPostgres({ address: database.address, engine }, file, {
    rights: 'as-dumped',
    fence: [],
    prepare: lease.plant(taker, 2),
    landed: lease.planted(taker, 2),
    onRemark: () => undefined,
    signal,
  });
  expect(compareSchemas(before[0], await readSchema(engine.query))).toEqual([]);
  expect(await contentOf(client)).toEqual(before[1]);
});
