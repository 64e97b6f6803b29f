import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { folder0, folder1, writeFiles } from '../support/drizzle-folders.ts';
import { drizzleLines } from '../support/drizzle-lines.ts';
import { oddProject, type OddProject } from '../support/odd-project.ts';
import { startResident } from '../support/resident.ts';
import { createClient } from '@libsql/client';

const program = startResident();
afterAll(() => program[Symbol.asyncDispose]());
let odd: OddProject;
beforeEach(() => {
  odd = oddProject(program);
});
afterEach(() => odd[Symbol.dispose]());

const sql = {
  users: 'CREATE TABLE users (id integer PRIMARY KEY, email text);',
  rooms: 'CREATE TABLE rooms (id integer PRIMARY KEY);',
  visits: 'INSERT INTO rooms (id) VALUES (NULL);',
};
const when = Date.UTC(2026, 0, 1);
const before = folder0([
  { tag: '0000_users', sql: sql.users, when },
  { tag: '0001_rooms', sql: sql.rooms, when: when + 1000 },
  { tag: '0002_visits', sql: sql.visits, when: when + 2000 },
]);
/** As `drizzle-kit up` names them. */
const [first, second, third] = [
  '20260101000000_users',
  '20260101000001_rooms',
  '20260101000002_visits',
] as const;
const after = folder1([
  { tag: first, sql: sql.users },
  { tag: second, sql: sql.rooms },
  { tag: third, sql: sql.visits },
]);

const names = async () =>
  (await odd.rows('SELECT name FROM __drizzle_migrations ORDER BY rowid')).map(({ name }) => name);
const visits = async () => (await odd.rows('SELECT id FROM rooms')).length;

/** An old release of the application, with drizzle-orm 0.x and the folder of its time, migrates once more. */
async function oldRelease(): Promise<void> {
  const folder = join(odd.root, 'old-release');
  await writeFiles(folder, before);
  const client = createClient({ url: `file:${join(odd.root, 'staging.db')}` });
  try {
    await drizzleLines['drizzle-0'].migrate(client, folder);
  } finally {
    client.close();
  }
}

describe('records that an old release wrote after Drizzle 1.0 had migrated', () => {
  beforeEach(async () => {
    await odd.write(folder1([{ tag: first, sql: sql.users }]));
    await odd.migrate('drizzle-1');
    await oldRelease();
    await odd.write(after);
  });

  test('have no name, and would make drizzle-orm 1.0 run their migrations again: they get their names', async () => {
    expect(await names()).toEqual([first, null, null]);
    const { exitCode, cases } = await odd.cases();
    expect(exitCode).toBe(3);
    expect(cases).toMatchObject([
      {
        situation: 'nameless-records',
        tag: second,
        verdict: 'recorded without a name: 2 migrations',
        evidence: [`Row 2 is ${second}, told by its time.`, `Row 3 is ${third}, told by its time.`],
        options: [{ id: 'name-records', recommended: true, allowed: true }],
      },
    ]);
    expect(cases[0]?.meaning?.at(-1)).toBe(`That changes rows a second time: ${third}.`);
    const done = await odd.choose('name-records');
    expect(done, done.stdout).toMatchObject({ exitCode: 0, last: { kind: 'done' } });
    expect(await names()).toEqual([first, second, third]);
    expect(await odd.cases()).toEqual({ exitCode: 0, cases: [] });
    await odd.migrate('drizzle-1');
    expect(await names()).toEqual([first, second, third]);
    expect(await visits()).toBe(1);
  });

  test('are as drizzle-orm 1.0 itself would have named them', async () => {
    expect(await odd.choose('name-records')).toMatchObject({ exitCode: 0 });
    const ours = await odd.rows(
      'SELECT name, hash, created_at, applied_at FROM __drizzle_migrations WHERE rowid > 1',
    );
    using other = oddProject(program);
    await other.write(before);
    await other.migrate();
    await other.write(after);
    await other.migrate('drizzle-1');
    const theirs = await other.rows(
      'SELECT name, hash, created_at, applied_at FROM __drizzle_migrations WHERE rowid > 1',
    );
    expect(ours).toEqual(theirs);
  });

  test('and a second time under their names lose the nameless ones', async () => {
    await odd.sql('DROP TABLE rooms');
    await odd.migrate('drizzle-1');
    expect(await names()).toEqual([first, null, null, second, third]);
    const { cases } = await odd.cases();
    expect(cases).toMatchObject([
      {
        situation: 'duplicate-records',
        tag: second,
        evidence: [
          `${second} has 2 records: row 4 stays, row 2 would go.`,
          `${third} has 2 records: row 5 stays, row 3 would go.`,
        ],
        options: [{ id: 'remove-duplicates', recommended: false, allowed: true }],
      },
    ]);
    expect(await odd.choose('remove-duplicates')).toMatchObject({ exitCode: 0 });
    expect(await names()).toEqual([first, second, third]);
    expect(await odd.cases()).toEqual({ exitCode: 0, cases: [] });
    await odd.migrate('drizzle-1');
    expect(await visits()).toBe(1);
  });
});

