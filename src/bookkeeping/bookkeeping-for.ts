import { MigrateError } from '../lib/errors.ts';
import { unreachable } from '../lib/unreachable.ts';
import type { FormatName } from '../migrations/migration.ts';
import type { Bookkeeping } from './bookkeeping.ts';
import { d1Bookkeeping } from './d1.ts';
import { drizzleBookkeeping } from './drizzle.ts';

/**
 * The bookkeeping of a database, not yet told the shape of a target's table.
 * Throws `MigrateError` `config` for plain files under Drizzle's table, which has no place for them.
 */
export function bookkeepingFor({ recordedBy, format, directory, table }: BookkeepingChoice): Bookkeeping {
  switch (recordedBy) {
    case 'd1':
      return d1Bookkeeping({ directory, table });
    case 'drizzle':
      if (format === 'wrangler') throw plainFiles(directory, table);
      return drizzleBookkeeping({ format, table });
    default:
      return unreachable(recordedBy);
  }
}

export interface BookkeepingChoice {
  readonly recordedBy: 'drizzle' | 'd1';
  /** What the folder was found to be. */
  readonly format: FormatName;
  /** Absolute path of the migration folder. */
  readonly directory: string;
  readonly table: string;
}

function plainFiles(directory: string, table: string): MigrateError {
  return new MigrateError(
    'config',
    `Migration folder ${directory} holds plain SQL files, which Drizzle's table ${table} cannot record`,
    { next: "Set bookkeeping: 'd1' for this database in migrate-tui.config.ts." },
  );
}
