import { open } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Engine } from '../../../src/engines/engine.ts';
import { checkForeignKeys, checkIntegrity, checkVerifyFiles } from '../../../src/runs/checks.ts';
import { readInvariants } from '../../../src/runs/invariants.ts';
import { stampOf } from '../../../src/runs/measure/stamp.ts';
import { postgresTarget, type PostgresTarget } from '../../support/postgres-target.ts';
import { postgresServer, type PostgresServer } from '../../support/postgres.ts';

let server: PostgresServer;
let target: PostgresTarget;
beforeAll(async () => {
  server = await postgresServer();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  target = await postgresTarget(server);
  await by(
    'CREATE TABLE teams (id int PRIMARY KEY, name text)',
    "INSERT INTO teams VALUES (1, 'red'), (2, 'blue')",
    'CREATE TABLE parts (id int) PARTITION BY LIST (id)',
    'CREATE TABLE part_one PARTITION OF parts DEFAULT',
  );
});
afterEach(() => target[Symbol.asyncDispose]());

async function by(...statements: readonly string[]) {
  for (const sql of statements) await target.client.query(sql);
}

describe('the stamp of a database', () => {
  const stamp = () => stampOf({ ...server.address('any'), kind: 'postgres' }, target.engine);

  test('stays the same while nobody writes rows: reading, another database, our own lock, a vacuum', async () => {
    const before = await stamp();
    await by(
      'SELECT * FROM teams',
      'VACUUM (FREEZE, ANALYZE) teams',
      'CREATE TABLE empty (id int)',
      'DROP TABLE empty',
    );
    await by(
      'CREATE SCHEMA __migrate_tui',
      'CREATE TABLE __migrate_tui.lease (id int)',
      'INSERT INTO __migrate_tui.lease VALUES (1)',
    );
    await by('BEGIN', "UPDATE teams SET name = 'gone'", 'ROLLBACK');
    await using other = await server.createDatabase();
    await using client = await other.connect();
    await client.query('CREATE TABLE t AS SELECT 1 AS a');
    expect(await stamp()).toBe(before);
  });

  test.each([
    ['a row is added', ["INSERT INTO teams VALUES (3, 'green')"]],
    ['a row is changed', ["UPDATE teams SET name = 'green' WHERE id = 1"]],
    ['a row is changed to what it was', ['UPDATE teams SET name = name WHERE id = 1']],
    ['a row is deleted', ['DELETE FROM teams WHERE id = 1']],
    [
      'one is deleted and another added',
      ['DELETE FROM teams WHERE id = 1', "INSERT INTO teams VALUES (1, 'red')"],
    ],
    ['a table is emptied', ['TRUNCATE teams']],
    ['a partition gets a row', ['INSERT INTO parts VALUES (1)']],
  ])('changes when %s', async (_what, statements) => {
    const before = await stamp();
    await by(...statements);
    expect(await stamp()).not.toBe(before);
  });

  test('does not wait for a writer, and changes when it commits', async () => {
    await using writer = await target.connect();
    await writer.query('BEGIN');
    await writer.query("INSERT INTO teams VALUES (3, 'green')");
    const before = await stamp();
    await writer.query('COMMIT');
    expect(await stamp()).not.toBe(before);
  });
});

