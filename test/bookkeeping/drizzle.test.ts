import { describe, expect, test } from 'vitest';
import { drizzleBookkeeping } from '../../src/bookkeeping/drizzle.ts';
import {
  applyAll,
  bookkeepingContract,
  entriesOf,
  loaded,
  raw,
  shapedFor,
  started,
} from '../contracts/bookkeeping.ts';
import { drizzleLines } from '../support/drizzle-lines.ts';
import { folder0, folder1, writeFiles } from '../support/drizzle-folders.ts';

const table = '__drizzle_migrations';
const files0 = folder0([
  { tag: '0000_a', sql: 'CREATE TABLE a (x);', when: 1_700_000_000_123 },
  { tag: '0001_b', sql: 'CREATE TABLE b (x);', when: 1_700_000_001_456 },
  { tag: '0002_c', sql: 'CREATE TABLE c (x);', when: 1_700_000_002_789 },
]);
// The same migrations after `drizzle-kit up`.
const files1 = folder1([
  { tag: '20231114221320_a', sql: 'CREATE TABLE a (x);' },
  { tag: '20231114221321_b', sql: 'CREATE TABLE b (x);' },
  { tag: '20231114221322_c', sql: 'CREATE TABLE c (x);' },
]);

for (const [format, files] of [
  ['drizzle-0', files0],
  ['drizzle-1', files1],
] as const) {
  bookkeepingContract({
    title: format,
    tool: 'drizzle-orm',
    tables: ['__drizzle_migrations', 'odd "name"; --'],
    shape: format,
    bookkeeping: ({ table: name }) => drizzleBookkeeping({ format, table: name }),
    start: async (name) => {
      const project = await started(files);
      return {
        ...project,
        migrations: await loaded(project.folder),
        migrate: () => drizzleLines[format].migrate(project.client, project.folder, name),
      };
    },
  });
}

const bookkeeping0 = drizzleBookkeeping({ format: 'drizzle-0', table });
const bookkeeping1 = drizzleBookkeeping({ format: 'drizzle-1', table });

describe('a table of the 0.x shape under a folder of Drizzle 1.0', () => {
  test('is upgraded to exactly what drizzle-orm 1.0 makes of it', async () => {
    const results = [];
    for (const who of ['drizzle', 'us'] as const) {
      await using project = await started(files0);
      await drizzleLines['drizzle-0'].migrate(project.client, project.folder);
      // An edited file is still known by its time.
      await writeFiles(`${project.folder}-1`, { ...files1, '20231114221321_b/migration.sql': '-- edited' });
      if (who === 'drizzle') await drizzleLines['drizzle-1'].migrate(project.client, `${project.folder}-1`);
      else {
        const shaped = await shapedFor(project.query, bookkeeping1);
        expect(shaped).toMatchObject({ kind: 'drizzle-1', tableShape: 'drizzle-0' });
        const upgrade = shaped.upgrade(
          await entriesOf(project.query, shaped),
          await loaded(`${project.folder}-1`),
        );
        for (const statement of upgrade) await project.query(statement);
      }
      results.push(await raw(project.client, table));
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[0]).toMatchObject({
      rows: [{ name: '20231114221320_a', id: null }, {}, { name: '20231114221322_c' }],
    });
  });

  test('with several migrations of one second is told apart by hash, as there', async () => {
    const same = folder1([
      { tag: '20231114221320_a', sql: 'CREATE TABLE a (x);' },
      { tag: '20231114221320_b', sql: 'CREATE TABLE b (x);' },
      { tag: '20240101000000_c', sql: 'CREATE TABLE c (x);' },
    ]);
    const results = [];
    for (const who of ['drizzle', 'us'] as const) {
      await using project = await started(files0);
      await project.client.execute(bookkeeping0.create()[0]?.sql ?? '');
      const [a, b, c] = await loaded(project.folder);
      // b in the second of a; c in a second that no folder has.
      for (const [migration, when] of [
        [a, 1_700_000_000_999],
        [b, 1_700_000_000_001],
        [c, 1_600_000_000_000],
      ] as const) {
        if (migration) await project.query(bookkeeping0.record({ ...migration, when }, 0));
      }
      await writeFiles(`${project.folder}-1`, same);
      if (who === 'drizzle') await drizzleLines['drizzle-1'].migrate(project.client, `${project.folder}-1`);
      else {
        const shaped = await shapedFor(project.query, bookkeeping1);
        const upgrade = shaped.upgrade(
          await entriesOf(project.query, shaped),
          await loaded(`${project.folder}-1`),
        );
        for (const statement of upgrade) await project.query(statement);
      }
      results.push(await raw(project.client, table));
    }
    expect(results[1]).toEqual(results[0]);
  });

  test('with a row whose second has several migrations, none of its hash, is refused, as there', async () => {
    await using project = await started(files0);
    await applyAll(project.query, (await loaded(project.folder)).slice(2), bookkeeping0);
    await project.client.execute(`UPDATE ${table} SET created_at = ${Date.UTC(2023, 10, 14, 22, 13, 20)}`);
    const files = folder1([
      { tag: '20231114221320_a', sql: 'CREATE TABLE a (x);' },
      { tag: '20231114221320_b', sql: 'CREATE TABLE b (x);' },
      { tag: '20240101000000_c', sql: 'CREATE TABLE c (x);' },
    ]);
    await writeFiles(`${project.folder}-1`, files);
    const migrations = await loaded(`${project.folder}-1`);
    const shaped = await shapedFor(project.query, bookkeeping1);
    const entries = await entriesOf(project.query, shaped);
    expect(() => shaped.upgrade(entries, migrations)).toThrow(/fit no migration/);
    await expect(drizzleLines['drizzle-1'].migrate(project.client, `${project.folder}-1`)).rejects.toThrow(
      'do not match any local migration',
    );
  });

  test('with a row that fits no migration is refused, as drizzle-orm 1.0 refuses it', async () => {
    await using project = await started(files0);
    await applyAll(project.query, await loaded(project.folder), bookkeeping0);
    const { '20231114221321_b/migration.sql': _, ...without } = files1;
    await writeFiles(`${project.folder}-1`, without);
    const migrations = await loaded(`${project.folder}-1`);
    const shaped = await shapedFor(project.query, bookkeeping1);
    const entries = await entriesOf(project.query, shaped);
    expect(() => shaped.upgrade(entries, migrations)).toThrow(/1 of its rows fit no migration in the folder/);
    await expect(drizzleLines['drizzle-1'].migrate(project.client, `${project.folder}-1`)).rejects.toThrow(
      'do not match any local migration',
    );
  });
});

