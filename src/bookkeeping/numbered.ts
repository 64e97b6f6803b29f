import { basename } from 'node:path';
import { MigrateError } from '../lib/errors.ts';
import { sha256 } from '../lib/hash.ts';
import type { Migration } from '../migrations/migration.ts';
import { numberedName, type NumberedName } from '../migrations/numbered-name.ts';
import { nameInSchema, quoteName, quoteQualified } from '../sql/quote.ts';
import type { Dialect, Row, Statement } from '../sql/statement.ts';
import { appliedAtOf } from './applied-at.ts';
import type { Bookkeeping, Entry } from './bookkeeping.ts';
import { changeRow } from './change-row.ts';
import {
  columnsIn,
  ownColumns,
  shapeOf,
  type NumberedColumn,
  type NumberedColumns,
} from './numbered-columns.ts';
import { appliedAtAs, nameAs, versionAs } from './numbered-values.ts';

/**
 * The table that runners of numbered files keep by custom: `version`, `name`, `applied_at`. No hash, so that an edit
 * shows only in our own ledger. A table that another runner made is read and continued in its own way: which columns
 * it has, numbers or texts, with or without `.sql`, seconds or milliseconds, is looked up there.
 */
export function numberedBookkeeping({ dialect, table, schema = 'public' }: NumberedOptions): Bookkeeping {
  const isSqlite = dialect === 'sqlite';
  return make({
    dialect,
    schema,
    name: table,
    table: isSqlite ? table : nameInSchema(schema, table),
    quoted: isSqlite ? plain(table) : quoteQualified(schema, table),
    columns: undefined,
  });
}

export interface NumberedOptions {
  readonly dialect: Dialect;
  /** `_migrations` unless configured. */
  readonly table: string;
  /** `public` unless configured. PostgreSQL only. */
  readonly schema?: string | undefined;
}

interface Known extends Pick<Bookkeeping, 'dialect' | 'table' | 'quoted'> {
  readonly schema: string;
  readonly name: string;
  /** Of the target's table; undefined: it is not there, or was not looked at. */
  readonly columns: NumberedColumns | undefined;
}

function make(known: Known): Bookkeeping {
  const { dialect, table, quoted } = known;
  const columns = known.columns ?? ownColumns;
  const exists = known.columns !== undefined;
  const { row, number } = columns;
  return {
    kind: 'numbered',
    dialect,
    table,
    quoted,
    row,
    number,
    shape: shapeOf(known),
    withShape: (rows) => make({ ...known, columns: columnsIn(rows, known) }),
    exists,
    tableShape: exists ? 'numbered' : undefined,
    nameOf: ({ tag }) => tag,
    // Where it is there it is not asked again: it may be another runner's, and PostgreSQL wants the right to create.
    create: () => (exists ? [] : createSql(known).map((sql) => ({ sql }))),
    upgrade: () => [],
    read: { sql: readSql(columns, known) },
    parse: (rows) => rows.map((each) => entryOf(table, each)),
    record: (migration, now) => record(known, migration, now),
    erase: ({ rowid }) => ({ sql: `DELETE FROM ${quoted} WHERE ${row} = ${rowid}` }),
    change: (entry, values) => changeRow({ dialect, quoted, row }, entry, values),
    isRecorded: (migration) => {
      const found = `EXISTS (SELECT 1 FROM ${quoted} WHERE ${number} = ${nameOf(migration).number})`;
      return dialect === 'sqlite' ? `SELECT ${found}` : `SELECT (${found})::int`;
    },
    hold: holdOf(dialect, quoted),
    digest,
  };
}

function holdOf(dialect: Dialect, quoted: string): readonly Statement[] {
  // Conflicts with every INSERT, and with itself, but neither with SELECT nor with a dump that is being taken:
  // https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES
  return dialect === 'sqlite' ? [] : [{ sql: `LOCK TABLE ${quoted} IN SHARE ROW EXCLUSIVE MODE` }];
}

/** A name that needs no quotes has none, as where a person made the table. */
function plain(table: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(table) ? table : quoteName(table);
}

