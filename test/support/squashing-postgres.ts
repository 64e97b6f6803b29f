import { openEngine } from '../../src/engines/open.ts';
import { readSequences } from '../../src/engines/postgres/copy/dumped-tables.ts';
import type { DrizzleLine, Migration } from '../../src/migrations/migration.ts';
import { squashFile } from '../../src/operations/squash/text.ts';
import {
  makeBaseline,
  proveBaseline,
  type Baseline,
  type BaselineOptions,
  type Proven,
} from '../../src/runs/replay/squash-baseline.ts';
import { fingerprint } from '../../src/schema/fingerprint.ts';
import { readAccess } from '../../src/schema/postgres/access.ts';
import { readSchema } from '../../src/schema/read.ts';
import { splitPostgres } from '../../src/sql/postgres/split-postgres.ts';
import type { Query } from '../../src/sql/statement.ts';
import { folder0, folder1, writeFiles } from './drizzle-folders.ts';
import { drizzleLinesOnPostgres } from './drizzle-lines-postgres.ts';
import type { PostgresDatabase } from './postgres.ts';
import { temporaryFolder } from './temporary-folder.ts';

const bookkeeping = 'drizzle.__drizzle_migrations';
const { signal } = new AbortController();

export const inPglite = { like: 'pglite', bookkeeping, signal } as const satisfies BaselineOptions;

/** The one file of a history, of which each text is a migration, and what its proof says. */
export async function squashed(
  files: readonly string[],
  options: BaselineOptions,
): Promise<{ readonly baseline: Baseline; readonly proof: Proven }> {
  const migrations = await Promise.all(files.map((text, index) => migration(`${index}_step`, text)));
  const baseline = await makeBaseline(migrations, options);
  return { baseline, proof: await proveBaseline(textOf(baseline), baseline, options) };
}

export function textOf({ statements }: Pick<Baseline, 'statements'>): string {
  return squashFile(statements, { from: 'a', to: 'b', count: 2, archive: 'drizzle.squashed' });
}

async function migration(tag: string, text: string): Promise<Migration> {
  return { tag, hash: tag, when: 0, file: tag, statements: await splitPostgres(text) };
}

/** Runs texts as the migrations of a folder through drizzle-orm itself. */
export async function migrate(
  database: PostgresDatabase,
  texts: readonly string[],
  line: DrizzleLine = 'drizzle-0',
): Promise<void> {
  await using folder = await temporaryFolder();
  const files = texts.map((sql, index) => ({
    tag: line === 'drizzle-0' ? `${index}_step` : `${20_240_101_000_000 + index}_step`,
    sql,
  }));
  await writeFiles(folder.path, line === 'drizzle-0' ? folder0(files, 'postgresql') : folder1(files));
  await migrateTo(database, folder.path, line);
}

/** Runs a folder through drizzle-orm itself. */
export async function migrateTo(
  database: PostgresDatabase,
  folder: string,
  line: DrizzleLine = 'drizzle-0',
): Promise<void> {
  await using client = await database.connect();
  await drizzleLinesOnPostgres[line](client, { folder });
}

/** Schema, rows, numbers given out, rights, and what a fingerprint does not hold: made-up names and the order of columns. */
export async function contentOf(database: PostgresDatabase) {
  const opened = await openEngine(database.address, { purpose: 'change', ifMissing: 'refuse' });
  if (opened.kind !== 'open') throw new Error('The database is there.');
  await using engine = opened.engine;
  const { query } = engine;
  const sequences = await readSequences(query);
  return {
    fingerprint: fingerprint(await readSchema(query, { bookkeeping: [bookkeeping] })),
    rows: await rowsIn(query),
    sequences: sequences.filter(({ sequence }) => !/^(?:drizzle|__migrate_tui)\./.test(sequence)),
    access: (await readAccess(query)).filter(
      (sql) => !sql.includes('__migrate_tui') && !/ drizzle\b/.test(sql),
    ),
    columns: await query({
      sql: `SELECT attrelid::regclass::text AS t, attname AS name FROM pg_catalog.pg_attribute JOIN pg_catalog.pg_class c ON c.oid = attrelid
        WHERE attnum > 0 AND NOT attisdropped AND ${ofUsers} ORDER BY 1, attnum`,
    }),
    constraints: await query({
      sql: `SELECT conrelid::regclass::text AS t, conname AS name FROM pg_catalog.pg_constraint JOIN pg_catalog.pg_class c ON c.oid = conrelid
        WHERE ${ofUsers} ORDER BY 1, 2`,
    }),
  };
}

const ofUsers = `relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'drizzle', '__migrate_tui')`;

async function rowsIn(query: Query): Promise<Readonly<Record<string, unknown>>> {
  const tables = await query({
    sql: `SELECT oid::regclass::text AS name FROM pg_catalog.pg_class WHERE relkind IN ('r', 'm') AND relispopulated AND ${ofUsers} ORDER BY 1`,
  });
  const rows: Record<string, unknown> = {};
  for (const { name } of tables) {
    const sql = `SELECT format('%s', t) AS line FROM ONLY ${String(name)} AS t ORDER BY 1`;
    rows[String(name)] = await query({ sql });
  }
  return rows;
}
