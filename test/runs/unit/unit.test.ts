import { expect, test } from 'vitest';
import { drizzleBookkeeping } from '../../../src/bookkeeping/drizzle.ts';
import type { Engine } from '../../../src/engines/engine.ts';
import { openLibsqlFile } from '../../../src/engines/libsql/file.ts';
import type { Migration } from '../../../src/migrations/migration.ts';
import type { ExecuteStep } from '../../../src/operations/plan/step.ts';
import { enforcementFor } from '../../../src/runs/unit/enforcement.ts';
import { takeLock, type HeldLock } from '../../../src/runs/lock/lock.ts';
import { unitOf } from '../../../src/runs/unit/unit.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const bookkeeping = drizzleBookkeeping({ format: 'drizzle-0', table: '__drizzle_migrations' });

test('a unit is refused whole when somebody else recorded a migration meanwhile', async () => {
  await using target = await openTarget();
  await run(target, ['CREATE TABLE other (id integer)'], { recordsBefore: 0, tag: '0000_other' });
  const outcome = await run(target, ['CREATE TABLE late (id integer)'], {
    recordsBefore: 0,
    tag: '0001_late',
  });
  expect(outcome).toMatchObject({ kind: 'guarded', guard: 'history', detail: '1 records instead of 0' });
  expect(await namesIn(target.engine)).not.toContain('late');
});

test('rows that a cascade takes along are missed inside the transaction, and nothing stays', async () => {
  await using target = await openTarget();
  await parents(target);
  const outcome = await run(target, ['DELETE FROM parents WHERE id = 1'], {
    expectations: { tag: 't', tables: [{ table: 'children', mayLose: 0 }] },
  });
  expect(outcome).toMatchObject({ kind: 'guarded', guard: 'rows', detail: 'children 2' });
  expect(await target.engine.query({ sql: 'SELECT count(*) AS n FROM parents' })).toEqual([{ n: 2 }]);
});

test('an accepted loss is a bound and not a blank cheque', async () => {
  await using target = await openTarget();
  await parents(target);
  const taking = (mayLose: number) =>
    run(target, ['DELETE FROM parents WHERE id = 1'], {
      recordsBefore: 0,
      expectations: { tag: 't', tables: [{ table: 'children', mayLose }] },
    });
  expect((await taking(1)).kind).toBe('guarded');
  expect((await taking(2)).kind).toBe('committed');
});

test('values that are set to NULL are missed too', async () => {
  await using target = await openTarget();
  await parents(target);
  const outcome = await run(target, ['UPDATE children SET parent_id = NULL'], {
    expectations: { tag: 't', tables: [{ table: 'children', column: 'parent_id', mayLose: 0 }] },
  });
  expect(outcome).toMatchObject({ kind: 'guarded', guard: 'rows', detail: 'children.parent_id 3' });
});

test('a rebuilt parent keeps its children, because foreign keys are off for exactly that unit', async () => {
  await using target = await openTarget();
  await parents(target);
  const rebuild = [
    'PRAGMA foreign_keys=OFF',
    'CREATE TABLE __new_parents (id integer PRIMARY KEY, name text)',
    'INSERT INTO __new_parents SELECT id, NULL FROM parents',
    'DROP TABLE parents',
    'ALTER TABLE __new_parents RENAME TO parents',
    'PRAGMA foreign_keys=ON',
  ];
  expect(await enforcementFor(target.engine, migrationOf('t', rebuild))).toMatchObject({
    foreignKeys: 'off',
  });
  const outcome = await run(target, rebuild, {
    expectations: { tag: 't', tables: [{ table: 'children', mayLose: 0 }] },
  });
  expect(outcome.kind).toBe('committed');
  expect(await target.engine.query({ sql: 'SELECT count(*) AS n FROM children' })).toEqual([{ n: 3 }]);
  expect(await target.engine.query({ sql: 'PRAGMA foreign_keys' })).toEqual([{ foreign_keys: 1 }]);
});

test('orphans that a rebuild would commit are refused by name, older ones are not held against it', async () => {
  await using target = await openTarget();
  await parents(target);
  await target.engine.unit({
    foreignKeys: 'off',
    statements: [{ role: 'guard', sql: 'INSERT INTO children (parent_id) VALUES (99)' }],
  });
  const rebuildKeeping = (which: string) => [
    'CREATE TABLE __new_parents (id integer PRIMARY KEY, name text)',
    `INSERT INTO __new_parents SELECT id, NULL FROM parents ${which}`,
    'DROP TABLE parents',
    'ALTER TABLE __new_parents RENAME TO parents',
  ];
  const orphaning = await run(target, rebuildKeeping('WHERE id = 1'));
  expect(orphaning).toMatchObject({ kind: 'guarded', guard: 'foreign-keys', detail: 'children to parents' });
  expect((await run(target, rebuildKeeping(''))).kind).toBe('committed');
});

test('rows may come before the rows they refer to, as under the original tool', async () => {
  await using target = await openTarget();
  await parents(target);
  const outcome = await run(target, [
    'INSERT INTO children (parent_id) VALUES (7)',
    'INSERT INTO parents (id) VALUES (7)',
  ]);
  expect(outcome.kind).toBe('committed');
});

interface Target extends AsyncDisposable {
  readonly engine: Engine;
  readonly lock: HeldLock;
}

async function openTarget(): Promise<Target> {
  const folder = await temporaryFolder();
  const engine = await openLibsqlFile({
    path: folder.file('target.db'),
    ifMissing: 'create',
    busyTimeout: 1000,
  });
  const lock = await takeLock(
    engine,
    { run: 'this-run', by: 'mira', host: 'kestrel', backup: undefined },
    1000,
  );
  return {
    engine,
    lock,
    async [Symbol.asyncDispose]() {
      await engine[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Two parents, three children: two of the first, one of the second. */
async function parents({ engine }: Target): Promise<void> {
  const statements = [
    'CREATE TABLE parents (id integer PRIMARY KEY)',
    'CREATE TABLE children (id integer PRIMARY KEY, parent_id integer REFERENCES parents(id) ON DELETE CASCADE)',
    'INSERT INTO parents VALUES (1), (2)',
    'INSERT INTO children (parent_id) VALUES (1), (1), (2)',
  ];
  const made = await engine.unit({
    foreignKeys: 'on',
    statements: statements.map((sql) => ({ sql, role: 'guard' })),
  });
  expect(made.kind).toBe('committed');
}

async function run(
  { engine, lock }: Target,
  statements: readonly string[],
  { tag = '0000_t', ...given }: Partial<ExecuteStep> & { readonly tag?: string } = {},
) {
  const migration = migrationOf(tag, statements);
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
  return engine.unit(unitOf(step, { lock, enforcement: await enforcementFor(engine, migration), now: 0 }));
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

async function namesIn(engine: Engine): Promise<readonly unknown[]> {
  return (await engine.query({ sql: 'SELECT name FROM sqlite_schema' })).map(({ name }) => name);
}
