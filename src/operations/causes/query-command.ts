import { command, isThereNow, type Failure } from './failure.ts';

/**
 * The command that shows the rows, for a person to run; undefined where the database as it is now does not have the
 * tables that it reads, or the text is too long to be typed.
 */
export function queryCommand(failure: Failure, sql: string, tables: readonly string[]): string | undefined {
  const isAskable = tables.every((table) => isThereNow(failure, table));
  return isAskable && sql.length <= longest ? command(failure, 'query', inShell(sql)) : undefined;
}

const longest = 300;

/** As one word of a POSIX shell. */
function inShell(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
