import { leaseSchema } from '../../bookkeeping/lease-postgres.ts';
import { leaseTable } from '../../bookkeeping/lease-sqlite.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { DrizzleKit, KitConfig } from '../../project/drizzle/kit.ts';
import type { Database } from '../../project/project.ts';
import { trackingTables } from '../../schema/left-out.ts';
import type { TargetDatabase } from '../workspace.ts';

/** drizzle-kit drops what the schema does not have: what keeps it from the tables of records and from our lock. */
export function keepTables(
  { version }: Pick<DrizzleKit, 'version'>,
  { says }: Pick<KitConfig, 'says'>,
  { database }: KeptTarget,
): Readonly<Record<string, unknown>> {
  const line = version.startsWith('0.') ? '0' : '1';
  switch (database.dialect) {
    case 'sqlite':
      return line === '0' ? keep0InSqlite(says, database.table) : keep1InSqlite(says);
    case 'postgres':
      return line === '0' ? keep0InPostgres(says, database) : keep1InPostgres(says);
    default:
      return unreachable(database.dialect);
  }
}

interface KeptTarget {
  readonly database: Pick<TargetDatabase['database'], 'dialect' | 'table' | 'tableSchema'>;
}

type Says = KitConfig['says'];

/** It would drop the records of other runners and our lock. */
function keep0InSqlite(says: Says, table: string): Readonly<Record<string, unknown>> {
  const kept = [...trackingTables, table, leaseTable];
  return withoutTables(says, kept);
}

/**
 * It knows wrangler's table, and takes a table in as soon as one of several patterns fits it, so that it is given one
 * alone.
 */
function keep1InSqlite(says: Says): Readonly<Record<string, unknown>> {
  return patternsIn(says, 'tablesFilter').length === 0 ? { tablesFilter: [`!${leaseTable}`] } : {};
}

/** It looks into the schemas that it is told of, into `public` unless told, and so meets our lock only there. */
function keep0InPostgres(
  says: Says,
  { table, tableSchema = 'drizzle' }: KeptTarget['database'],
): Readonly<Record<string, unknown>> {
  return looksInto(says, tableSchema) ? withoutTables(says, ['__drizzle_migrations', table]) : {};
}

/** It knows Drizzle's table, and looks into every schema unless it is told of some. */
function keep1InPostgres(says: Says): Readonly<Record<string, unknown>> {
  const own = patternsIn(says, 'schemaFilter');
  return namesNone(own) ? { schemaFilter: [...own, `!${leaseSchema}`] } : {};
}

/** Where the project has patterns of its own that name tables, these are outside of them. */
function withoutTables(says: Says, tables: readonly string[]): Readonly<Record<string, unknown>> {
  const own = patternsIn(says, 'tablesFilter');
  return namesNone(own) ? { tablesFilter: [...own, ...new Set(tables.map((table) => `!${table}`))] } : {};
}

function patternsIn(says: Says, key: 'tablesFilter' | 'schemaFilter'): readonly unknown[] {
  const given = says[key];
  return given === undefined ? [] : Array.isArray(given) ? given : [given];
}

function namesNone(patterns: readonly unknown[]): boolean {
  return patterns.every((pattern) => typeof pattern === 'string' && /^(?:!|\*$)/.test(pattern));
}

/** Whether drizzle-kit 0.x looks into the schema of the records: it would drop the sequence of their numbers. */
export function looksIntoRecords(
  { version }: DrizzleKit,
  { says }: KitConfig,
  { dialect, tableSchema = 'drizzle' }: Pick<Database, 'dialect' | 'tableSchema'>,
): boolean {
  return dialect === 'postgres' && version.startsWith('0.') && looksInto(says, tableSchema);
}

function looksInto(says: Says, schema: string): boolean {
  const named = patternsIn(says, 'schemaFilter');
  return named.length === 0 ? schema === 'public' : named.includes(schema);
}
