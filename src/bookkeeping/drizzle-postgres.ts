import type { DrizzleLine } from '../migrations/migration.ts';
import { nameInSchema, quoteName, quoteQualified, quoteText } from '../sql/quote.ts';
import type { Row, SqlValue, Statement } from '../sql/statement.ts';
import type { Bookkeeping, Entry } from './bookkeeping.ts';
import { changeRow } from './change-row.ts';
import { columnsOf, createdAtOf, digestOf } from './drizzle-rows.ts';
import { allNamesOf } from './drizzle-upgrade.ts';

/**
 * Drizzle's tracking table in PostgreSQL, as drizzle-orm 0.45 and 1.0.0-rc.5 make, read and write it.
 * The folder's format decides how a record is written, over a table of the other shape too.
 */
export function drizzlePostgres({ format, schema, table }: DrizzlePostgresOptions): Bookkeeping {
  return make({ format, schema, table, columns: [] });
}

export interface DrizzlePostgresOptions {
  readonly format: DrizzleLine;
  /** `drizzle` unless configured. */
  readonly schema: string;
  /** `__drizzle_migrations` unless configured. */
  readonly table: string;
}

interface Known extends DrizzlePostgresOptions {
  /** Of the target's table; none: it is not there, or was not looked at. */
  readonly columns: readonly string[];
}

function make(known: Known): Bookkeeping {
  const { format, schema, table, columns } = known;
  const quoted = quoteQualified(schema, table);
  const shown = nameInSchema(schema, table);
  const exists = columns.length > 0;
  const tableShape = !exists ? undefined : columns.includes('name') ? 'drizzle-1' : 'drizzle-0';
  return {
    kind: format,
    dialect: 'postgres',
    table: shown,
    quoted,
    row: 'id',
    shape: { sql: shapeSql, args: [schema, table] },
    withShape: (rows) => make({ ...known, columns: columnsOf(shown, rows, needed, namedElsewhere) }),
    exists,
    tableShape,
    nameOf: ({ tag }) => (format === 'drizzle-1' ? tag : undefined),
    // Where both are there it is not asked again: IF NOT EXISTS needs the right to create all the same.
    create: () => (exists ? [] : createSql(format, schema, quoted).map((sql) => ({ sql }))),
    upgrade: (entries, migrations) =>
      format === 'drizzle-1' && tableShape === 'drizzle-0'
        ? upgrade(quoted, [...allNamesOf({ table: shown, entries, migrations })])
        : [],
    read: { sql: `SELECT ${readColumns(columns)} FROM ${quoted} ORDER BY created_at NULLS FIRST, id` },
    parse: (rows) => rows.map((row) => entryOf(shown, row)),
    // `applied_at` comes from the table's default, as with drizzle-orm: the database's clock.
    record: ({ hash, when, tag }) =>
      format === 'drizzle-0'
        ? insert(quoted, { hash, created_at: when })
        : insert(quoted, { hash, created_at: when, name: tag }),
    erase: ({ rowid }) => ({ sql: `DELETE FROM ${quoted} WHERE id = $1`, args: [rowid] }),
    change: (entry, values) => changeRow({ dialect: 'postgres', quoted, row: 'id' }, entry, values),
    isRecorded: ({ hash, tag, when }) => {
      const same =
        format === 'drizzle-0'
          ? `created_at = ${when} AND hash IN (${quoteText(hash)}, '')`
          : `name = ${quoteText(tag)}`;
      return `SELECT (EXISTS (SELECT 1 FROM ${quoted} WHERE ${same}))::int`;
    },
    // Conflicts with every INSERT, and with itself, but neither with SELECT nor with a dump that is being taken:
    // https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES
    hold: [{ sql: `LOCK TABLE ${quoted} IN SHARE ROW EXCLUSIVE MODE` }],
    digest: digestOf,
  };
}

const needed = ['id', 'hash', 'created_at'];

const namedElsewhere =
  'Name the tracking table and its schema with migrations in the Drizzle config, or with databases.<name>.table in migrate-tui.config.ts.';

const shapeSql = `SELECT a.attname::text AS name
FROM pg_catalog.pg_attribute AS a
JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum`;

const columnsSql: Record<DrizzleLine, string> = {
  'drizzle-0': `
				id SERIAL PRIMARY KEY,
				hash text NOT NULL,
				created_at bigint
			`,
  'drizzle-1': `
				id SERIAL PRIMARY KEY,
				hash text NOT NULL,
				created_at bigint,
				name text,
				applied_at timestamp with time zone DEFAULT now()
			`,
};

function createSql(format: DrizzleLine, schema: string, quoted: string): readonly string[] {
  return [
    `CREATE SCHEMA IF NOT EXISTS ${quoteName(schema)}`,
    `CREATE TABLE IF NOT EXISTS ${quoted} (${columnsSql[format]})`,
  ];
}

function readColumns(columns: readonly string[]): string {
  const appliedAt = 'floor(extract(epoch FROM applied_at) * 1000)::bigint AS applied_at';
  return [
    'id AS "row", id, hash, created_at',
    ...(columns.includes('name') ? ['name'] : []),
    ...(columns.includes('applied_at') ? [appliedAt] : []),
  ].join(', ');
}

function entryOf(table: string, row: Row): Entry {
  const { id, name, applied_at: appliedAt } = row;
  return {
    rowid: Number(row['row']),
    hash: String(row['hash']),
    createdAt: createdAtOf(table, row['created_at'] ?? null),
    ...(id === null || id === undefined ? {} : { id }),
    ...(typeof name === 'string' ? { name } : {}),
    ...(appliedAt === null || appliedAt === undefined ? {} : { appliedAt: Number(appliedAt) }),
  };
}

/** What drizzle-orm 1.0 does to a table of the 0.x shape on its first migrate, row by row in the order of their ids. */
function upgrade(
  quoted: string,
  matches: readonly (readonly [Entry, { readonly migration: { readonly tag: string } }])[],
): readonly Statement[] {
  return [
    { sql: `ALTER TABLE ${quoted} ADD COLUMN IF NOT EXISTS "name" text` },
    {
      sql: `ALTER TABLE ${quoted} ADD COLUMN IF NOT EXISTS "applied_at" timestamp with time zone DEFAULT now()`,
    },
    ...matches
      .toSorted(([a], [b]) => Number(a.rowid) - Number(b.rowid))
      .map(([{ rowid }, { migration }]) => ({
        sql: `UPDATE ${quoted} SET "name" = $1, "applied_at" = NULL WHERE "id" = $2`,
        args: [migration.tag, rowid],
      })),
  ];
}

function insert(quoted: string, values: Readonly<Record<string, SqlValue>>): Statement {
  const columns = Object.keys(values);
  return {
    sql: `INSERT INTO ${quoted} (${columns.map(quoteName).join(', ')}) VALUES (${columns.map((_, index) => `$${index + 1}`).join(', ')})`,
    args: Object.values(values),
  };
}
