import { rm } from 'node:fs/promises';
import { drizzleBookkeeping } from '../../src/bookkeeping/drizzle.ts';
import type { DrizzleLine } from '../../src/migrations/migration.ts';
import { lineUp } from '../../src/operations/history/history.ts';
import type { History } from '../../src/operations/history/history.ts';
import { entriesOf, loaded, shapedFor, started } from '../contracts/bookkeeping.ts';
import { drizzleLines } from './drizzle-lines.ts';
import { writeFiles } from './drizzle-folders.ts';

/** A migration folder and a libSQL file, migrated by drizzle-orm itself and lined up by us. */
export async function drizzleProject(
  files: Readonly<Record<string, string>>,
  format: DrizzleLine = 'drizzle-0',
): Promise<DrizzleProject> {
  const { client, folder, [Symbol.asyncDispose]: dispose } = await started(files);
  return {
    client,
    folder,
    migrate: () => drizzleLines[format].migrate(client, folder),
    async write(next) {
      await rm(folder, { recursive: true });
      await writeFiles(folder, next);
    },
    async history(as = format) {
      const bookkeeping = await shapedFor(
        client,
        drizzleBookkeeping({ format: as, table: '__drizzle_migrations' }),
      );
      const entries = bookkeeping.exists ? await entriesOf(client, bookkeeping) : [];
      return lineUp({ migrations: await loaded(folder), bookkeeping, entries });
    },
    async tables() {
      const { rows } = await client.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\\_\\_%' ESCAPE '\\' ORDER BY name",
      );
      return rows.flatMap(({ name }) => (typeof name === 'string' ? [name] : []));
    },
    [Symbol.asyncDispose]: dispose,
  };
}

export interface DrizzleProject extends AsyncDisposable {
  readonly client: Awaited<ReturnType<typeof started>>['client'];
  readonly folder: string;
  /** The project's own `migrate()`. */
  migrate(): Promise<void>;
  /** Replaces the migration folder. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
  history(as?: DrizzleLine): Promise<History>;
  /** Tables of the application, sorted. */
  tables(): Promise<readonly string[]>;
}
