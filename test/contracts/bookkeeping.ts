import { createClient, type Client, type InArgs } from '@libsql/client';
import { describe, expect, test } from 'vitest';
import type { Bookkeeping, Entry } from '../../src/bookkeeping/bookkeeping.ts';
import type { Migration } from '../../src/migrations/migration.ts';
import { readFolder } from '../../src/migrations/read-folder.ts';
import { pairUp } from '../../src/operations/pair-up.ts';
import { guard } from '../../src/sql/guard.ts';
import type { Row, Statement } from '../../src/sql/statement.ts';
import { writeFiles } from '../support/drizzle-folders.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

export interface BookkeepingCase {
  /** Whose records. */
  readonly title: string;
  readonly tool: string;
  readonly tables: readonly string[];
  readonly shape: Bookkeeping['tableShape'];
  readonly bookkeeping: (of: { readonly folder: string; readonly table: string }) => Bookkeeping;
  /** A folder with three migrations, each of which makes a table, and an empty database. */
  readonly start: (table: string) => Promise<BookkeepingProject>;
}

export interface BookkeepingProject extends AsyncDisposable {
  readonly client: Client;
  /** Of its migrations. */
  readonly folder: string;
  readonly migrations: readonly Migration[];
  /** The original tool's own way of applying what is pending. */
  migrate(): Promise<void>;
}

/** What holds for every tracking table: it is the one that the original tool would have. */
export function bookkeepingContract({ title, tool, tables, shape, start, ...given }: BookkeepingCase): void {
  for (const table of tables) {
    const bookkeepingOf = ({ folder }: BookkeepingProject) => given.bookkeeping({ folder, table });

    describe(`records of ${title} in ${table}`, () => {
      test(`are, byte for byte and storage class for storage class, those that ${tool} writes`, async () => {
        await using ours = await start(table);
        await using theirs = await start(table);
        await applyAll(ours.client, ours.migrations, bookkeepingOf(ours));
        await theirs.migrate();
        expect(await raw(ours.client, table)).toEqual(await raw(theirs.client, table));
      });

      test(`leave ${tool} nothing to do, and it leaves us nothing`, async () => {
        await using project = await start(table);
        const { migrations } = project;
        await applyAll(project.client, migrations.slice(0, 1), bookkeepingOf(project));
        await project.migrate();
        const shaped = await shapedFor(project.client, bookkeepingOf(project));
        const entries = await entriesOf(project.client, shaped);
        const { entryOf, orphans } = pairUp(migrations, entries, shaped);
        expect([...entryOf.keys()]).toEqual(migrations);
        expect(orphans).toEqual([]);
        await project.migrate();
        expect(await entriesOf(project.client, shaped)).toHaveLength(migrations.length);
      });

      test('are looked for before there is a table, and erased one by one', async () => {
        await using project = await start(table);
        const bookkeeping = bookkeepingOf(project);
        expect(await shapedFor(project.client, bookkeeping)).toMatchObject({
          exists: false,
          tableShape: undefined,
        });
        await applyAll(project.client, project.migrations, bookkeeping);
        const shaped = await shapedFor(project.client, bookkeeping);
        expect(shaped).toMatchObject({ exists: true, tableShape: shape });
        const entries = await entriesOf(project.client, shaped);
        const [first, second] = project.migrations;
        const [, gone] = entries;
        if (!first || !second || !gone) throw new Error('The folder has too few migrations.');
        const before = shaped.digest(entries);
        await run(project.client, shaped.erase(gone));
        expect(await scalar(project.client, shaped.isRecorded(first))).toBe(1);
        expect(await scalar(project.client, shaped.isRecorded(second))).toBe(0);
        const left = await entriesOf(project.client, shaped);
        expect(left.map(({ rowid }) => rowid)).toEqual([1, 3]);
        expect(shaped.digest(left)).not.toBe(before);
      });

      test('can be asked for in a guard', async () => {
        await using project = await start(table);
        const bookkeeping = bookkeepingOf(project);
        const [first] = project.migrations;
        if (!first) throw new Error('The folder is empty.');
        await applyAll(project.client, [], bookkeeping);
        const isRecorded = guard('recorded', bookkeeping.isRecorded(first));
        await expect(project.client.execute(isRecorded)).rejects.toThrow('migrate-tui-guard:recorded');
        await applyAll(project.client, [first], bookkeeping);
        await expect(project.client.execute(isRecorded)).resolves.toBeDefined();
      });
    });
  }
}

export async function started(files: Readonly<Record<string, string>>): Promise<Started> {
  const folder = await temporaryFolder();
  await writeFiles(folder.file('drizzle'), files);
  const client = createClient({ url: `file:${folder.file('app.db')}` });
  return {
    client,
    folder: folder.file('drizzle'),
    async [Symbol.asyncDispose]() {
      client.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

interface Started extends AsyncDisposable {
  readonly client: Client;
  /** Of its migrations. */
  readonly folder: string;
}

export async function loaded(folder: string): Promise<readonly Migration[]> {
  return (await readFolder({ directory: folder })).migrations;
}

/** Runs migrations and writes their records as a deploy does, only without its guards. */
export async function applyAll(
  client: Client,
  migrations: readonly Migration[],
  bookkeeping: Bookkeeping,
): Promise<void> {
  for (const statement of bookkeeping.create()) await run(client, statement);
  for (const migration of migrations) {
    for (const { sql } of migration.statements) await client.execute(sql);
    await run(client, bookkeeping.record(migration, Date.now()));
  }
}

export async function shapedFor(client: Client, bookkeeping: Bookkeeping): Promise<Bookkeeping> {
  return bookkeeping.withShape(await rowsOf(client, bookkeeping.shape));
}

export async function entriesOf(client: Client, bookkeeping: Bookkeeping): Promise<readonly Entry[]> {
  return bookkeeping.parse(await rowsOf(client, bookkeeping.read));
}

export async function run(client: Client, statement: Statement): Promise<void> {
  await rowsOf(client, statement);
}

async function rowsOf(client: Client, { sql, args = [] }: Statement): Promise<readonly Row[]> {
  const inArgs: InArgs = [...args];
  const { rows } = await client.execute({ sql, args: inArgs });
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([key, value]) => [
        key,
        value instanceof ArrayBuffer ? new Uint8Array(value) : value,
      ]),
    ),
  );
}

async function scalar(client: Client, sql: string): Promise<unknown> {
  return (await client.execute(sql)).rows[0]?.[0];
}

/** Table text and rows with storage classes; only the time of applying, where there is one, is left out. */
export async function raw(client: Client, table: string): Promise<unknown> {
  const quoted = `"${table.replaceAll('"', '""')}"`;
  const schema = await client.execute({ sql: 'SELECT sql FROM sqlite_schema WHERE name = ?', args: [table] });
  const { rows, columns } = await client.execute(`SELECT rowid AS "rowid", * FROM ${quoted}`);
  const classes = await client.execute(
    `SELECT ${columns.map((name) => `typeof("${name}")`).join(', ')} FROM ${quoted}`,
  );
  return {
    sql: schema.rows[0]?.[0],
    rows: rows.map((row) => ({
      ...row,
      applied_at: typeof row['applied_at'] === 'string' ? row['applied_at'].length : row['applied_at'],
    })),
    classes: classes.rows.map((row) => Object.values(row)),
  };
}
