import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { drizzlePostgres } from '../../../src/bookkeeping/drizzle-postgres.ts';
import type { UnitOptions } from '../../../src/engines/engine.ts';
import type { Migration } from '../../../src/migrations/migration.ts';
import { readFolder } from '../../../src/migrations/read-folder.ts';
import type { ExecuteStep } from '../../../src/operations/plan/step.ts';
import { dottedTables } from '../../../src/runs/measure/dotted-tables.ts';
import { enforcementFor } from '../../../src/runs/unit/enforcement.ts';
import { takeLock, type HeldLock } from '../../../src/runs/lock/lock.ts';
import { unitOf } from '../../../src/runs/unit/unit.ts';
import { ana, expire } from '../../contracts/lock.ts';
import { folder0, writeFiles } from '../../support/drizzle-folders.ts';
import { drizzleLinesOnPostgres } from '../../support/drizzle-lines-postgres.ts';
import { postgresTarget, type PostgresTarget } from '../../support/postgres-target.ts';
import { postgresServer, type PostgresServer } from '../../support/postgres.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await postgresServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const bookkeeping = drizzlePostgres({
  format: 'drizzle-0',
  schema: 'drizzle',
  table: '__drizzle_migrations',
});

describe('a unit on PostgreSQL', () => {
  test('is refused whole when somebody else recorded a migration meanwhile', async () => {
    await using target = await openTarget();
    await run(target, ['CREATE TABLE other (id integer)'], { recordsBefore: 0, tag: '0000_other' });
    const outcome = await run(target, ['CREATE TABLE late (id integer)'], {
      recordsBefore: 0,
      tag: '0001_late',
    });
    expect(outcome).toMatchObject({ kind: 'guarded', guard: 'history', detail: '1 records instead of 0' });
    expect(await regclass(target, 'late')).toBeNull();
  });

  test('is refused whole when another run has taken the lease over', async () => {
    await using target = await openTarget();
    await expire(target.engine);
    await takeLock(await target.openAgain(), ana, 1000);
    const outcome = await run(target, ['CREATE TABLE late (id integer)']);
    expect(outcome).toMatchObject({ kind: 'guarded', guard: 'lease' });
    expect(await regclass(target, 'late')).toBeNull();
  });

  test('counts a table whose name has a dot, beside one of a schema of that name', async () => {
    await using target = await openTarget();
    await target.client.query(`CREATE TABLE parents (id integer PRIMARY KEY);
      CREATE TABLE "a.b" (parent_id integer REFERENCES parents(id) ON DELETE CASCADE);
      CREATE SCHEMA "c"; CREATE TABLE c.d (id integer); CREATE TABLE "c.d" (id integer);
      INSERT INTO parents VALUES (1); INSERT INTO "a.b" VALUES (1); INSERT INTO c.d VALUES (1)`);
    const tables = ['a.b', 'c.d'].map((table) => ({ table, mayLose: 0 }));
    const expectations = { tag: 't', tables };
    expect(await run(target, ['DELETE FROM parents'], { expectations })).toMatchObject({
      kind: 'guarded',
      detail: 'a.b 1',
    });
    expect(await run(target, ['DELETE FROM c.d'], { expectations })).toMatchObject({ detail: 'c.d 1' });
    expect(await run(target, ['DELETE FROM "c.d"'], { expectations })).toMatchObject({ kind: 'committed' });
  });

  test('misses rows that a cascade took along, and values that were set to NULL, and nothing stays', async () => {
    await using target = await openTarget();
    await parents(target);
    const rows = { tag: 't', tables: [{ table: 'app.children', mayLose: 0 }] };
    expect(await run(target, ['DELETE FROM parents WHERE id = 1'], { expectations: rows })).toMatchObject({
      kind: 'guarded',
      guard: 'rows',
      detail: 'app.children 2',
    });
    expect((await target.client.query('SELECT FROM parents')).rowCount).toBe(2);
    const values = { tag: 't', tables: [{ table: 'app.children', column: 'parent_id', mayLose: 0 }] };
    expect(
      await run(target, ['UPDATE app.children SET parent_id = NULL'], { expectations: values }),
    ).toMatchObject({ kind: 'guarded', guard: 'rows', detail: 'app.children.parent_id 3' });
    const accepted = { tag: 't', tables: [{ table: 'app.children', mayLose: 2 }, ...values.tables] };
    const asked = ['DELETE FROM parents WHERE id = 1'];
    expect(
      await run(target, asked, { expectations: { tag: 't', tables: accepted.tables.slice(0, 1) } }),
    ).toMatchObject({ kind: 'committed' });
  });

  test('refuses, as the server does, rows that refer to nothing', async () => {
    await using target = await openTarget();
    await parents(target);
    const outcome = await run(target, ['INSERT INTO app.children (parent_id) VALUES (7)']);
    expect(outcome).toMatchObject({ kind: 'failed', number: 1, error: { code: '23503' } });
  });

  test('is refused when it writes orphans past the foreign keys, while older ones are not held against it', async () => {
    await using target = await openTarget();
    await parents(target);
    await target.client.query(`CREATE TABLE "Odd names" ("A b" int, c int, UNIQUE ("A b", c));
      CREATE TABLE pairs (x int, y int, FOREIGN KEY (x, y) REFERENCES "Odd names" ("A b", c));
      CREATE TABLE promised (x int REFERENCES parents(id));
      SET session_replication_role = replica; INSERT INTO pairs VALUES (1, 1), (NULL, 2); RESET session_replication_role`);
    const orphans = [
      "SET LOCAL session_replication_role = 'replica'",
      'INSERT INTO pairs VALUES (2, 2)',
      'INSERT INTO promised VALUES (NULL)',
    ];
    expect(await run(target, orphans)).toMatchObject({
      kind: 'guarded',
      guard: 'foreign-keys',
      detail: 'pairs to Odd names',
    });
    expect(await run(target, [...orphans, 'DELETE FROM pairs WHERE x = 2'])).toMatchObject({
      kind: 'committed',
    });
    const next = { tag: '0001_next', recordsBefore: 1 };
    const disabled = [
      'ALTER TABLE app.children DISABLE TRIGGER ALL',
      'INSERT INTO app.children (parent_id) VALUES (9)',
      'ALTER TABLE app.children ENABLE TRIGGER ALL',
      'DROP TABLE promised',
    ];
    expect(await run(target, disabled, next)).toMatchObject({
      kind: 'guarded',
      guard: 'foreign-keys',
      detail: 'app.children to parents',
    });
    const parented = [...disabled, 'INSERT INTO parents VALUES (9)'];
    expect(await run(target, parented, next)).toMatchObject({ kind: 'committed' });
  });

  test('guards also what ran after a migration has changed the search path', async () => {
    await using target = await openTarget();
    await parents(target);
    const sql = [`SELECT set_config('search_path', '', true)`, 'CREATE TABLE public.made (id int)'];
    const expectations = { tag: 't', tables: [{ table: 'parents', mayLose: 0 }] };
    expect(await run(target, sql, { expectations })).toMatchObject({ kind: 'committed' });
    const { rows } = await target.client.query('SELECT hash FROM drizzle.__drizzle_migrations');
    expect(rows).toEqual([{ hash: '0000_t' }]);
  });
});