describe('the check of what is stored', () => {
  const integrity = (engine: Engine = target.engine) => checkIntegrity(engine);

  test('says what was looked at, and what was not', async () => {
    expect(await integrity()).toEqual({
      check: 'integrity',
      state: 'proven',
      says: '0 wrong page checksums; no index was read: amcheck is not installed, or not for this role',
    });
    await by('CREATE SCHEMA tools', 'CREATE EXTENSION amcheck SCHEMA tools');
    expect((await integrity()).says).toBe('0 wrong page checksums; 1 B-tree index read by amcheck');
  });

  test('names an index that is left invalid, and holds it against nobody', async () => {
    await by("INSERT INTO teams VALUES (3, 'red')");
    await expect(
      target.client.query('CREATE UNIQUE INDEX CONCURRENTLY one_name ON teams (name)'),
    ).rejects.toThrow('could not create unique index');
    expect(await integrity()).toMatchObject({
      state: 'proven',
      says: expect.stringContaining('; not valid, and so not used: one_name (REINDEX INDEX builds it again)'),
    });
  });

  test('names the index of a partitioned table that a partition lacks, which REINDEX does not mend', async () => {
    await by(
      'CREATE TABLE logs (at date) PARTITION BY RANGE (at)',
      `CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')`,
      'CREATE INDEX logs_at ON ONLY logs (at)',
    );
    expect(await integrity()).toMatchObject({
      state: 'proven',
      says: expect.stringMatching(
        /; not on every partition: logs_at \(ALTER INDEX … ATTACH PARTITION for each\)$/,
      ),
    });
  });

  test('finds an index that no longer fits its table', async () => {
    await by(
      'CREATE EXTENSION amcheck',
      'CREATE TABLE many AS SELECT i FROM generate_series(1, 2000) AS i',
      'CREATE INDEX many_i ON many (i)',
      'CHECKPOINT',
    );
    const { rows } = await target.client.query<{ path: string }>(
      "SELECT current_setting('data_directory') || '/' || pg_relation_filepath('many_i') AS path",
    );
    await server.stop('shut-down');
    await turnAround(rows[0]?.path ?? '');
    await server.start();
    await using again = await target.openAgain();
    expect(await integrity(again)).toMatchObject({
      state: 'differs',
      says: expect.stringContaining('the index many_i is damaged'),
    });
  });
});

test('old violations of a foreign key are said, and new ones are refused', async () => {
  await by(
    'CREATE TABLE members (team int)',
    'INSERT INTO members VALUES (1), (8)',
    'ALTER TABLE members ADD CONSTRAINT fk FOREIGN KEY (team) REFERENCES teams NOT VALID',
  );
  const before = [{ table: 'members', parent: 'teams', count: 1 }];
  expect(await checkForeignKeys(target.engine.query, before)).toMatchObject({
    state: 'proven',
    says: '0 new, 1 from before',
  });
  expect(await checkForeignKeys(target.engine.query, [])).toMatchObject({
    state: 'differs',
    says: '1 row of members refer to nothing in teams',
  });
});

test('queries that verify and invariants only read', async () => {
  const verify = (sql: string) =>
    checkVerifyFiles(target.engine.query, [
      {
        tag: '0001_teams',
        hash: '',
        when: 1,
        file: '0001_teams.sql',
        statements: [],
        verify: { file: '0001_teams.verify.sql', statements: [{ sql, line: 1 }] },
      },
    ]);
  expect(await verify('SELECT 1 FROM teams WHERE id = 7')).toMatchObject([{ state: 'proven' }]);
  expect(await verify('SELECT 1 FROM teams')).toMatchObject([
    { state: 'differs', says: '0001_teams.verify.sql returned 2 rows; it must return none' },
  ]);
  for (const sql of [
    'DELETE FROM teams',
    'WITH gone AS (DELETE FROM teams RETURNING id) SELECT * FROM gone',
    'SELECT * INTO copied FROM teams',
  ]) {
    await expect(verify(sql)).rejects.toMatchObject({ code: 'config' });
  }
  const invariants = [
    { name: 'count', database: undefined, sql: 'SELECT count(*), sum(1.5) FROM teams', within: 0 },
  ];
  expect(await readInvariants(target.engine.query, { invariants }, 'app')).toEqual(
    new Map([['count', '[["2","3.0"]]']]),
  );
});

/** Swaps two entries of a page in place, past the server: what a failing disk may do. */
async function turnAround(path: string): Promise<void> {
  await using file = await open(path, 'r+');
  const page = Buffer.alloc(8192);
  // The first page is the index's own; the next one is its first leaf.
  await file.read(page, 0, page.length, page.length);
  const [first, second] = [page.readUInt32LE(24), page.readUInt32LE(28)];
  page.writeUInt32LE(second, 24);
  page.writeUInt32LE(first, 28);
  await file.write(page, 0, page.length, page.length);
}
