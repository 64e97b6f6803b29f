import { changesNoMeaning } from '../../sql/postgres/lost-between-parts.ts';
import { guardIn } from '../../sql/guard.ts';
import { quoteText } from '../../sql/quote.ts';
import type { Statement } from '../../sql/statement.ts';

/** The name under which `settingsGuard` raises. */
export const settingsGuardName = 'settings';

/** Stands before what `settingsGuard` is about: who the session was then, as a target may say SET ROLE itself. */
export const rememberRole: Statement = {
  sql: "SELECT pg_catalog.set_config('migrate_tui.role', current_user, true)",
};

const lost = `SELECT name FROM pg_catalog.pg_settings
    WHERE source = 'session' AND setting IS DISTINCT FROM reset_val AND name !~* ${quoteText(changesNoMeaning.source)}
  UNION ALL SELECT 'role' WHERE current_user <> nullif(pg_catalog.current_setting('migrate_tui.role', true), '')
  UNION ALL SELECT 'temporary table ' || relname FROM pg_catalog.pg_class
    WHERE relnamespace = pg_catalog.pg_my_temp_schema() AND relkind IN ('r', 'p', 'v')`;

/**
 * Raises where a part of a migration leaves what the next one would not meet, whoever set it: a function or code in a DO
 * block, whose text need not tell. A setting of the project's own (`app.tenant`) is in no catalogue.
 * https://www.postgresql.org/docs/current/view-pg-settings.html
 */
export const settingsGuard: Statement = {
  sql: guardIn('postgres')(
    settingsGuardName,
    `NOT EXISTS (${lost})`,
    `(SELECT pg_catalog.string_agg(name, ', ') FROM (${lost}) AS left_behind)`,
  ),
};