describe("the app's own migrate() at the same time as a unit on PostgreSQL", () => {
  test('when it is in the middle, the unit waits for it, and is refused when it has recorded something', async () => {
    await using target = await openTarget();
    await run(target, ['CREATE TABLE a (id int)']);
    const app = await target.connect();
    await app.query('BEGIN');
    await app.query(`INSERT INTO drizzle.__drizzle_migrations ("hash", "created_at") VALUES ('theirs', 2)`);
    const options = { busyTimeout: 50 };
    const late = ['CREATE TABLE late (id int)'];
    const given = { tag: '0001_late', recordsBefore: 1 };
    expect(await run(target, late, given, options)).toMatchObject({ kind: 'busy' });
    const waiting = run(target, late, given);
    await app.query('COMMIT');
    expect(await waiting).toMatchObject({
      kind: 'guarded',
      guard: 'history',
      detail: '2 records instead of 1',
    });
    expect(await regclass(target, 'late')).toBeNull();
  });

  test('when the unit is in the middle, it waits and fails, and the migration ran and is recorded once', async () => {
    await using target = await openTarget();
    await using folder = await temporaryFolder();
    await writeFiles(
      folder.path,
      folder0([{ tag: '0000_a', sql: 'CREATE TABLE a (id int);' }], 'postgresql'),
    );
    const { migrations } = await readFolder({ directory: folder.path, dialect: 'postgres' });
    const [migration] = migrations;
    if (!migration) throw new Error('The folder is empty.');
    const app = await target.connect();
    // What it makes before it begins is there already, as in every database but a new one.
    for (const { sql } of bookkeeping.create()) await app.query(sql);
    let theirs: Promise<unknown> | undefined;
    const outcome = await run(
      target,
      [],
      { migration },
      {
        afterStatement: async () => {
          theirs = drizzleLinesOnPostgres['drizzle-0'](app, { folder: folder.path }).catch(
            (error: unknown) => error,
          );
          await waitsForLock(target);
        },
      },
    );
    expect(outcome.kind).toBe('committed');
    expect(await theirs).toMatchObject({ cause: { code: expect.stringMatching(/^(?:42P07|23505)$/) } });
    const { rows } = await target.client.query('SELECT hash FROM drizzle.__drizzle_migrations');
    expect(rows).toEqual([{ hash: migration.hash }]);
  });
});

