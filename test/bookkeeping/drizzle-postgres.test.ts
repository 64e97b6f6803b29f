import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { drizzlePostgres } from '../../src/bookkeeping/drizzle-postgres.ts';
import { openPostgres } from '../../src/engines/postgres/postgres.ts';
import type { DrizzleLine } from '../../src/migrations/migration.ts';
import {
  applyAll,
  bookkeepingContract,
  entriesOf,
  loaded,
  shapedFor,
  type BookkeepingProject,
} from '../contracts/bookkeeping.ts';
import { folder0, folder1, writeFiles } from '../support/drizzle-folders.ts';
import { drizzleLinesOnPostgres } from '../support/drizzle-lines-postgres.ts';
import { postgresServer, type PostgresServer } from '../support/postgres.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await postgresServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const table = '__drizzle_migrations';
const files0 = folder0(
  [
    { tag: '0000_a', sql: 'CREATE TABLE a (x int);', when: 1_700_000_000_123 },
    { tag: '0001_b', sql: 'CREATE TABLE b (x int);', when: 1_700_000_001_456 },
    { tag: '0002_c', sql: 'CREATE TABLE c (x int);', when: 1_700_000_002_789 },
  ],
  'postgresql',
);
// The same migrations after `drizzle-kit up`.
const files1 = folder1([
  { tag: '20231114221320_a', sql: 'CREATE TABLE a (x int);' },
  { tag: '20231114221321_b', sql: 'CREATE TABLE b (x int);' },
  { tag: '20231114221322_c', sql: 'CREATE TABLE c (x int);' },
]);

for (const [format, files, schemas] of [
  ['drizzle-0', files0, ['drizzle', 'public']],
  ['drizzle-1', files1, ['drizzle', 'Odd "schema"']],
] as const) {
  for (const schema of schemas) {
    bookkeepingContract({
      title: `${format} in the schema ${schema} of PostgreSQL`,
      tool: 'drizzle-orm',
      tables: schema === 'drizzle' ? [table, 'it\'s "odd"; --'] : [table],
      shape: format,
      bookkeeping: ({ table: name }) => drizzlePostgres({ format, schema, table: name }),
      start: (name) => start(files, { format, schema, table: name }),
    });
  }
}

const bookkeeping0 = drizzlePostgres({ format: 'drizzle-0', schema: 'drizzle', table });
const bookkeeping1 = drizzlePostgres({ format: 'drizzle-1', schema: 'drizzle', table });

describe('a table of the 0.x shape in PostgreSQL under a folder of Drizzle 1.0', () => {
  test('is upgraded to exactly what drizzle-orm 1.0 makes of it', async () => {
    const results = [];
    for (const who of ['drizzle', 'us'] as const) {
      await using project = await start(files0);
      await project.migrate();
      // An edited file is still known by its time.
      const upgraded = `${project.folder}-1`;
      await writeFiles(upgraded, { ...files1, '20231114221321_b/migration.sql': '-- edited' });
      if (who === 'drizzle') await drizzleLinesOnPostgres['drizzle-1'](project.client, { folder: upgraded });
      else {
        const shaped = await shapedFor(project.query, bookkeeping1);
        expect(shaped).toMatchObject({ kind: 'drizzle-1', tableShape: 'drizzle-0' });
        const entries = await entriesOf(project.query, shaped);
        for (const statement of shaped.upgrade(entries, await loaded(upgraded, 'postgres')))
          await project.query(statement);
      }
      results.push(await project.raw(table));
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[0]).toMatchObject({
      rows: [
        { id: '1', name: '20231114221320_a', applied: 'unknown' },
        {},
        { name: '20231114221322_c', applied: 'unknown' },
      ],
    });
  });

  test('with a row that fits no migration is refused, as drizzle-orm 1.0 refuses it', async () => {
    await using project = await start(files0);
    await project.migrate();
    const { '20231114221321_b/migration.sql': _, ...without } = files1;
    const folder = `${project.folder}-1`;
    await writeFiles(folder, without);
    const shaped = await shapedFor(project.query, bookkeeping1);
    const entries = await entriesOf(project.query, shaped);
    const migrations = await loaded(folder, 'postgres');
    expect(() => shaped.upgrade(entries, migrations)).toThrow(
      'Table drizzle.__drizzle_migrations cannot be brought to the shape of Drizzle 1.0: 1 of its rows fit no migration in the folder',
    );
    await expect(drizzleLinesOnPostgres['drizzle-1'](project.client, { folder })).rejects.toThrow(
      'do not match any local migration',
    );
  });
});

describe('a table of the 1.0 shape in PostgreSQL under a folder of Drizzle 0.x', () => {
  test('gets the rows that drizzle-orm 0.x adds to it: without a name, with the time of the database', async () => {
    const results = [];
    for (const who of ['drizzle', 'us'] as const) {
      await using project = await start(files0);
      for (const statement of bookkeeping1.create()) await project.query(statement);
      if (who === 'drizzle') await project.migrate();
      else {
        const shaped = await shapedFor(project.query, bookkeeping0);
        expect(shaped).toMatchObject({ kind: 'drizzle-0', tableShape: 'drizzle-1' });
        expect(shaped.upgrade([], [])).toEqual([]);
        await applyAll(project.query, project.migrations, shaped);
      }
      results.push(await project.raw(table));
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[0]).toMatchObject({ rows: [{ name: null, applied: 'known' }, {}, {}] });
  });
});

