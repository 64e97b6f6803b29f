import { createClient, type Client, type InArgs } from '@libsql/client';
import { describe, expect, test } from 'vitest';
import type { Bookkeeping, Entry } from '../../src/bookkeeping/bookkeeping.ts';
import type { Migration, RecordedBy } from '../../src/migrations/migration.ts';
import { readFolder } from '../../src/migrations/read-folder.ts';
import { pairUp } from '../../src/operations/history/pair-up.ts';
import { guardIn } from '../../src/sql/guard.ts';
import { asking, type Dialect, type Query } from '../../src/sql/statement.ts';
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
  /** Runs anything, writes too. */
  readonly query: Query;
  /** How the table was made, and its rows with storage classes; only the time of applying, where there is one, is left out. */
  readonly raw: (table: string) => Promise<unknown>;
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
        await applyAll(ours.query, ours.migrations, bookkeepingOf(ours));
        await theirs.migrate();
        expect(await ours.raw(table)).toEqual(await theirs.raw(table));
      });

      test(`leave ${tool} nothing to do, and it leaves us nothing`, async () => {
        await using project = await start(table);
        const { migrations } = project;
        await applyAll(project.query, migrations.slice(0, 1), bookkeepingOf(project));
        await project.migrate();
        const shaped = await shapedFor(project.query, bookkeepingOf(project));
        const entries = await entriesOf(project.query, shaped);
        const { entryOf, orphans } = pairUp(migrations, entries, shaped);
        expect([...entryOf.keys()]).toEqual(migrations);
        expect(orphans).toEqual([]);
        await project.migrate();
        expect(await entriesOf(project.query, shaped)).toHaveLength(migrations.length);
      });

      test('are looked for before there is a table, and erased one by one', async () => {
        await using project = await start(table);
        const bookkeeping = bookkeepingOf(project);
        expect(await shapedFor(project.query, bookkeeping)).toMatchObject({
          exists: false,
          tableShape: undefined,
        });
        await applyAll(project.query, project.migrations, bookkeeping);
        const shaped = await shapedFor(project.query, bookkeeping);
        expect(shaped).toMatchObject({ exists: true, tableShape: shape });
        const entries = await entriesOf(project.query, shaped);
        const [first, second] = project.migrations;
        const [, gone] = entries;
        if (!first || !second || !gone) throw new Error('The folder has too few migrations.');
        const before = shaped.digest(entries);
        await project.query(shaped.erase(gone));
        expect(await scalar(project.query, shaped.isRecorded(first))).toBe(1);
        expect(await scalar(project.query, shaped.isRecorded(second))).toBe(0);
        const left = await entriesOf(project.query, shaped);
        expect(left.map(({ rowid }) => rowid)).toEqual([1, 3]);
        expect(shaped.digest(left)).not.toBe(before);
      });

      test('can be asked for in a guard', async () => {
        await using project = await start(table);
        const bookkeeping = bookkeepingOf(project);
        const [first] = project.migrations;
        if (!first) throw new Error('The folder is empty.');
        await applyAll(project.query, [], bookkeeping);
        const isRecorded = { sql: guardIn(bookkeeping.dialect)('recorded', bookkeeping.isRecorded(first)) };
        await expect(project.query(isRecorded)).rejects.toThrow('migrate-tui-guard:recorded');
        await applyAll(project.query, [first], bookkeeping);
        await expect(project.query(isRecorded)).resolves.toBeDefined();
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
    query: queryOf(client),
    raw: (table) => raw(client, table),
    folder: folder.file('drizzle'),
    async [Symbol.asyncDispose]() {
      client.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

interface Started extends Omit<BookkeepingProject, 'migrations' | 'migrate'> {
  readonly client: Client;
}

export async function loaded(
  folder: string,
  dialect: Dialect = 'sqlite',
  recordedBy: RecordedBy = 'drizzle',
): Promise<readonly Migration[]> {
  return (await readFolder({ directory: folder, dialect, recordedBy })).migrations;
}

/** Runs migrations and writes their records as a deploy does, only without its guards. */
export async function applyAll(
  database: Query | Client,
  migrations: readonly Migration[],
  bookkeeping: Bookkeeping,
): Promise<void> {
  const query = queryOf(database);
  for (const statement of bookkeeping.create()) await query(statement);
  for (const migration of migrations) {
    for (const { sql } of migration.statements) await query({ sql });
    await query(bookkeeping.record(migration, Date.now()));
  }
}

export async function shapedFor(database: Query | Client, bookkeeping: Bookkeeping): Promise<Bookkeeping> {
  return bookkeeping.withShape(await queryOf(database)(bookkeeping.shape));
}

export async function entriesOf(
  database: Query | Client,
  bookkeeping: Bookkeeping,
): Promise<readonly Entry[]> {
  return bookkeeping.parse(await queryOf(database)(bookkeeping.read));
}

/** A client of libSQL as what asks it. */
export function queryOf(client: Query | Client): Query {
  if (typeof client === 'function') return client;
  return asking('sqlite', async ({ sql, args = [] }) => {
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
  });
}

async function scalar(query: Query, sql: string): Promise<unknown> {
  const [row] = await query({ sql });
  return row && Object.values(row)[0];
}

/** Of a table in SQLite, as `BookkeepingProject.raw` has it. */
export async function raw(client: Client, table: string): Promise<unknown> {
  const quoted = `"${table.replaceAll('"', '""')}"`;
  const schema = await client.execute({ sql: 'SELECT sql FROM sqlite_schema WHERE name = ?', args: [table] });
  const { rows, columns } = await client.execute(`SELECT rowid AS "rowid", * FROM ${quoted}`);
  const classes = await client.execute(
    `SELECT ${columns.map((name) => `typeof("${name}")`).join(', ')} FROM ${quoted}`,
  );
  return {
    sql: schema.rows[0]?.[0],
    rows: rows.map((row) => ({ ...row, applied_at: lengthOf(row['applied_at']) })),
    classes: classes.rows.map((row) => Object.values(row)),
  };
}

/** A moment differs from run to run, how it is written does not. */
function lengthOf(value: unknown): number | null {
  if (value === null) return null;
  return typeof value === 'string' ? value.length : Number(value).toString().length;
}
