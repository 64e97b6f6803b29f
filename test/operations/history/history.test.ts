import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Entry } from '../../../src/bookkeeping/bookkeeping.ts';
import { drizzleBookkeeping } from '../../../src/bookkeeping/drizzle.ts';
import type { Migration } from '../../../src/migrations/migration.ts';
import { lineUp, tagOf } from '../../../src/operations/history/history.ts';
import type { History } from '../../../src/operations/history/history.ts';
import { loaded } from '../../contracts/bookkeeping.ts';
import { drizzleLines } from '../../support/drizzle-lines.ts';
import { drizzleProject } from '../../support/drizzle-project.ts';
import { folder0, folder1 } from '../../support/drizzle-folders.ts';

const sql = (name: string) => `CREATE TABLE ${name} (x);`;
const [a, b, c] = [
  { tag: '0000_a', sql: sql('a'), when: 1000 },
  { tag: '0001_b', sql: sql('b'), when: 2000 },
  { tag: '0002_c', sql: sql('c'), when: 3000 },
];

describe('with Drizzle 0.x', () => {
  test('what was applied is applied, what comes after is pending', async () => {
    await using project = await drizzleProject(folder0([a, b]));
    await project.migrate();
    await project.write(folder0([a, b, c]));
    expect(await states(project)).toEqual(['0000_a applied', '0001_b applied', '0002_c pending']);
    await project.migrate();
    expect(await project.tables()).toEqual(['a', 'b', 'c']);
  });

  test('one that was merged later with an older time is skipped: drizzle-orm never runs it, and says nothing', async () => {
    await using project = await drizzleProject(folder0([a, c]));
    await project.migrate();
    await project.write(folder0([a, b, c]));
    expect(await states(project)).toEqual(['0000_a applied', '0001_b skipped', '0002_c applied']);
    await project.migrate();
    expect(await project.tables()).toEqual(['a', 'c']);
  });

  test('one with the same time as the newest record is skipped too', async () => {
    await using project = await drizzleProject(folder0([a, b]));
    await project.migrate();
    await project.write(folder0([a, b, { ...c, when: b.when }]));
    expect(await states(project)).toEqual(['0000_a applied', '0001_b applied', '0002_c skipped']);
    await project.migrate();
    expect(await project.tables()).toEqual(['a', 'b']);
  });

  test('on a fresh database nothing is skipped, however the journal is ordered, and equal times are told apart by hash', async () => {
    const files = folder0([c, a, { ...b, when: a.when }]);
    await using project = await drizzleProject(files);
    expect(await states(project)).toEqual(['0002_c pending', '0000_a pending', '0001_b pending']);
    await project.migrate();
    expect(await states(project)).toEqual(['0002_c applied', '0000_a applied', '0001_b applied']);
  });

  test('an edited file is changed, which drizzle-orm does not notice', async () => {
    await using project = await drizzleProject(folder0([a, b]));
    await project.migrate();
    await project.write(folder0([a, { ...b, sql: `${b.sql} -- edited` }]));
    expect(await states(project)).toEqual(['0000_a applied', '0001_b changed']);
    await project.migrate();
    expect(await states(project)).toEqual(['0000_a applied', '0001_b changed']);
  });

  test('a file that git checked out with other line ends is applied, with a note', async () => {
    const [unix, windows] = ['CREATE TABLE a (\n x\n);\n', 'CREATE TABLE a (\r\n x\r\n);\r\n'];
    for (const [there, here] of [
      [unix, windows],
      [windows, unix],
    ] as const) {
      await using project = await drizzleProject(folder0([{ ...a, sql: there }]));
      await project.migrate();
      await project.write(folder0([{ ...a, sql: here }]));
      expect(await states(project)).toEqual(['0000_a applied']);
      expect((await project.history()).notes[0]?.message).toContain('with other line ends');
    }
  });

  test('a record without a file is an orphan, where its time puts it, by the start of its hash', async () => {
    await using project = await drizzleProject(folder0([a, b, c]));
    await project.migrate();
    await project.write(folder0([a, c]));
    const history = await project.history();
    expect(history.items.map(({ kind }) => kind)).toEqual(['applied', 'orphan', 'applied']);
    expect(history.items.map(tagOf)[1]).toMatch(/^[0-9a-f]{8}$/);
  });

  test('a record twice is one applied migration and a note', async () => {
    await using project = await drizzleProject(folder0([a, b]));
    await project.migrate();
    await project.client.execute(
      'INSERT INTO __drizzle_migrations (hash, created_at) SELECT hash, created_at FROM __drizzle_migrations WHERE created_at = 1000',
    );
    expect(await states(project)).toEqual(['0000_a applied', '0001_b applied']);
    expect((await project.history()).notes).toEqual([
      { tag: '0000_a', message: '0000_a is recorded 2 times' },
    ]);
  });

  test('an empty hash, as some drivers write it, is no edit', async () => {
    await using project = await drizzleProject(folder0([a]));
    await project.migrate();
    await project.client.execute("UPDATE __drizzle_migrations SET hash = ''");
    expect(await states(project)).toEqual(['0000_a applied']);
  });

  test('a file that was given a later time after it was applied is pending, with a warning', async () => {
    await using project = await drizzleProject(folder0([a, b]));
    await project.migrate();
    await project.write(folder0([a, { ...b, when: 9000 }]));
    const history = await project.history();
    expect(history.items.map(({ kind }) => kind)).toEqual(['applied', 'orphan', 'pending']);
    expect(history.notes).toEqual([
      {
        tag: '0001_b',
        message: '0001_b has the content of a recorded migration without a file (1970-01-01T00:00:02.000Z)',
      },
    ]);
    await expect(project.migrate()).rejects.toThrow();
  });

  test('two statements in one chunk: drizzle-orm on libSQL runs the first and records it all', async () => {
    await using project = await drizzleProject(folder0([{ ...a, sql: `${sql('a')} ${sql('z')}` }]));
    await project.migrate();
    expect(await states(project)).toEqual(['0000_a applied']);
    expect(await project.tables()).toEqual(['a']);
    expect((await loaded(project.folder))[0]?.statements).toHaveLength(2);
  });

  test('a trailing breakpoint, a comment-only chunk or an empty --custom file stops drizzle-orm on libSQL; it has no statement', async () => {
    for (const text of [
      `${sql('a')}\n--> statement-breakpoint\n`,
      '-- Custom SQL migration file, put your code below! --',
    ]) {
      await using project = await drizzleProject(folder0([{ ...a, sql: text }]));
      await expect(project.migrate()).rejects.toThrow();
      expect(await states(project)).toEqual(['0000_a pending']);
    }
  });

  test('a marker inside a comment: drizzle-orm runs what was commented out, here it is no statement', async () => {
    const commented = `${sql('a')} /*\n--> statement-breakpoint\n${sql('z')}\n*/`;
    await using project = await drizzleProject(folder0([{ ...a, sql: commented }]));
    await project.migrate();
    expect(await project.tables()).toEqual(['a', 'z']);
    expect((await loaded(project.folder))[0]?.statements.map((each) => each.sql)).toEqual([
      'CREATE TABLE a (x)',
    ]);
  });

  test('a table that 1.0 upgraded reads the same, with a note', async () => {
    await using project = await drizzleProject(folder0([a, b]));
    await project.migrate();
    await project.client.execute('ALTER TABLE __drizzle_migrations ADD name text');
    expect(await states(project)).toEqual(['0000_a applied', '0001_b applied']);
    expect((await project.history()).notes[0]?.message).toContain('has the shape of Drizzle 1.0');
  });

  test('for any journal and any part of it applied, pending is exactly what drizzle-orm then runs', async () => {
    const when = fc.integer({ min: 1, max: 6 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(when, fc.boolean()), { minLength: 1, maxLength: 6 }),
        async (plan) => {
          const all = plan.map(([time], index) => ({
            tag: `m${index}`,
            sql: sql(`t${index}`),
            when: time * 1000,
          }));
          await using project = await drizzleProject(folder0(all.filter((_, index) => plan[index]?.[1])));
          await project.migrate();
          await project.write(folder0(all));
          const before = await project.tables();
          const { items } = await project.history();
          const pending = items.flatMap((item) =>
            item.kind === 'pending' ? [item.migration.tag.replace('m', 't')] : [],
          );
          await project.migrate();
          expect(await project.tables()).toEqual([...before, ...pending].toSorted());
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('with Drizzle 1.0', () => {
  const [first, second, third] = [
    { tag: '20240101000000_a', sql: sql('a') },
    { tag: '20240102000000_b', sql: sql('b') },
    { tag: '20240103000000_c', sql: sql('c') },
  ];

  test('an older folder that comes later is pending, and drizzle-orm runs it', async () => {
    await using project = await drizzleProject(folder1([first, third]), 'drizzle-1');
    await project.migrate();
    await project.write(folder1([first, second, third]));
    expect(await states(project)).toEqual([
      `${first.tag} applied`,
      `${second.tag} pending`,
      `${third.tag} applied`,
    ]);
    await project.migrate();
    expect(await project.tables()).toEqual(['a', 'b', 'c']);
  });

  test('an edited file is changed, a folder that went is an orphan with its name', async () => {
    await using project = await drizzleProject(folder1([first, second]), 'drizzle-1');
    await project.migrate();
    await project.write(folder1([{ ...second, sql: '-- edited' }]));
    expect(await states(project)).toEqual([`${first.tag} orphan`, `${second.tag} changed`]);
  });

  test('records of 0.x are known by the names that 1.0 will give them', async () => {
    await using project = await drizzleProject(folder0([{ ...a, when: Date.UTC(2024, 0, 1) + 123 }]));
    await project.migrate();
    await project.write(folder1([first, second]));
    const history = await project.history('drizzle-1');
    expect(history.items.map(({ kind }) => kind)).toEqual(['applied', 'pending']);
    expect(history.notes[0]?.message).toContain('has the shape of Drizzle 0.x');
    await drizzleLines['drizzle-1'].migrate(project.client, project.folder);
    expect(await project.tables()).toEqual(['a', 'b']);
  });

  test('a record without a name counts as applied, with a warning that drizzle-orm would run it again', async () => {
    await using project = await drizzleProject(folder1([first, second]), 'drizzle-1');
    await project.migrate();
    await project.client.execute('UPDATE __drizzle_migrations SET name = NULL WHERE id = 2');
    const history = await project.history();
    expect(history.items.map(({ kind }) => kind)).toEqual(['applied', 'applied']);
    expect(history.notes[0]?.message).toContain('is recorded without its name');
    await expect(project.migrate()).rejects.toThrow();
  });
});

describe('what else is known of a target', () => {
  const migration = (tag: string, when: number): Migration => ({
    tag,
    when,
    hash: tag,
    file: `/${tag}.sql`,
    statements: [],
  });
  const entry = (rowid: number, tag: string, createdAt: number): Entry => ({ rowid, hash: tag, createdAt });
  const bookkeeping = drizzleBookkeeping({ format: 'drizzle-0', table: 't' });
  const migrations = [migration('0000_a', 1), migration('0001_b', 2), migration('0002_c', 3)];

  test('traces in the schema make a migration half-finished or unrecorded, never one that has a record', () => {
    const traces = new Map([
      ['0000_a', { kind: 'whole' }],
      ['0001_b', { kind: 'stopped', after: 2, of: 5 }],
      ['0002_c', { kind: 'whole' }],
    ] as const);
    const { items } = lineUp({ migrations, bookkeeping, entries: [entry(1, '0000_a', 1)], traces });
    expect(items.map(({ kind }) => kind)).toEqual(['applied', 'half', 'unrecorded']);
    expect(items[1]).toMatchObject({ after: 2, of: 5 });
  });

  test('the record of a squashed file is no orphan', () => {
    const entries = [entry(1, 'old', 0), entry(2, '0000_a', 1), entry(3, 'lost', 9)];
    const { items } = lineUp({ migrations, bookkeeping, entries, squashed: new Set(['old']) });
    expect(items.map(({ kind }) => kind)).toEqual(['squashed', 'applied', 'skipped', 'skipped', 'orphan']);
  });

  test('ten thousand migrations and records are lined up at once', () => {
    const many = Array.from({ length: 10_000 }, (_, index) => migration(`m${index}`, index));
    const entries = many.map(({ tag, when }, index) => entry(index, tag, when)).toReversed();
    const { items } = lineUp({ migrations: many, bookkeeping, entries });
    expect(items.every(({ kind }) => kind === 'applied')).toBe(true);
  });
});

async function states(project: { history: () => Promise<History> }): Promise<readonly string[]> {
  const { items } = await project.history();
  return items.map((item) => `${tagOf(item)} ${item.kind}`);
}