interface Target extends PostgresTarget {
  readonly lock: HeldLock;
}

async function openTarget(): Promise<Target> {
  const target = await postgresTarget(server);
  const taker = { run: 'this-run', by: 'mira', host: 'kestrel', backup: undefined };
  return { ...target, lock: await takeLock(target.engine, taker, 1000) };
}

/** Two parents, three children in another schema: two of the first, one of the second. */
async function parents({ client }: Target): Promise<void> {
  await client.query(`CREATE TABLE parents (id integer PRIMARY KEY);
    CREATE SCHEMA app;
    CREATE TABLE app.children (id serial PRIMARY KEY, parent_id integer REFERENCES parents(id) ON DELETE CASCADE);
    INSERT INTO parents VALUES (1), (2);
    INSERT INTO app.children (parent_id) VALUES (1), (1), (2)`);
}

async function run(
  { engine, lock }: Target,
  statements: readonly string[],
  { tag = '0000_t', ...given }: Partial<ExecuteStep> & { readonly tag?: string } = {},
  options: UnitOptions = {},
) {
  const migration = given.migration ?? migrationOf(tag, statements);
  const shaped = bookkeeping.withShape(await engine.query(bookkeeping.shape));
  const step: ExecuteStep = {
    kind: 'execute',
    database: 'app',
    on: 'target',
    migration,
    bookkeeping: shaped,
    prepare: shaped.create(),
    recordsBefore: 0,
    leaves: { kind: 'its-record' },
    expectations: undefined,
    expected: [],
    ...given,
  };
  const enforcement = await enforcementFor(engine, migration);
  const dotted = await dottedTables(engine, step);
  return engine.unit(unitOf(step, { lock, enforcement, now: 0, dotted }), options);
}

function migrationOf(tag: string, statements: readonly string[]): Migration {
  return {
    tag,
    hash: tag,
    when: Number(tag.slice(0, 4)) + 1,
    file: `${tag}.sql`,
    statements: statements.map((sql, index) => ({ sql, line: index + 1 })),
  };
}

async function regclass({ client }: Target, table: string): Promise<unknown> {
  const { rows } = await client.query<{ oid: string | null }>('SELECT to_regclass($1)::text AS oid', [table]);
  return rows[0]?.oid;
}

async function waitsForLock({ client }: Target): Promise<void> {
  for (;;) {
    const { rowCount } = await client.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    if (rowCount) return;
  }
}
