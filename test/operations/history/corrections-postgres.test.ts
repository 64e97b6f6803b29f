import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Bookkeeping, Entry } from '../../../src/bookkeeping/bookkeeping.ts';
import { drizzlePostgres } from '../../../src/bookkeeping/drizzle-postgres.ts';
import type { DrizzleLine, Migration } from '../../../src/migrations/migration.ts';
import type { Correction } from '../../../src/operations/history/correction.ts';
import { eraseRecords, sameRecord, sameRecords } from '../../../src/operations/history/correction.ts';
import { forgetRecords, recordAsApplied } from '../../../src/operations/history/mark.ts';
import { moveRecord } from '../../../src/operations/history/moved-records.ts';
import { entriesOf, shapedFor } from '../../contracts/bookkeeping.ts';
import { postgresTarget, type PostgresTarget } from '../../support/postgres-target.ts';
import { postgresServer, type PostgresServer } from '../../support/postgres.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await postgresServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const migrations = ['0000_a', '0001_b', '0002_c'].map((tag, index): Migration => ({
  tag,
  hash: `hash of ${tag}`,
  when: 1000 * (index + 1),
  file: `${tag}.sql`,
  statements: [],
}));
const [first, second, third] = migrations;

test('records are added and taken away in PostgreSQL as one unit, the table with them where there is none', async () => {
  await using records = await recordsIn('drizzle-0');
  await records.correct(recordAsApplied(migrations.slice(0, 2), await records.read(), 0));
  expect(await records.names()).toEqual(['1 hash of 0000_a', '2 hash of 0001_b']);
  const { entries } = await records.read();
  await records.correct(forgetRecords(entries.slice(0, 1), await records.read()));
  expect(await records.names()).toEqual(['2 hash of 0001_b']);
});

test('nothing is put right in PostgreSQL when a record came, went or became another one since it was read', async () => {
  await using records = await recordsIn('drizzle-0');
  await records.correct(recordAsApplied(migrations.slice(0, 2), await records.read(), 0));
  const stale = await records.read();
  const [entry] = stale.entries;
  if (!entry || !third) throw new Error('There are too few records.');
  await records.client.query(
    `UPDATE drizzle.__drizzle_migrations SET hash = 'other' WHERE id = ${entry.rowid}`,
  );
  expect(await records.outcome(eraseRecords([entry], stale.bookkeeping))).toMatchObject({
    kind: 'guarded',
    guard: 'history',
    detail: 'another record than was read',
  });
  await records.correct(recordAsApplied([third], await records.read(), 0));
  expect(await records.outcome(forgetRecords(stale.entries, stale))).toMatchObject({
    kind: 'guarded',
    guard: 'history',
    detail: '3 up to 3 instead of 2 up to 2',
  });
  expect(await records.names()).toHaveLength(3);
});

test('a record that is being written in PostgreSQL is waited for, and then counts', async () => {
  await using records = await recordsIn('drizzle-0');
  await records.correct(recordAsApplied(migrations.slice(0, 1), await records.read(), 0));
  const stale = await records.read();
  await records.client.query('BEGIN');
  await records.client.query(
    `INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ('theirs', 9)`,
  );
  const correction = records.outcome(forgetRecords(stale.entries, stale));
  await records.client.query('COMMIT');
  expect(await correction).toMatchObject({ kind: 'guarded', detail: '2 up to 2 instead of 1 up to 1' });
});

test('a record of Drizzle 1.0 in PostgreSQL gets the time and name of the file that moved', async () => {
  await using records = await recordsIn('drizzle-1');
  if (!first || !second) throw new Error('There are too few migrations.');
  await records.correct(recordAsApplied([first], await records.read(), 0));
  const { bookkeeping, entries } = await records.read();
  const [entry] = entries;
  if (!entry) throw new Error('Nothing was recorded.');
  expect(entry.appliedAt).toBeGreaterThan(0);
  await records.correct([
    ...sameRecords(bookkeeping, entries),
    sameRecord(bookkeeping, entry),
    { ...moveRecord({ entry, migration: second }, bookkeeping), role: 'record' },
  ]);
  expect((await records.read()).entries).toEqual([{ ...entry, createdAt: 2000, name: '0001_b' }]);
});

interface RecordsInPostgres extends PostgresTarget {
  read(): Promise<{
    readonly bookkeeping: Bookkeeping;
    readonly entries: readonly Entry[];
    readonly migrations: readonly Migration[];
  }>;
  outcome(correction: Correction): ReturnType<PostgresTarget['engine']['unit']>;
  correct(correction: Correction): Promise<void>;
  names(): Promise<readonly string[]>;
}

async function recordsIn(format: DrizzleLine): Promise<RecordsInPostgres> {
  const target = await postgresTarget(server);
  const { query, unit } = target.engine;
  const read = async () => {
    const bookkeeping = await shapedFor(
      query,
      drizzlePostgres({ format, schema: 'drizzle', table: '__drizzle_migrations' }),
    );
    const entries = bookkeeping.exists ? await entriesOf(query, bookkeeping) : [];
    return { bookkeeping, entries, migrations };
  };
  const outcome = (correction: Correction) => unit({ foreignKeys: 'on', statements: correction });
  return {
    ...target,
    read,
    outcome,
    correct: async (correction) => expect(await outcome(correction)).toMatchObject({ kind: 'committed' }),
    names: async () => (await read()).entries.map(({ rowid, hash }) => `${rowid} ${hash}`),
  };
}