describe('a table of the 1.0 shape under a folder of Drizzle 0.x', () => {
  test('gets the rows that drizzle-orm 0.x adds to it: without a name', async () => {
    const results = [];
    for (const who of ['drizzle', 'us'] as const) {
      await using project = await started(files0);
      for (const statement of bookkeeping1.create()) await project.query(statement);
      if (who === 'drizzle') await drizzleLines['drizzle-0'].migrate(project.client, project.folder);
      else {
        const shaped = await shapedFor(project.query, bookkeeping0);
        expect(shaped).toMatchObject({ kind: 'drizzle-0', tableShape: 'drizzle-1' });
        expect(shaped.upgrade([], [])).toEqual([]);
        await applyAll(project.query, await loaded(project.folder), shaped);
      }
      results.push(await raw(project.client, table));
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[0]).toMatchObject({ rows: [{ name: null, applied_at: null }, {}, {}] });
  });
});

describe('what is read from a table', () => {
  test('NULL ids are no obstacle: rows are addressed by rowid', async () => {
    await using project = await started(files0);
    await drizzleLines['drizzle-0'].migrate(project.client, project.folder);
    const entries = await entriesOf(project.query, await shapedFor(project.query, bookkeeping0));
    expect(entries.map(({ id, rowid }) => [id, rowid])).toEqual([
      [undefined, 1],
      [undefined, 2],
      [undefined, 3],
    ]);
  });

  test('the time of applying, where 1.0 keeps it', async () => {
    await using project = await started(files1);
    const before = Date.now();
    await drizzleLines['drizzle-1'].migrate(project.client, project.folder);
    const [first] = await entriesOf(project.query, await shapedFor(project.query, bookkeeping1));
    expect(first?.appliedAt).toBeGreaterThanOrEqual(before);
    expect(first).toMatchObject({ name: '20231114221320_a', createdAt: 1_700_000_000_000 });
  });

  test('a table of that name which is not Drizzle’s, and a time that is no number, are refused by name', async () => {
    await using project = await started(files0);
    await project.client.execute(`CREATE TABLE ${table} (version TEXT)`);
    await expect(shapedFor(project.query, bookkeeping0)).rejects.toThrow(
      'Table __drizzle_migrations is no tracking table of Drizzle: it has no column hash and no column created_at',
    );
    await project.client.execute(`DROP TABLE ${table}`);
    await applyAll(project.query, [], bookkeeping0);
    await project.client.execute(`INSERT INTO ${table} (hash, created_at) VALUES ('x', 'yesterday')`);
    const shaped = await shapedFor(project.query, bookkeeping0);
    await expect(entriesOf(project.query, shaped)).rejects.toThrow(
      'has a row whose created_at is not a number',
    );
  });

  test('a digest that does not depend on row numbers, order or the time of applying', () => {
    const entry = { rowid: 1, hash: 'a', createdAt: 1, name: 'x', appliedAt: 5 };
    const other = { rowid: 2, hash: 'b', createdAt: 2 };
    const digest = bookkeeping1.digest([entry, other]);
    expect(bookkeeping1.digest([other, { ...entry, rowid: 9, appliedAt: 6 }])).toBe(digest);
    expect(bookkeeping1.digest([other, { ...entry, name: 'y' }])).not.toBe(digest);
    expect(bookkeeping1.digest([other, entry, entry])).not.toBe(digest);
  });
});
