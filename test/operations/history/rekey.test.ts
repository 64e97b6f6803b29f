import { execFile } from 'node:child_process';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createClient, type Client, type InStatement } from '@libsql/client';
import { describe, expect, test } from 'vitest';
import type { Entry } from '../../../src/bookkeeping/bookkeeping.ts';
import { d1Bookkeeping } from '../../../src/bookkeeping/d1.ts';
import type { Migration } from '../../../src/migrations/migration.ts';
import { readFolder } from '../../../src/migrations/read-folder.ts';
import type { Correction } from '../../../src/operations/history/correction.ts';
import { lineUp, tagOf } from '../../../src/operations/history/history.ts';
import { renameRecords, renamesOf } from '../../../src/operations/history/rekey.ts';
import { select } from '../../../src/operations/history/selection.ts';
import { entriesOf, shapedFor } from '../../contracts/bookkeeping.ts';
import { wranglerFolder } from '../../support/wrangler-folder.ts';

const fixture = join(import.meta.dirname, '../../fixtures/drizzle-0/index');
const kit = join(import.meta.dirname, '../../peers/drizzle-1/node_modules/drizzle-kit/bin.cjs');
const table = 'd1_migrations';

describe('after drizzle-kit up moved the files that wrangler applied into folders', () => {
  test('the records get the new names, and wrangler has nothing to apply', async () => {
    await using project = await wranglerFolder({});
    await cp(fixture, project.folder, { recursive: true });
    await project.apply();
    await promisify(execFile)(process.execPath, [kit, 'up', '--dialect', 'sqlite', '--out', './migrations'], {
      cwd: join(project.folder, '..'),
    });
    using client = closing(createClient({ url: `file:${project.database}` }));
    const bookkeeping = await shapedFor(client, d1Bookkeeping({ directory: project.folder, table }));
    const entries = await entriesOf(client, bookkeeping);
    const { migrations } = await readFolder({ directory: project.folder, recordedBy: 'd1' });
    const history = lineUp({ migrations, entries, bookkeeping });
    expect(history.renames?.pairs.map(({ from, to }) => [from, to])).toEqual([
      ['0000_first.sql', '20261121042258_first/migration.sql'],
      ['0001_due_date.sql', '20261121042300_due_date/migration.sql'],
      ['0002_seed.sql', '20261121042300_seed/migration.sql'],
    ]);
    expect(history.notes).toEqual([
      {
        message:
          '3 records of d1_migrations have the name from before drizzle-kit up moved the migrations into folders ' +
          '(0000_first.sql is now 20261121042258_first/migration.sql): wrangler would run them again; ' +
          'the records are to be renamed before anything is deployed',
      },
    ]);
    const { selected, refusal } = select(history, {
      environment: 'staging',
      to: undefined,
      only: undefined,
      order: 'in-order',
    });
    expect(selected).toEqual([]);
    expect(refusal).toMatchObject({
      code: 'refused',
      message:
        '3 migrations that look pending ran before drizzle-kit up moved them into folders: ' +
        'd1_migrations still has the old names, such as 0000_first.sql. Nothing was changed.',
      next: expect.stringContaining('--choose re-key'),
    });
    if (!history.renames) throw new Error('No rename was recognised.');
    await client.batch(inputs(renameRecords(history.renames, entries)), 'write');
    await project.setPattern('*/migration.sql');
    expect((await project.list()).says).toContain('No migrations to apply!');
    const after = lineUp({ migrations, entries: await entriesOf(client, bookkeeping), bookkeeping });
    expect(after.items.map((item) => `${tagOf(item)} ${item.kind}`)).toEqual([
      '20261121042258_first applied',
      '20261121042300_due_date applied',
      '20261121042300_seed applied',
    ]);
    expect(after.renames).toBeUndefined();
  });
});

describe('which record became which folder', () => {
  test('is told by all after the first underscore, and by nothing less', () => {
    const found = renames(
      [
        '0000_init.sql',
        '20240101000000_add_users.sql',
        'add_users_more.sql',
        '0003_gone.sql',
        'v1/0001_x.sql',
      ],
      ['20240101000000_init', '20240102000000_add_users', '20240103000000_users_more', '20240104000000_new'],
    );
    expect(found).toEqual({
      pairs: [
        '0000_init.sql → 20240101000000_init/migration.sql',
        '20240101000000_add_users.sql → 20240102000000_add_users/migration.sql',
        'add_users_more.sql → 20240103000000_users_more/migration.sql',
      ],
      records: ['0003_gone.sql'],
      migrations: [],
    });
  });

  test('several of one name are paired in order when there are as many, else none of them', () => {
    const folders = ['20240101000000_fix', '20240105000000_fix', '20240106000000_other'];
    expect(renames(['10_fix.sql', '9_fix.sql', '1_other.sql'], folders).pairs).toEqual([
      '9_fix.sql → 20240101000000_fix/migration.sql',
      '10_fix.sql → 20240105000000_fix/migration.sql',
      '1_other.sql → 20240106000000_other/migration.sql',
    ]);
    expect(renames(['0003_fix.sql', '0009_other.sql'], folders)).toEqual({
      pairs: ['0009_other.sql → 20240106000000_other/migration.sql'],
      records: ['0003_fix.sql'],
      migrations: ['20240101000000_fix', '20240105000000_fix'],
    });
  });

  test('a folder that was made after the record was written is another migration of the same name', () => {
    expect(renames(['0000_init.sql'], ['20300101000000_init'])).toBe(none);
    expect(renames(['0000_init.sql'], ['20240701000030_init']).pairs).toHaveLength(1);
  });

  test('a name without an underscore tells nothing', () => {
    expect(renames(['init.sql', 'users.sql'], ['20240101000000_', '20240102000000_'])).toBe(none);
  });

  test('nothing is recognised in folders of plain files, or by the table of Drizzle', () => {
    expect(renames(['0000_init.sql'], [])).toBe(none);
    const bookkeeping = d1Bookkeeping({ directory: '/m', table });
    const records = [entry(1, '0000_init.sql')];
    const moved = migration('20240101000000_init');
    expect(renamesOf([moved], records, { ...bookkeeping, kind: 'drizzle-1' })).toBeUndefined();
    expect(renamesOf([{ ...moved, file: '/m/0001_init.sql' }], records, bookkeeping)).toBeUndefined();
  });
});

