import { MigrateError } from '../lib/errors.ts';
import { unreachable } from '../lib/unreachable.ts';
import { quoteName } from '../sql/quote.ts';
import type { Dialect, Row, Statement } from '../sql/statement.ts';

/** What a table of numbered files keeps of a migration, and how. */
export interface NumberedColumns {
  /** What addresses a row, as SQL. */
  readonly row: string;
  /** The number of a row's migration, as SQL. */
  readonly number: string;
  /** Undefined: the number stands at the beginning of the name. */
  readonly version: NumberedColumn | undefined;
  readonly name: NumberedColumn | undefined;
  readonly appliedAt: NumberedColumn | undefined;
}

export interface NumberedColumn {
  /** Its name as SQL. */
  readonly sql: string;
  /** `small`: an integer of 32 bits in PostgreSQL; `moment`: a date and time there, which SQLite keeps as text. */
  readonly holds: 'integer' | 'small' | 'text' | 'moment';
  /** Whether it has a default. */
  readonly fillsItself: boolean;
}

const own = (name: string, holds: NumberedColumn['holds']): NumberedColumn => ({
  sql: name,
  holds,
  fillsItself: false,
});

/** Of a table that this program makes. */
export const ownColumns: NumberedColumns = {
  row: 'version',
  number: 'version',
  version: own('version', 'integer'),
  name: own('name', 'text'),
  appliedAt: own('applied_at', 'integer'),
};

export interface NumberedTable {
  readonly dialect: Dialect;
  readonly schema: string;
  readonly name: string;
  /** For people. */
  readonly table: string;
}

/** One row for each column, with all that `columnsIn` needs of it; no row when there is no table. */
export function shapeOf({ dialect, schema, name }: NumberedTable): Statement {
  switch (dialect) {
    case 'sqlite':
      return { sql: sqliteShape, args: [name, name, name, name] };
    case 'postgres':
      return { sql: postgresShape, args: [schema, name] };
    default:
      return unreachable(dialect);
  }
}

const sqliteShape = `SELECT name, type, "notnull" AS needed, dflt_value IS NOT NULL AS filled,
  pk = 1 AND (SELECT max(pk) FROM pragma_table_info(?)) = 1 AS primary_key,
  coalesce((SELECT wr FROM pragma_table_list WHERE schema = 'main' AND lower(name) = lower(?)), 0) AS bare,
  EXISTS (SELECT 1 FROM pragma_table_list WHERE schema = 'main' AND lower(name) = lower(?) AND type = 'view') AS shown
FROM pragma_table_info(?)`;

const postgresShape = `SELECT a.attname::text AS name, format_type(a.atttypid, NULL) AS type, a.attnotnull::int AS needed,
  (a.atthasdef OR a.attidentity <> '')::int AS filled,
  (EXISTS (SELECT 1 FROM pg_catalog.pg_index AS i
    WHERE i.indrelid = c.oid AND i.indisprimary AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum))::int AS primary_key,
  0 AS bare, 0 AS shown
FROM pg_catalog.pg_attribute AS a
JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum`;

interface Found extends NumberedColumn {
  readonly name: string;
  readonly isNeeded: boolean;
  readonly isKey: boolean;
  /** Whether SQLite makes a whole number of 2.0. */
  readonly isWhole: boolean;
}

/**
 * Finds its way in a table that another runner may have made; undefined: there is no table.
 *
 * @param rows the answer to `shapeOf`
 * @throws MigrateError `migrations` for a table that cannot be understood, or that a record cannot be written to,
 *   without a guess
 */
export function columnsIn(
  rows: readonly Row[],
  { dialect, table }: NumberedTable,
): NumberedColumns | undefined {
  if (rows.length === 0) return undefined;
  if (Number(rows[0]?.['shown']) === 1) throw refused(table, 'it is a view, which takes no records');
  const all = rows.map((row) => foundIn(row, dialect));
  const called = (...names: readonly string[]) => all.find(({ name }) => names.includes(name.toLowerCase()));
  const version = called('version');
  const name = called('name', 'filename');
  const appliedAt = called('applied_at', 'executed_at');
  const teller = version ?? name;
  if (!teller) throw refused(table, 'it has no column version and no column name');
  if (teller.holds === 'moment')
    throw refused(table, `its column ${teller.name} holds times, not numbers of migrations`);
  const unknown = all.find((one) => one.isNeeded && one !== version && one !== name && one !== appliedAt);
  if (unknown)
    throw refused(
      table,
      `every row of it needs a ${unknown.name}, of which only the runner that made the table knows what it is`,
    );
  const number = numberSql(teller, dialect);
  const key = all.find(({ isKey, holds }) => isKey && (holds === 'integer' || holds === 'small'));
  const hasRowid = dialect === 'sqlite' && Number(rows[0]?.['bare']) === 0;
  // A column of such a name hides the number of the row behind it.
  const rowid = hasRowid ? rowidNames.find((free) => called(free) === undefined) : undefined;
  return { row: rowid ?? key?.sql ?? number, number, version, name, appliedAt };
}

const rowidNames = ['_rowid_', 'rowid', 'oid'];

function foundIn(row: Row, dialect: Dialect): Found {
  const [name, type] = [String(row['name']), String(row['type'])];
  const holds = dialect === 'sqlite' ? sqliteHolds(type) : postgresHolds(type);
  const isKey = Number(row['primary_key']) === 1;
  // SQLite fills an INTEGER PRIMARY KEY by itself.
  const fillsItself =
    Number(row['filled']) === 1 || (dialect === 'sqlite' && isKey && /^integer$/i.test(type));
  return {
    name,
    sql: /^[a-z_][a-z0-9_]*$/.test(name) ? name : quoteName(name),
    holds,
    fillsItself,
    isKey,
    isWhole: dialect === 'sqlite' && /int/i.test(type),
    isNeeded: Number(row['needed']) === 1 && !fillsItself,
  };
}

/** By the rules of affinity, but for times, which SQLite has no type for: https://sqlite.org/datatype3.html#determination_of_column_affinity */
function sqliteHolds(type: string): NumberedColumn['holds'] {
  if (/int/i.test(type)) return 'integer';
  if (/char|clob|text/i.test(type)) return 'text';
  return /date|time/i.test(type) ? 'moment' : 'integer';
}

function postgresHolds(type: string): NumberedColumn['holds'] {
  if (/^(?:bigint|numeric)$/.test(type)) return 'integer';
  if (/^(?:integer|smallint)$/.test(type)) return 'small';
  return /^(?:timestamp|date)/.test(type) ? 'moment' : 'text';
}

function numberSql({ sql, holds, isWhole }: Found, dialect: Dialect): string {
  if (isWhole) return sql;
  if (dialect === 'postgres' && holds !== 'text') return sql;
  return dialect === 'sqlite'
    ? `CAST(${sql} AS INTEGER)`
    : `CAST(substring(${sql} FROM '^[0-9]+') AS numeric)`;
}

function refused(table: string, why: string): MigrateError {
  return new MigrateError(
    'migrations',
    `Table ${table} cannot be used as the tracking table of numbered files: ${why}`,
    {
      next: 'Name the tracking table with databases.<name>.table in migrate-tui.config.ts; with another name a new one is made, and migrate-tui baseline records there what ran.',
    },
  );
}
