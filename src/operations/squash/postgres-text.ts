import { schemaStatements } from '../../schema/postgres/statements.ts';
import type { Schema } from '../../schema/schema.ts';
import { quoteText } from '../../sql/quote.ts';
import { inGroups } from './insert-groups.ts';
import type { KeptTable } from './text.ts';

/** What migrations leave in an empty PostgreSQL database. */
export interface LeftInPostgres {
  readonly dialect: 'postgres';
  readonly schema: Schema;
  readonly tables: readonly KeptPostgresTable[];
  /** What `setval` is given where a sequence does not stand at its beginning, by the sequence as SQL. */
  readonly sequences: ReadonlyMap<string, string>;
  /** Owners, grants and publications that a new database does not have by itself, as statements. */
  readonly rights: readonly string[];
  /** Statements of the history about the whole server, such as CREATE ROLE, as they stand there. */
  readonly serverWide: readonly string[];
  /** What the database and the role of the replay are called. */
  readonly names: readonly string[];
}

/** `rebuilt`: a materialized view, which is filled when it is made. */
export interface KeptPostgresTable extends KeptTable {
  /** What stands behind INSERT INTO: the table with its columns. */
  readonly into: string;
  /** What computed columns hold, by row: a function that computed it may have become another one since. */
  readonly computed: KeptTable['rows'];
  /** Whether PostgreSQL takes numbers for an identity column only when it is told to. */
  readonly identity: 'always' | 'other';
}

/**
 * What is there before rows, the rows, then what would hinder or be run by inserting them. Drizzle runs it in one
 * transaction, behind which nothing of its settings is left.
 */
export function postgresStatements(left: LeftInPostgres): readonly string[] {
  const { settings, beforeRows, afterRows } = schemaStatements(left.schema);
  const said = [
    ...left.serverWide,
    ...settings,
    ...beforeRows.map(ifMissing),
    ...left.tables.flatMap(insertsInto),
    ...afterRows,
    ...Array.from(left.sequences, ([name, at]) => `SELECT pg_catalog.setval(${quoteText(name)}, ${at})`),
    ...left.rights,
    ...settings.map(unset),
  ];
  return said.map((sql) => `${sql.replace(/;\s*$/, '')};`);
}

/** Drizzle's own schema is there before the first migration, an extension where a host has made it. */
function ifMissing(sql: string): string {
  return sql.replace(/^CREATE (SCHEMA|EXTENSION) /, 'CREATE $1 IF NOT EXISTS ');
}

/** Drizzle runs what comes after the one file in the same transaction. */
function unset(setting: string): string {
  return setting.replace(/ (?:=|TO) .*$/, ' TO DEFAULT');
}

function insertsInto({ into, columns, rows, how, identity }: KeptPostgresTable): readonly string[] {
  if (how === 'rebuilt') return [];
  if (columns.length === 0) return rows.map(() => `INSERT INTO ${into} DEFAULT VALUES`);
  const overriding = identity === 'always' ? ' OVERRIDING SYSTEM VALUE' : '';
  const lines = rows.map((row) => `  (${row.join(', ')})`);
  return inGroups(lines).map((group) => `INSERT INTO ${into}${overriding} VALUES\n${group.join(',\n')}`);
}
