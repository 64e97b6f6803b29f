import type { MigrationStatement } from '../../migrations/migration.ts';
import { quoteTable } from '../../sql/quote.ts';
import type { LeftInvalid } from '../diagnosis/left-invalid.ts';
import type { Option } from './option.ts';
import { listed } from './words.ts';

/**
 * The same ways where a build left an index that is not valid: what runs statements drops it first, as the statement
 * that makes it would be refused for its name, or pass it over; and no record is written beside it.
 */
export function withInvalidDropped(
  options: readonly Option[],
  invalid: readonly LeftInvalid[],
): readonly Option[] {
  return invalid.length === 0 ? options : options.map((option) => withDropped(option, invalid));
}

function withDropped(option: Option, invalid: readonly LeftInvalid[]): Option {
  if (option.kind === 'closed') return option;
  const { way } = option;
  const names = listed(invalid.map(({ index }) => index));
  if (option.id === 'record') {
    return { kind: 'closed', id: option.id, why: `${names} is not valid: what made it did not end.` };
  }
  if (way.kind !== 'run' && way.kind !== 'undo') return option;
  const drops = dropsOfInvalid(invalid.map(({ index }) => index));
  const own = way.migration.statements.map((statement, at) => ({ number: at + 1, ...statement }));
  return {
    ...option,
    why: `Drops ${names}, which is not valid, without keeping anybody from writing. ${option.why}`,
    way: { ...way, migration: { ...way.migration, statements: [...drops, ...own] } },
  };
}

/** One statement for each, which keeps nobody from reading or writing. */
export function dropsOfInvalid(names: readonly string[]): readonly MigrationStatement[] {
  return names.map((name) => ({
    sql: `DROP INDEX CONCURRENTLY IF EXISTS ${quoteTable('postgres', name)}`,
    line: 1,
  }));
}
