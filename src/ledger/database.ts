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
  { purpose, authToken }: { readonly purpose: 'read' | 'write'; readonly authToken?: string },
): Promise<{ readonly database: LedgerDatabase; readonly close: () => void } | undefined> {
  try {
    const database = location.includes('://')
      ? await openRemote(location, authToken)
      : openFile(location, purpose);
    if (purpose === 'write') await prepareForWriting(database);
    // The very first run is just making it: until its tables are there, there is nothing to read.
    else if ((await newestApplied(database)) < 0) {
      database.$client.close();
      return undefined;
    }
    return { database, close: () => database.$client.close() };
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

type OpenDatabase = LedgerDatabase & { readonly $client: { close(): void } };

function openFile(file: string, purpose: 'read' | 'write'): OpenDatabase {
  if (purpose === 'write') makeHome(dirname(file));
  return drizzle({ connection: { url: pathToFileURL(file).href, concurrency: 1, timeout: 5000 } });
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
  const migrationsFolder = join(packageRoot(), 'migrations');
  const newest = readMigrationFiles({ migrationsFolder }).at(-1)?.folderMillis ?? 0;
  if ((await newestApplied(database)) >= newest) return;
  try {
    await migrate(database, { migrationsFolder });
  } catch (error) {
    if ((await newestApplied(database)) < newest) throw error;
  }
}

async function newestApplied(database: LedgerDatabase): Promise<number> {
  const [table] = await database.values<[number]>(
    sql`SELECT count(*) FROM sqlite_schema WHERE name = '__drizzle_migrations'`,
  );
  if (Number(table?.[0]) === 0) return -1;
  const [row] = await database.values<[number | null]>(sql`SELECT max(created_at) FROM __drizzle_migrations`);
  return row?.[0] ?? -1;
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.cause instanceof Error ? cause.cause.message : cause.message;
}