describe('what is read from a table in PostgreSQL', () => {
  test('the number of each row, the times, and the name', async () => {
    await using project = await start(files1, { format: 'drizzle-1' });
    const before = Date.now();
    await project.migrate();
    const [first] = await entriesOf(project.query, await shapedFor(project.query, bookkeeping1));
    expect(first?.appliedAt).toBeGreaterThanOrEqual(before);
    expect(first?.appliedAt).toBeLessThanOrEqual(Date.now());
    expect(first).toMatchObject({
      rowid: 1,
      id: 1,
      name: '20231114221320_a',
      createdAt: 1_700_000_000_000,
      hash: project.migrations[0]?.hash,
    });
  });

  test('a table of that name which is not Drizzle’s is refused by name', async () => {
    await using project = await start(files0);
    await project.query({ sql: 'CREATE SCHEMA drizzle' });
    await project.query({ sql: `CREATE TABLE drizzle.${table} (version text)` });
    await expect(shapedFor(project.query, bookkeeping0)).rejects.toThrow(
      'Table drizzle.__drizzle_migrations is no tracking table of Drizzle: it has no column id and no column hash and no column created_at',
    );
  });

  test('a table that is there is not made again, so that the right to create is not needed', async () => {
    await using project = await start(files0);
    await project.migrate();
    expect((await shapedFor(project.query, bookkeeping0)).create()).toEqual([]);
    expect(bookkeeping0.create()).toHaveLength(2);
  });
});

describe('a record in PostgreSQL', () => {
  test('is put right without touching its neighbours', async () => {
    await using project = await start(files1, { format: 'drizzle-1' });
    await project.migrate();
    const shaped = await shapedFor(project.query, bookkeeping1);
    const [, second] = await entriesOf(project.query, shaped);
    if (!second) throw new Error('The folder has too few migrations.');
    await project.query(shaped.change(second, { hash: 'h', created_at: 5, name: 'n', applied_at: null }));
    const after = await entriesOf(project.query, shaped);
    expect(after.find(({ rowid }) => rowid === 2)).toEqual({
      rowid: 2,
      id: 2,
      hash: 'h',
      createdAt: 5,
      name: 'n',
    });
    expect(after.filter(({ hash }) => hash === 'h')).toHaveLength(1);
  });
});

interface Started extends BookkeepingProject {
  readonly client: Client;
}

interface Where {
  readonly format?: DrizzleLine;
  readonly schema?: string;
  readonly table?: string;
}

async function start(
  files: Readonly<Record<string, string>>,
  { format = 'drizzle-0', schema = 'drizzle', table: name = table }: Where = {},
): Promise<Started> {
  const resources = new AsyncDisposableStack();
  const folder = resources.use(await temporaryFolder());
  await writeFiles(folder.file('drizzle'), files);
  const database = resources.use(await server.createDatabase());
  const client = resources.use(await database.connect());
  const engine = resources.use(
    await openPostgres(database.address, { purpose: 'change', connectTimeout: 5000, busyTimeout: 5000 }),
  );
  return {
    client,
    query: engine.query,
    raw: (called) => raw(client, { schema, table: called }),
    folder: folder.file('drizzle'),
    migrations: await loaded(folder.file('drizzle'), 'postgres'),
    migrate: () =>
      drizzleLinesOnPostgres[format](client, { folder: folder.file('drizzle'), schema, table: name }),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** Every column, constraint, index and sequence of the table as the server describes it, and the rows as text. */
async function raw(client: Client, { schema, table: name }: Required<Pick<Where, 'schema' | 'table'>>) {
  const quoted = [schema, name].map((part) => `"${part.replaceAll('"', '""')}"`).join('.');
  const ask = async (sql: string) => (await client.query<Record<string, unknown>>(sql)).rows;
  const oid = `to_regclass('${quoted.replaceAll("'", "''")}')`;
  const columns =
    await ask(`SELECT attname, attnum, format_type(atttypid, atttypmod), attnotnull, attidentity,
      pg_get_expr(d.adbin, d.adrelid) AS by_itself, pg_get_serial_sequence('${quoted.replaceAll("'", "''")}', attname) AS sequence
    FROM pg_attribute AS a LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = ${oid} AND attnum > 0 AND NOT attisdropped ORDER BY attnum`);
  const sequence = columns.find(({ attname }) => attname === 'id')?.['sequence'];
  const hasApplied = columns.some(({ attname }) => attname === 'applied_at');
  const applied = `, CASE WHEN applied_at IS NULL THEN 'unknown' ELSE 'known' END AS applied, name`;
  return {
    columns,
    constraints: await ask(
      `SELECT conname, pg_get_constraintdef(oid) AS def FROM pg_constraint WHERE conrelid = ${oid} ORDER BY 1`,
    ),
    indexes: await ask(
      `SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = ${oid} ORDER BY 1`,
    ),
    sequence: await ask(`SELECT last_value, is_called FROM ${String(sequence)}`),
    rows: await ask(
      `SELECT id::text, hash, created_at::text${hasApplied ? applied : ''} FROM ${quoted} ORDER BY id`,
    ),
  };
}
