import { basename, dirname, resolve } from 'node:path';
import { MigrateError } from '../../lib/errors.ts';
import { unreachable } from '../../lib/unreachable.ts';
import { isNumberedFolder } from '../../migrations/numbered-folder.ts';
import type { ParsedConfig, ParsedDatabase } from '../config/parse.ts';
import type { Database } from '../project.ts';
import { bad, inside, unknownName, type Place } from '../config/shape.ts';
import type { Surroundings } from './surroundings.ts';
import { d1Table, drizzleTable, numberedTable } from '../defaults.ts';
import type { WranglerMigrations } from '../wrangler/config.ts';
import { blocksOf, isReached } from '../wrangler/databases.ts';

/** The databases, in the order in which a command acts on them. Throws `config`. */
export function configuredDatabases(config: ParsedConfig, around: Surroundings): readonly Database[] {
  return inOrder(databasesOf(config, around), config.order, { file: around.file, key: 'order' });
}

function databasesOf({ databases }: ParsedConfig, around: Surroundings): readonly Database[] {
  if (databases !== undefined && databases.size > 0) {
    return Array.from(databases, ([name, given]) => databaseOf(name, given, around));
  }
  if (around.found.databases.length > 0) return around.found.databases;
  const failed = around.readings.find((reading) => reading.kind === 'failed');
  if (failed !== undefined) throw failed.error;
  throw bad(
    { file: around.file, key: 'databases' },
    'names no database, and there is no Drizzle or wrangler configuration beside it',
    `Add databases: { app: { migrations: 'drizzle' } } to ${around.file}.`,
  );
}

function databaseOf(name: string, given: ParsedDatabase, around: Surroundings): Database {
  const at = { file: around.file, key: `databases.${name}` };
  const directory =
    given.migrations === undefined
      ? lentDirectory(name, at, around)
      : resolve(dirname(around.file), given.migrations);
  const kept =
    given.bookkeeping === undefined || given.bookkeeping === 'd1'
      ? keptByWrangler(name, directory, at, given, around)
      : undefined;
  const bookkeeping = given.bookkeeping ?? (kept === undefined ? ofFolder(directory, around) : 'd1');
  return {
    name,
    directory,
    format: 'auto',
    // Told later, by `withDialects`.
    dialect: 'sqlite',
    bookkeeping,
    table: given.table ?? tableOf(bookkeeping, kept, () => lentTable(directory, inside(at, 'table'), around)),
    ...(kept?.pattern === undefined ? {} : { pattern: kept.pattern }),
    only: given.only,
  };
}

/**
 * Of a folder that wrangler does not read: Drizzle's where a Drizzle configuration names it, or may name it because it
 * cannot be read; else what lies there decides.
 */
function ofFolder(directory: string, { readings }: Surroundings): 'drizzle' | 'numbered' {
  const isDrizzles = readings.some(
    (reading) => reading.kind === 'failed' || reading.config.directory === directory,
  );
  return !isDrizzles && isNumberedFolder(directory) ? 'numbered' : 'drizzle';
}

function tableOf(
  bookkeeping: Database['bookkeeping'],
  kept: WranglerMigrations | undefined,
  ofDrizzle: () => string,
): string {
  switch (bookkeeping) {
    case 'd1':
      return kept?.table ?? d1Table;
    case 'numbered':
      return numberedTable;
    case 'drizzle':
      return ofDrizzle();
    default:
      return unreachable(bookkeeping);
  }
}

/** What wrangler's configuration says about a folder that it reads. */
function keptByWrangler(
  name: string,
  directory: string,
  at: Place,
  given: ParsedDatabase,
  { wranglers }: Surroundings,
): WranglerMigrations | undefined {
  const config = wranglers.near(directory);
  const bindings = (config === undefined ? [] : blocksOf(config)).flatMap(([, { databases }]) =>
    databases.filter(({ migrations }) => migrations.directory === directory && isReached(migrations)),
  );
  const own = bindings.filter(({ binding }) => binding === name);
  const [first, ...others] = own.length > 0 ? own : bindings;
  const table = given.table ?? first?.migrations.table;
  const differs = others.find(
    ({ migrations }) =>
      (given.table === undefined && migrations.table !== table) ||
      migrations.pattern !== first?.migrations.pattern,
  );
  if (differs === undefined) return first?.migrations;
  throw bad(
    at,
    `may be ${first?.binding} or ${differs.binding} of ${basename(config?.file ?? '')}, whose migrations_table or migrations_pattern differ`,
    `Name it as the binding in ${at.file}.`,
  );
}

function lentDirectory(name: string, at: Place, { found, file }: Surroundings): string {
  const [only, ...others] = found.databases;
  const lender = found.databases.find((one) => one.name === name) ?? (others.length === 0 ? only : undefined);
  if (lender !== undefined) return lender.directory;
  throw bad(
    inside(at, 'migrations'),
    'is missing, and no Drizzle or wrangler configuration says it',
    `Add the folder of its migrations to ${file}.`,
  );
}

/** The wrong table would make every migration look pending, so it is never guessed past a configuration that cannot be read. */
function lentTable(directory: string, at: Place, { readings }: Surroundings): string {
  const lenders = readings.flatMap((reading) =>
    reading.kind === 'read' && reading.config.directory === directory ? [reading.config] : [],
  );
  const [lender] = lenders;
  if (lender !== undefined) return lender.table ?? drizzleTable;
  const failed = readings.find((reading) => reading.kind === 'failed');
  if (failed === undefined) return drizzleTable;
  throw new MigrateError(
    'config',
    `${failed.error.message} So the name of the tracking table is not known.`,
    {
      next: `Correct it, or say ${at.key}: '${drizzleTable}' in ${at.file}.`,
      cause: failed.error,
    },
  );
}

function inOrder(
  databases: readonly Database[],
  order: readonly string[] | undefined,
  at: Place,
): readonly Database[] {
  if (order === undefined) return databases;
  const names = databases.map(({ name }) => name);
  for (const [index, name] of order.entries()) {
    if (!names.includes(name)) throw unknownName(at, 'database', name, names);
    if (order.indexOf(name) !== index)
      throw bad(at, `names ${name} twice`, `Name each database once in ${at.file}.`);
  }
  const place = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
  return databases.toSorted((a, b) => place(a.name) - place(b.name));
}
