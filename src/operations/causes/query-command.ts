import { meaningfulTokens } from '../../sql/tokens.ts';
import { command, isThereNow, type Failure, type Show } from './failure.ts';
import type { WrittenRows } from './written-rows.ts';

/**
 * The command that shows the rows, for a person to run; none where the database as it is now does not have the tables
 * that it reads, where values of the statement would stand in it, or the text is too long to be typed.
 *
 * @param values what of the statement's own expressions is in the question
 */
export function showing(
  failure: Failure,
  sql: string,
  { tables, prefix, only = '' }: Pick<WrittenRows, 'tables' | 'prefix' | 'only'>,
  values: readonly string[] = [],
): readonly Show[] {
  const isAskable = tables.every((table) => isThereNow(failure, table));
  return isAskable && ![prefix, only, ...values].some(holdsValue) && sql.length <= longest
    ? [{ sql, command: command(failure, 'query', inShell(sql)) }]
    : [];
}

const longest = 300;

/** What stands in a statement may be what stands in rows: a name, an address. A short number says nothing about anybody. */
export function holdsValue(expression: string): boolean {
  return meaningfulTokens(expression).some(
    ({ kind, text }) => kind === 'string' || kind === 'blob' || (kind === 'number' && text.length > 4),
  );
}

/** As one word of a POSIX shell. */
function inShell(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
