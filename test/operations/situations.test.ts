import type { Client, InStatement } from '@libsql/client';
import { describe, expect, test } from 'vitest';
import { drizzleBookkeeping } from '../../src/bookkeeping/drizzle.ts';
import type { DrizzleLine } from '../../src/migrations/migration.ts';
import type { Correction } from '../../src/operations/history/correction.ts';
import { lineUp } from '../../src/operations/history/history.ts';
import { casesOf, type RecoverableCase, type SituationFacts } from '../../src/operations/recovery.ts';
import { replayFolder } from '../../src/runs/replay/folder-replay.ts';
import { readSchema } from '../../src/schema/read.ts';
import { entriesOf, loaded, shapedFor } from '../contracts/bookkeeping.ts';
import { folder0, folder1 } from '../support/drizzle-folders.ts';
import { drizzleProject, type DrizzleProject } from '../support/drizzle-project.ts';
import { asking } from '../../src/sql/statement.ts';

const table = '__drizzle_migrations';
const [a, b] = [
  { tag: '0000_a', sql: 'CREATE TABLE a (x);', when: 1_700_000_000_000 },
  { tag: '0001_b', sql: 'CREATE TABLE b (x);', when: 1_700_000_001_000 },
];
const named = folder1([
  { tag: '20231114221320_a', sql: a.sql },
  { tag: '20231114221321_b', sql: b.sql },
]);

/** Each brings a database into its situation, and gives the way that puts its records right. */
const situations: Readonly<Record<string, (project: DrizzleProject) => Promise<Correction>>> = {
  'accept-file': async (project) => {
    await project.write(folder0([a, { ...b, sql: `${b.sql} -- edited` }]));
    return correction(await cases(project), 'accept-file');
  },
  'remove-record': async (project) => {
    await project.write(folder0([a]));
    return correction(await cases(project), 'remove-record');
  },
  'remove-duplicates': async (project) => {
    await project.client.execute(
      `INSERT INTO ${table} (hash, created_at) SELECT hash, created_at FROM ${table} LIMIT 1`,
    );
    return correction(await cases(project), 'remove-duplicates');
  },
  'rebuild-records': async (project) => {
    await project.write(
      folder0([
        { tag: '0000_new', sql: `${a.sql}\n--> statement-breakpoint\n${b.sql}`, when: 1_760_000_000_000 },
      ]),
    );
    return correction(await cases(project), 'rebuild-records');
  },
  'name-records': async (project) => {
    await project.write(named);
    await project.client.execute(`ALTER TABLE ${table} ADD COLUMN name text`);
    await project.client.execute(`ALTER TABLE ${table} ADD COLUMN applied_at TEXT`);
    return correction(await cases(project, 'drizzle-1'), 'name-records');
  },
};

describe.each(Object.entries(situations))('%s', (_id, bring) => {
  test('is one unit that raises before it writes when the records are others by now', async () => {
    for (const meanwhile of [
      `INSERT INTO ${table} (hash, created_at) VALUES ('new', 1800000000000)`,
      `DELETE FROM ${table} WHERE rowid = 2`,
      `DELETE FROM ${table} WHERE rowid = 2; INSERT INTO ${table} (rowid, hash, created_at) VALUES (77, 'new', 1800000000000)`,
      `UPDATE ${table} SET hash = 'new'`,
    ]) {
      await using project = await drizzleProject(folder0([a, b]));
      await project.migrate();
      const statements = await bring(project);
      expect(statements[0]?.role).toBe('guard');
      await project.client.executeMultiple(meanwhile);
      const before = await rows(project.client);
      await expect(project.client.batch(inputs(statements), 'write'), meanwhile).rejects.toThrow(
        'migrate-tui-guard:history',
      );
      expect(await rows(project.client)).toEqual(before);
    }
  });

  test('writes nothing but records, and leaves no such case', async () => {
    await using project = await drizzleProject(folder0([a, b]));
    await project.migrate();
    const statements = await bring(project);
    const schema = await project.tables();
    await project.client.batch(inputs(statements), 'write');
    expect(await project.tables()).toEqual(schema);
    for (const { sql } of statements.filter(({ role }) => role === 'record')) expect(sql).toContain(table);
    const line = (
      await project.client.execute(`SELECT name FROM pragma_table_info('${table}') WHERE name = 'name'`)
    ).rows.length;
    expect(await cases(project, line > 0 ? 'drizzle-1' : 'drizzle-0')).toEqual([]);
  });
});

test('healthy records are no case, however many there are', async () => {
  await using project = await drizzleProject(folder0([a, b]));
  expect(await cases(project)).toEqual([]);
  await project.migrate();
  expect(await cases(project)).toEqual([]);
});

test('a row without a name that fits no file is shown as a record without a file, and not named', async () => {
  await using project = await drizzleProject(named, 'drizzle-1');
  await project.migrate();
  await project.client.execute(`INSERT INTO ${table} (hash, created_at) VALUES ('cafebabe00', 1)`);
  const found = await cases(project, 'drizzle-1');
  expect(found.map(({ shown }) => [shown.situation, shown.tag])).toEqual([['orphans', 'cafebabe']]);
});

async function cases(
  project: DrizzleProject,
  format: DrizzleLine = 'drizzle-0',
): Promise<readonly RecoverableCase[]> {
  const { client, folder } = project;
  const bookkeeping = await shapedFor(client, drizzleBookkeeping({ format, table }));
  const entries = bookkeeping.exists ? await entriesOf(client, bookkeeping) : [];
  const migrations = await loaded(folder);
  const query = asking('sqlite', async ({ sql }) =>
    (await client.execute(sql)).rows.map(({ objects }) => ({
      objects: typeof objects === 'string' ? objects : null,
    })),
  );
  const facts: SituationFacts = {
    folder: await replayFolder({
      migrations,
      target: await readSchema(query, { bookkeeping: [table] }),
      like: 'libsql-file',
      bookkeeping: table,
    }),
  };
  return casesOf({
    database: 'app',
    history: lineUp({ migrations, entries, bookkeeping }),
    diagnosed: new Map(),
    entries,
    bookkeeping,
    beside: undefined,
    backup: undefined,
    environment: 'staging',
    ...facts,
  });
}

function correction(found: readonly RecoverableCase[], id: string): Correction {
  const way = found.map(({ ways }) => ways.get(id)).find((each) => each !== undefined);
  if (way?.kind !== 'correct') throw new Error(`No case offers ${id}.`);
  return way.statements(Date.UTC(2026, 0, 1));
}

async function rows(client: Client) {
  return (await client.execute(`SELECT rowid, * FROM ${table} ORDER BY rowid`)).rows.map((row) => ({
    ...row,
  }));
}

function inputs(statements: Correction): InStatement[] {
  return statements.map(({ sql, args = [] }) => ({ sql, args: [...args] }));
}
