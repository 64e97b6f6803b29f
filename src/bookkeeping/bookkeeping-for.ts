import { MigrateError } from '../lib/errors.ts';
import { unreachable } from '../lib/unreachable.ts';
import type { FormatName, RecordedBy } from '../migrations/migration.ts';
import type { Dialect } from '../sql/statement.ts';
import type { Bookkeeping } from './bookkeeping.ts';
import { d1Bookkeeping } from './d1.ts';
import { drizzlePostgres } from './drizzle-postgres.ts';
import { drizzleBookkeeping } from './drizzle.ts';
import { numberedBookkeeping } from './numbered.ts';

/**
 * The bookkeeping of a database, not yet told the shape of a target's table.
 * Throws `MigrateError` `config` for plain files under Drizzle's table, which has no place for them.
 */
export function bookkeepingFor(choice: BookkeepingChoice): Bookkeeping {
  const { recordedBy, directory, table, tableSchema: schema, dialect } = choice;
  switch (recordedBy) {
    case 'd1':
      return d1Bookkeeping({ directory, table });
    case 'numbered':
      return numberedBookkeeping({ dialect, table, schema });
    case 'drizzle':
      return drizzleIn(choice);
    default:
      return unreachable(recordedBy);
  }
}

function drizzleIn({
  format,
  directory,
  table,
  tableSchema = 'drizzle',
  dialect,
}: BookkeepingChoice): Bookkeeping {
  if (format === 'wrangler' || format === 'numbered') throw plainFiles(directory, table);
  switch (dialect) {
    case 'sqlite':
      return drizzleBookkeeping({ format, table });
    case 'postgres':
      return drizzlePostgres({ format, schema: tableSchema, table });
    default:
      return unreachable(dialect);
  }
}

export interface BookkeepingChoice {
  readonly recordedBy: RecordedBy;
  /** What the folder was found to be. */
  readonly format: FormatName;
  /** Absolute path of the migration folder. */
  readonly directory: string;
  readonly table: string;
  /** Where the table is: `drizzle` unless configured, `public` where files are numbered. PostgreSQL only. */
  readonly tableSchema?: string | undefined;
  readonly dialect: Dialect;
}

function plainFiles(directory: string, table: string): MigrateError {
  return new MigrateError(
    'config',
    `Migration folder ${directory} holds plain SQL files, which Drizzle's table ${table} cannot record`,
    {
      next: "Set bookkeeping: 'numbered' for this database in migrate-tui.config.ts, or 'd1' where wrangler runs them.",
    },
  );
}