describe('renaming records', () => {
  const names = ['0000_init.sql', "0001_it's.sql"];
  const migrations = [migration('20240101000000_init'), migration("20240102000000_it's")];

  test('keeps their order and their times', async () => {
    using client = await recorded(names);
    const before = await rows(client);
    await client.batch(await correction(client), 'write');
    expect(await rows(client)).toEqual(
      before.map((row, at) => ({ ...row, name: `${migrations[at]?.tag}/migration.sql` })),
    );
  });

  for (const [what, sql] of Object.entries({
    'a record came': "INSERT INTO d1_migrations (name) VALUES ('0002_more.sql')",
    'a record went': 'DELETE FROM d1_migrations WHERE id = 2',
    'one went and another came': `DELETE FROM d1_migrations WHERE id = 2; INSERT INTO d1_migrations (name) VALUES ('x.sql')`,
    'somebody else renamed one': "UPDATE d1_migrations SET name = 'other.sql' WHERE id = 2",
    'a record has the new name already':
      "UPDATE d1_migrations SET name = '20240102000000_it''s/migration.sql' WHERE id = 2",
  })) {
    test(`changes nothing when ${what} since they were read`, async () => {
      using client = await recorded(names);
      const statements = await correction(client);
      await client.executeMultiple(sql);
      const before = await rows(client);
      await expect(client.batch(statements, 'write')).rejects.toThrow('migrate-tui-guard:history');
      expect(await rows(client)).toEqual(before);
    });
  }

  async function correction(client: Client): Promise<InStatement[]> {
    const bookkeeping = await shapedFor(client, d1Bookkeeping({ directory: '/m', table }));
    const entries = await entriesOf(client, bookkeeping);
    const { renames: found } = lineUp({ migrations, entries, bookkeeping });
    if (!found) throw new Error('No rename was recognised.');
    return inputs(renameRecords(found, entries));
  }
});

interface Found {
  readonly pairs: readonly string[];
  readonly records: readonly (string | undefined)[];
  readonly migrations: readonly string[];
}

const none: Found = { pairs: [], records: [], migrations: [] };

function renames(names: readonly string[], folders: readonly string[]): Found {
  const bookkeeping = d1Bookkeeping({ directory: '/m', table });
  const entries = names.map((name, index) => entry(index + 1, name));
  const found = renamesOf(folders.map(migration), entries, bookkeeping);
  if (!found) return none;
  return {
    pairs: found.pairs.map(({ from, to }) => `${from} → ${to}`),
    records: found.unmatchedRecords.map(({ name }) => name),
    migrations: found.unmatchedMigrations.map(({ tag }) => tag),
  };
}

function entry(rowid: number, name: string): Entry {
  return { rowid, name, hash: '', createdAt: 0, appliedAt: Date.UTC(2024, 6, 1) };
}

function migration(tag: string): Migration {
  const [year, month, day, hour, minute, second] = (/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)/.exec(tag) ?? [])
    .slice(1)
    .map(Number);
  const when = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second);
  return { tag, when, hash: tag, file: `/m/${tag}/migration.sql`, statements: [] };
}

async function recorded(names: readonly string[]): Promise<Client & Disposable> {
  const client = closing(createClient({ url: ':memory:' }));
  const bookkeeping = d1Bookkeeping({ directory: '/m', table });
  for (const { sql } of bookkeeping.create()) await client.execute(sql);
  for (const name of names) {
    await client.execute({ sql: 'INSERT INTO d1_migrations (name) VALUES (?)', args: [name] });
  }
  return client;
}

async function rows(client: Client) {
  return (await client.execute('SELECT * FROM d1_migrations ORDER BY id')).rows.map((row) => ({ ...row }));
}

function closing(client: Client): Client & Disposable {
  return Object.assign(client, { [Symbol.dispose]: () => client.close() });
}

function inputs(correction: Correction): InStatement[] {
  return correction.map(({ sql, args = [] }) => ({ sql, args: [...args] }));
}