describe('a record of Drizzle 0.x without a file', () => {
  test('keeps drizzle-orm 1.0 from migrating at all until it is removed', async () => {
    await odd.write(before);
    await odd.migrate();
    await odd.sql("INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('0badcafe00', 1700000000000)");
    await odd.write(after);
    await expect(odd.migrate('drizzle-1')).rejects.toThrow();
    const { exitCode, cases } = await odd.cases();
    expect(exitCode).toBe(3);
    expect(cases).toMatchObject([{ situation: 'orphans', tag: '0badcafe' }]);
    expect(cases[0]?.meaning?.[1]).toContain('drizzle-orm 1.0 refuses to migrate here');
    expect(await odd.choose('remove-record')).toMatchObject({ exitCode: 0 });
    expect(await odd.cases()).toEqual({ exitCode: 0, cases: [] });
    await odd.migrate('drizzle-1');
    expect(await names()).toEqual([first, second, third]);
  });
});

test('a folder that was renamed after it ran gets its record back under the name of today', async () => {
  await odd.write(after);
  await odd.migrate('drizzle-1');
  const renamed = '20260303000000_visits';
  await odd.write(
    folder1([
      { tag: first, sql: sql.users },
      { tag: second, sql: sql.rooms },
      { tag: renamed, sql: sql.visits },
    ]),
  );
  expect((await odd.cases()).cases).toMatchObject([
    { situation: 'renamed-records', tag: renamed, options: [{ id: 're-key' }, { id: 'remove-record' }] },
  ]);
  expect(await odd.choose('re-key')).toMatchObject({ exitCode: 0 });
  expect(await odd.cases()).toEqual({ exitCode: 0, cases: [] });
  await odd.migrate('drizzle-1');
  expect(await names()).toEqual([first, second, renamed]);
  expect(await visits()).toBe(1);
});

describe('nothing is found', () => {
  test('after drizzle-kit up, before and after drizzle-orm 1.0 has upgraded the table', async () => {
    await odd.write(before);
    await odd.migrate();
    await odd.write(after);
    expect(await odd.cases()).toEqual({ exitCode: 0, cases: [] });
    await odd.migrate('drizzle-1');
    expect(await odd.cases()).toEqual({ exitCode: 0, cases: [] });
  });

  test('where everything is pending, nothing is there at all, or the folder is empty', async () => {
    await odd.write(after);
    expect(await odd.cases()).toEqual({ exitCode: 0, cases: [] });
    await odd.migrate('drizzle-1');
    await odd.write({ ...after, '20260101000003_more/migration.sql': 'CREATE TABLE more (x);' });
    expect(await odd.cases()).toEqual({ exitCode: 0, cases: [] });
  });

  test('in a journal with gaps, without snapshots, and with times that do not grow', async () => {
    const [a, b] = [
      { tag: '0004_users', sql: sql.users, when: when + 1000 },
      { tag: '0009_rooms', sql: sql.rooms, when },
    ];
    await odd.write(folder0([a, b]));
    await odd.migrate();
    expect(await odd.cases()).toEqual({ exitCode: 0, cases: [] });
  });

  test('where the first migrations went into one that took the place of the last of them', async () => {
    await odd.write(before);
    await odd.migrate();
    const baseline = [sql.users, sql.rooms, sql.visits].join('\n--> statement-breakpoint\n');
    await odd.write(folder0([{ tag: '0000_baseline', sql: baseline, when: when + 2000 }]));
    expect(await odd.cases()).toEqual({ exitCode: 0, cases: [] });
    await odd.migrate();
    expect(await visits()).toBe(1);
    await odd.write(
      folder0([{ tag: '0000_baseline', sql: `${sql.users} -- without the rooms`, when: when + 2000 }]),
    );
    expect((await odd.cases()).cases.map(({ situation }) => situation)).toEqual([
      'changed',
      'orphans',
      'orphans',
    ]);
  });

  test('where the same was done to a folder of Drizzle 1.0', async () => {
    await odd.write(after);
    await odd.migrate('drizzle-1');
    const baseline = [sql.users, sql.rooms, sql.visits].join('\n--> statement-breakpoint\n');
    await odd.write(folder1([{ tag: third, sql: baseline }]));
    expect(await odd.cases()).toEqual({ exitCode: 0, cases: [] });
  });
});