// What SQLite keeps of it is what runners document, white space too. PostgreSQL's INTEGER ends at 2,147,483,647.
function createSql({ dialect, schema, quoted }: Known): readonly string[] {
  const integer = dialect === 'sqlite' ? 'INTEGER' : 'BIGINT';
  const create = `CREATE TABLE IF NOT EXISTS ${quoted} (
  version ${integer} PRIMARY KEY,
  name TEXT NOT NULL,
  applied_at ${integer} NOT NULL
)`;
  return dialect === 'sqlite' || schema === 'public'
    ? [create]
    : [`CREATE SCHEMA IF NOT EXISTS ${quoteName(schema)}`, create];
}

function readSql(
  { row, number, version, name, appliedAt }: NumberedColumns,
  { dialect, quoted }: Pick<Known, 'dialect' | 'quoted'>,
): string {
  const wanted = [
    `CAST(${row} AS text) AS "row"`,
    ...(version ? [`CAST(${version.sql} AS text) AS version`] : []),
    ...(name ? [`${name.sql} AS name`] : []),
    ...(appliedAt ? [`${timeSql(appliedAt, dialect)} AS applied_at`] : []),
  ];
  return `SELECT ${wanted.join(', ')} FROM ${quoted} ORDER BY ${number}, ${row}`;
}

function timeSql({ sql, holds }: NumberedColumn, dialect: Dialect): string {
  return dialect === 'postgres' && holds === 'moment'
    ? `floor(extract(epoch FROM ${sql}) * 1000)::bigint`
    : sql;
}

function entryOf(table: string, stored: Row): Entry {
  const { name, version } = stored;
  const says = numberIn((version === undefined ? name : version) ?? '');
  if (!says) throw noNumber(table, version === undefined ? 'name' : 'version');
  const rowid = String(stored['row']);
  const appliedAt = appliedAtOf(stored['applied_at']);
  const called = typeof name === 'string' ? name : says.title === '' ? undefined : says.tag;
  return {
    rowid: Number.isSafeInteger(Number(rowid)) ? Number(rowid) : rowid,
    hash: '',
    createdAt: 0,
    version: String(says.number),
    ...(called === undefined ? {} : { name: called }),
    ...(appliedAt === undefined ? {} : { appliedAt }),
  };
}

/** What a driver wrote as 2.0 is 2; of 1.5 nobody knows which file it is. */
function numberIn(stored: unknown): NumberedName | undefined {
  const text = String(stored).replace(/^(\d+)\.0+$/, '$1');
  return /^\d+\.\d/.test(text) ? undefined : numberedName(text);
}

function noNumber(table: string, column: string): MigrateError {
  return new MigrateError(
    'migrations',
    `Table ${table} has a row whose ${column} does not begin with the number of a migration, so it cannot be told which one ran`,
    {
      next: `Look at the table's rows, and put the number right; where it is no tracking table, name the right one with databases.<name>.table in migrate-tui.config.ts.`,
    },
  );
}

function record(
  { dialect, quoted, columns = ownColumns }: Known,
  migration: Migration,
  now: number,
): Statement {
  const { version, name, appliedAt } = columns;
  const of = { dialect, quoted, number: columns.number };
  const said = { ...nameOf(migration), file: basename(migration.file) };
  const values = [
    ...(version ? [[version.sql, versionAs(version, said, of)] as const] : []),
    ...(name ? [[name.sql, nameAs(name, said, of)] as const] : []),
    ...(appliedAt && !appliedAt.fillsItself
      ? [[appliedAt.sql, appliedAtAs(appliedAt, now, of)] as const]
      : []),
  ];
  return {
    sql: `INSERT INTO ${quoted} (${values.map(([column]) => column).join(', ')}) VALUES (${values.map(([, value]) => value).join(', ')})`,
  };
}

function nameOf({ tag }: Pick<Migration, 'tag'>): NumberedName {
  const said = numberedName(tag);
  if (!said) throw new Error(`${tag} was read as a numbered file and has no number.`);
  return said;
}

// Without row numbers and times of applying: they differ between a rehearsal and the real thing.
function digest(entries: readonly Entry[]): string {
  const rows = entries.map(({ version, name }) => JSON.stringify([version ?? null, name ?? null]));
  return sha256(rows.toSorted().join('\n'));
}
