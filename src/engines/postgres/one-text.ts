import { quoteText } from '../../sql/quote.ts';
import type { SqlValue, Statement } from '../../sql/statement.ts';
import { tokens } from '../../sql/tokens.ts';
import { toParameters } from './values.ts';

/**
 * Statements of our own as one text, for one trip: the server runs them in order, and none behind one that failed
 * (https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-MULTI-STATEMENT).
 */
export function oneText(statements: readonly Statement[]): string {
  return statements.map(withLiterals).join(';\n');
}

/** Whether a statement can be in such a text: rows, which may be large, stay parameters. */
export function fitsOneText({ sql, args = [] }: Statement): boolean {
  const values = args.reduce((sum: number, value) => sum + (typeof value === 'string' ? value.length : 0), 0);
  return sql.length + values <= longest && !args.some((value) => value instanceof Uint8Array);
}

/** UTF-16 units. */
const longest = 10_000;

function withLiterals({ sql, args = [] }: Statement): string {
  if (args.length === 0) return sql;
  return Array.from(tokens(sql), ({ kind, text }) =>
    kind === 'variable' ? literalOf(args[Number(text.slice(1)) - 1]) : text,
  ).join('');
}

/** Every value in quotes: as with a parameter, its type is what the place of it asks for. */
function literalOf(value: SqlValue | undefined): string {
  if (value === undefined) throw new Error('A statement has more places than parameters.');
  const [text] = toParameters([value]);
  if (text === null || text === undefined) return 'NULL';
  if (typeof text !== 'string') throw new Error('Bytes are not written into a text.');
  // Without the E a backslash may mean two things: standard_conforming_strings says which.
  return text.includes('\\') ? ` E${quoteText(text.replaceAll('\\', '\\\\'))}` : quoteText(text);
}
