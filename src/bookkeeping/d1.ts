import { portablePath } from '../lib/portable-path.ts';
import { MigrateError } from '../lib/errors.ts';
import { sha256 } from '../lib/hash.ts';
import type { Migration } from '../migrations/migration.ts';
import { quoteName, quoteText } from '../sql/quote.ts';
import type { Row } from '../sql/statement.ts';
import { timeOf } from './applied-at.ts';
import type { Bookkeeping, Entry } from './bookkeeping.ts';
import { changeRow } from './change-row.ts';

/**
 * wrangler's tracking table: the file's path below the folder, and when it was applied. No hash, no order.
 * The table and its rows are those that wrangler 4 writes, so that either goes on from the other.
 */
export function d1Bookkeeping({ directory, table }: D1Options): Bookkeeping {
  return make({ directory, table, columns: [] });
}

export interface D1Options {
  /** Absolute path of the migration folder: records name files relative to it. */
  readonly directory: string;
  /** `d1_migrations` unless `migrations_table` says otherwise. */
  readonly table: string;
}

interface Known extends D1Options {
  /** Of the target's table; none: it is not there, or was not looked at. */
  readonly columns: readonly string[];
}

function make({ directory, table, columns }: Known): Bookkeeping {
  const name = quoteName(table);
  const exists = columns.length > 0;
  const nameOf = ({ file, recordedAs }: Migration) => recordedAs ?? portablePath(directory, file);
  return {
    kind: 'd1',
    dialect: 'sqlite',
    table,
    quoted: name,
    row: '_rowid_',
    shape: { sql: 'SELECT name FROM pragma_table_info(?)', args: [table] },
    withShape: (rows) => make({ directory, table, columns: columnsOf(table, rows) }),
    exists,
    tableShape: exists ? 'd1' : undefined,
    nameOf,
    create: () => [{ sql: createSql(name) }],
    upgrade: () => [],
    read: { sql: `SELECT ${readColumns(columns)} FROM ${name} ORDER BY _rowid_` },
    parse: (rows) => rows.map(entryOf),
    // `applied_at` comes from the table's default, as with wrangler: the database's clock.
    record: (migration) => ({ sql: `INSERT INTO ${name} (name) VALUES (?)`, args: [nameOf(migration)] }),
    erase: ({ rowid }) => ({ sql: `DELETE FROM ${name} WHERE _rowid_ = ?`, args: [rowid] }),
    change: (entry, values) => changeRow({ dialect: 'sqlite', quoted: name, row: '_rowid_' }, entry, values),
    isRecorded: (migration) =>
      `SELECT EXISTS (SELECT 1 FROM ${name} WHERE name = ${quoteText(nameOf(migration))})`,
    hold: [],
    digest,
  };
}

// Word for word, white space too: it is what `sqlite_schema` keeps.
const createSql = (name: string) => `CREATE TABLE IF NOT EXISTS ${name}(
		id         INTEGER PRIMARY KEY AUTOINCREMENT,
		name       TEXT UNIQUE,
		applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
)`;

function columnsOf(table: string, rows: readonly Row[]): readonly string[] {
  const columns = rows.map(({ name }) => String(name).toLowerCase());
  if (columns.length === 0 || columns.includes('name')) return columns;
  throw new MigrateError(
    'migrations',
    `Table ${table} is no tracking table of wrangler: it has no column name`,
    {
      next: 'Name the tracking table with migrations_table in the wrangler config, or with databases.<name>.table in migrate-tui.config.ts.',
    },
  );
}

function readColumns(columns: readonly string[]): string {
  const kept = ['id', 'name', 'applied_at'].filter((column) => columns.includes(column));
  return ['_rowid_ AS row', ...kept].join(', ');
}

function entryOf(row: Row): Entry {
  const { id, name, applied_at: appliedText } = row;
  const appliedAt = typeof appliedText === 'string' ? timeOf(appliedText) : NaN;
  return {
    rowid: Number(row['row']),
    hash: '',
    createdAt: 0,
    ...(id === null || id === undefined ? {} : { id }),
    ...(typeof name === 'string' ? { name } : {}),
    ...(Number.isNaN(appliedAt) ? {} : { appliedAt }),
  };
}

// Without row numbers and times of applying: they differ between a rehearsal and the real thing.
function digest(entries: readonly Entry[]): string {
  const names = entries.map(({ name }) => JSON.stringify([name ?? null]));
  return sha256(names.toSorted().join('\n'));
}
