import type { DrizzleLine } from '../migrations/migration.ts';
import { quoteName, quoteText } from '../sql/quote.ts';
import type { Row, SqlValue, Statement } from '../sql/statement.ts';
import type { Bookkeeping, Entry } from './bookkeeping.ts';
import { changeRow } from './change-row.ts';
import { columnsOf, createdAtOf, digestOf } from './drizzle-rows.ts';
import { drizzleUpgrade } from './drizzle-upgrade.ts';

/**
 * Drizzle's tracking table in SQLite. The folder's format decides how a record is written,
 * as it is drizzle-orm of that line that goes on from it: over a table of the other shape too.
 * The rows are those that drizzle-orm 0.45 and 1.0.0-rc.5 write, NULL `id` of 0.x included.
 */
export function drizzleBookkeeping({ format, table }: DrizzleOptions): Bookkeeping {
  return make({ format, table, columns: [] });
}

export interface DrizzleOptions {
  readonly format: DrizzleLine;
  /** `__drizzle_migrations` unless configured. */
  readonly table: string;
}

interface Known extends DrizzleOptions {
  /** Of the target's table; none: it is not there, or was not looked at. */
  readonly columns: readonly string[];
}

function make({ format, table, columns }: Known): Bookkeeping {
  const name = quoteName(table);
  const exists = columns.length > 0;
  const tableShape = !exists ? undefined : columns.includes('name') ? 'drizzle-1' : 'drizzle-0';
  return {
    kind: format,
    dialect: 'sqlite',
    table,
    quoted: name,
    row: '_rowid_',
    shape: { sql: 'SELECT name FROM pragma_table_info(?)', args: [table] },
    withShape: (rows) =>
      make({ format, table, columns: columnsOf(table, rows, ['hash', 'created_at'], namedElsewhere) }),
    exists,
    tableShape,
    nameOf: ({ tag }) => (format === 'drizzle-1' ? tag : undefined),
    create: () => [{ sql: createSql[format](name) }],
    upgrade: (entries, migrations) =>
      format === 'drizzle-1' && tableShape === 'drizzle-0'
        ? drizzleUpgrade({ table, entries, migrations })
        : [],
    read: {
      sql: `SELECT ${readColumns(columns)} FROM ${name} ORDER BY created_at, _rowid_`,
    },
    parse: (rows) => rows.map((row) => entryOf(table, row)),
    record: (migration, now) =>
      format === 'drizzle-0'
        ? insert(name, { hash: migration.hash, created_at: migration.when })
        : insert(name, {
            hash: migration.hash,
            created_at: migration.when,
            name: migration.tag,
            applied_at: new Date(now).toISOString(),
          }),
    erase: ({ rowid }) => ({ sql: `DELETE FROM ${name} WHERE _rowid_ = ?`, args: [rowid] }),
    change: (entry, values) => changeRow({ dialect: 'sqlite', quoted: name, row: '_rowid_' }, entry, values),
    isRecorded: ({ hash, tag, when }) =>
      format === 'drizzle-0'
        ? // Some drivers of Drizzle record an empty hash; the time alone identifies such a row.
          `SELECT EXISTS (SELECT 1 FROM ${name} WHERE created_at = ${when} AND hash IN (${quoteText(hash)}, ''))`
        : `SELECT EXISTS (SELECT 1 FROM ${name} WHERE name = ${quoteText(tag)})`,
    hold: [],
    digest: digestOf,
  };
}

const namedElsewhere = 'Name the tracking table with databases.<name>.table in migrate-tui.config.ts.';

// Word for word, white space too: it is what `sqlite_schema` keeps.
const createSql: Record<DrizzleLine, (name: string) => string> = {
  'drizzle-0': (name) => `
		CREATE TABLE IF NOT EXISTS ${name} (
			id SERIAL PRIMARY KEY,
			hash text NOT NULL,
			created_at numeric
		)
	`,
  'drizzle-1': (name) => `
		CREATE TABLE IF NOT EXISTS ${name} (
			id INTEGER PRIMARY KEY,
			hash text NOT NULL,
			created_at numeric,
			name text,
			applied_at TEXT
		)
	`,
};

function readColumns(columns: readonly string[]): string {
  const kept = ['id', 'hash', 'created_at', 'name', 'applied_at'].filter((column) =>
    columns.includes(column),
  );
  return ['_rowid_ AS row', ...kept].join(', ');
}

function entryOf(table: string, row: Row): Entry {
  const appliedAt = typeof row['applied_at'] === 'string' ? Date.parse(row['applied_at']) : NaN;
  const { id, name } = row;
  return {
    rowid: Number(row['row']),
    hash: String(row['hash']),
    createdAt: createdAtOf(table, row['created_at'] ?? null),
    ...(id === null || id === undefined ? {} : { id }),
    ...(typeof name === 'string' ? { name } : {}),
    ...(Number.isNaN(appliedAt) ? {} : { appliedAt }),
  };
}

function insert(name: string, values: Readonly<Record<string, SqlValue>>): Statement {
  const columns = Object.keys(values);
  return {
    sql: `INSERT INTO ${name} (${columns.map(quoteName).join(', ')}) VALUES(${columns.map(() => '?').join(', ')})`,
    args: Object.values(values),
  };
}
