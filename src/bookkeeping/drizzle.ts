import { MigrateError } from '../lib/errors.ts';
import { sha256 } from '../lib/hash.ts';
import type { DrizzleLine } from '../migrations/migration.ts';
import { quoteName, quoteText } from '../sql/quote.ts';
import type { Row, SqlValue, Statement } from '../sql/statement.ts';
import type { Bookkeeping, Entry } from './bookkeeping.ts';
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
    table,
    shape: { sql: 'SELECT name FROM pragma_table_info(?)', args: [table] },
    withShape: (rows) => make({ format, table, columns: columnsOf(table, rows) }),
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
    isRecorded: ({ hash, tag, when }) =>
      format === 'drizzle-0'
        ? // Some drivers of Drizzle record an empty hash; the time alone identifies such a row.
          `SELECT EXISTS (SELECT 1 FROM ${name} WHERE created_at = ${when} AND hash IN (${quoteText(hash)}, ''))`
        : `SELECT EXISTS (SELECT 1 FROM ${name} WHERE name = ${quoteText(tag)})`,
    digest,
  };
}

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

function columnsOf(table: string, rows: readonly Row[]): readonly string[] {
  const columns = rows.map(({ name }) => String(name).toLowerCase());
  const lacks = ['hash', 'created_at'].filter((column) => !columns.includes(column));
  if (columns.length === 0 || lacks.length === 0) return columns;
  throw new MigrateError(
    'migrations',
    `Table ${table} is no tracking table of Drizzle: it has no column ${lacks.join(' and no column ')}`,
    { next: 'Name the tracking table with databases.<name>.table in migrate-tui.config.ts.' },
  );
}

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

/** As drizzle-orm compares it: NULL counts as 0. */
function createdAtOf(table: string, stored: SqlValue): number {
  const createdAt = stored instanceof Uint8Array ? NaN : Number(stored);
  if (Number.isFinite(createdAt)) return createdAt;
  throw new MigrateError('migrations', `Table ${table} has a row whose created_at is not a number`, {
    next: `Look at the table's rows; each should have the time of its migration in milliseconds since 1970.`,
  });
}

function insert(name: string, values: Readonly<Record<string, SqlValue>>): Statement {
  const columns = Object.keys(values);
  return {
    sql: `INSERT INTO ${name} (${columns.map(quoteName).join(', ')}) VALUES(${columns.map(() => '?').join(', ')})`,
    args: Object.values(values),
  };
}

// Without row numbers and times of applying: they differ between a rehearsal and the real thing.
function digest(entries: readonly Entry[]): string {
  const rows = entries.map(({ hash, createdAt, name }) => JSON.stringify([createdAt, hash, name ?? null]));
  return sha256(rows.toSorted().join('\n'));
}
