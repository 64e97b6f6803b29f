import { command, isThereNow, type Failure, type Show } from './failure.ts';

/**
 * The command that shows the rows, for a person to run; none where the database as it is now does not have the tables
 * that it reads, or the text is too long to be typed.
 */
export function showing(failure: Failure, sql: string, tables: readonly string[]): readonly Show[] {
  const isAskable = tables.every((table) => isThereNow(failure, table));
  return isAskable && sql.length <= longest
    ? [{ sql, command: command(failure, 'query', inShell(sql)) }]
    : [];
}

const longest = 300;

/** As one word of a POSIX shell. */
function inShell(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
