import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { LibSQLDatabase } from 'drizzle-orm/libsql';
import { drizzle } from 'drizzle-orm/libsql/sqlite3';
import { migrate } from 'drizzle-orm/libsql/migrator';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { sql } from 'drizzle-orm';
import { MigrateError } from '../lib/errors.ts';
import { packageRoot } from '../lib/package-root.ts';

export type LedgerDatabase = LibSQLDatabase;

/**
 * Opens the ledger's database; for writing it is made and brought to the newest schema first.
 * Readers never change it: one with an older schema is refused with the way out.
 */
export async function openLedgerDatabase(
  location: string,
  { purpose, authToken, wait = 5000 }: OpenLedgerOptions,
): Promise<OpenedLedger | undefined> {
  try {
    const database = location.includes('://')
      ? await openRemote(location, authToken)
      : openFile(location, { purpose, wait });
    const opened = await ledgerIn(database, { location, purpose }).catch((error: unknown) => {
      database.$client.close();
      throw error;
    });
    if (!opened) database.$client.close();
    return opened;
  } catch (cause) {
    if (cause instanceof MigrateError) throw cause;
    throw new MigrateError(
      'storage',
      `The ledger of runs, ${location}, cannot be opened: ${reasonOf(cause)}.`,
      {
        next: 'Make it writable, or delete .migrate-tui: that loses the record of runs and nothing else.',
        cause,
      },
    );
  }
}

export interface OpenLedgerOptions {
  readonly purpose: 'read' | 'write';
  readonly authToken?: string;
  /** Milliseconds for which a file that another process has locked is waited for, at each statement; 5,000 unless said. */
  readonly wait?: number;
}

export interface OpenedLedger {
  readonly database: LedgerDatabase;
  /** Whether a version of this program made it that knows more than this one; much of it may be of use all the same. */
  readonly isNewer: () => Promise<boolean>;
  readonly close: () => void;
}

async function ledgerIn(
  database: OpenDatabase,
  { location, purpose }: { readonly location: string; readonly purpose: 'read' | 'write' },
): Promise<OpenedLedger | undefined> {
  const tables = await tablesIn(database);
  refuseForeign(tables, location);
  if (purpose === 'write') await prepareForWriting(database);
  // The very first run is just making it: until its tables are there, there is nothing to read.
  else if (!tables.includes('runs')) return undefined;
  return { database, isNewer: () => isNewer(database), close: () => database.$client.close() };
}

type OpenDatabase = LedgerDatabase & { readonly $client: { close(): void } };

function openFile(
  file: string,
  { purpose, wait }: Required<Omit<OpenLedgerOptions, 'authToken'>>,
): OpenDatabase {
  if (purpose === 'write') makeHome(dirname(file));
  return drizzle({ connection: { url: pathToFileURL(file).href, concurrency: 1, timeout: wait } });
}

async function openRemote(url: string, authToken: string | undefined): Promise<OpenDatabase> {
  const remote = await import('drizzle-orm/libsql/web');
  return remote.drizzle({ connection: authToken === undefined ? { url } : { url, authToken } });
}

/** `.migrate-tui/` brings its own ignore file, so that nobody commits it by accident. */
function makeHome(folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, '.gitignore'), '*\n');
}

async function prepareForWriting(database: LedgerDatabase): Promise<void> {
  // Readers go on while a run writes. A commit survives the death of the process, not a power cut:
  // after one, the record in the target decides, so waiting for the disk here would buy nothing.
  await database.run(sql`PRAGMA journal_mode = WAL`);
  await database.run(sql`PRAGMA synchronous = NORMAL`);
  await bringUpToDate(database);
}

/**
 * drizzle-orm's migrator takes no lock: two first runs at once both create the tables, and the later one fails.
 * Its whole batch is rolled back then, so looking again tells whether the other one did the work.
 */
async function bringUpToDate(database: LedgerDatabase): Promise<void> {
  const newest = newestKnown();
  if ((await newestApplied(database)) >= newest) return;
  try {
    await migrate(database, { migrationsFolder: migrationsFolder() });
  } catch (error) {
    if ((await newestApplied(database)) < newest) throw error;
  }
}

function migrationsFolder(): string {
  return join(packageRoot(), 'migrations');
}

function newestKnown(): number {
  return readMigrationFiles({ migrationsFolder: migrationsFolder() }).at(-1)?.folderMillis ?? 0;
}

async function isNewer(database: LedgerDatabase): Promise<boolean> {
  return (await newestApplied(database)) > newestKnown();
}

async function tablesIn(database: LedgerDatabase): Promise<readonly string[]> {
  const rows = await database.values<[string]>(
    sql`SELECT name FROM sqlite_schema WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_'`,
  );
  return rows.map((row) => row[0]);
}

/** Another database is neither read as a ledger nor made one: the setting names the wrong place. */
function refuseForeign(tables: readonly string[], location: string): void {
  if (tables.includes('runs') && tables.includes('units')) return;
  // While it is made for the first time only Drizzle's own table may be there.
  const other = tables.find((name) => name !== drizzleTable);
  if (other === undefined) return;
  throw new MigrateError(
    'storage',
    `${location} is no ledger of runs but another database: it has a table ${other}.`,
    { next: 'Name another place as ledger in the configuration, or move that database away.' },
  );
}

const drizzleTable = '__drizzle_migrations';

async function newestApplied(database: LedgerDatabase): Promise<number> {
  if (!(await tablesIn(database)).includes(drizzleTable)) return -1;
  const [row] = await database.values<[number | null]>(sql`SELECT max(created_at) FROM __drizzle_migrations`);
  return row?.[0] ?? -1;
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.cause instanceof Error ? cause.cause.message : cause.message;
}
