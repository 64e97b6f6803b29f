import { quoteText } from '../../sql/quote.ts';
import type { SqlValue } from '../../sql/statement.ts';
import { toParameters } from './values.ts';

/** Every value in quotes: as with a parameter, its type is what the place of it asks for. */
export function literalOf(value: SqlValue): string {
  const [text] = toParameters([value]);
  if (text === null || text === undefined) return 'NULL';
  if (typeof text !== 'string') throw new Error('Bytes are not written into a text.');
  // Without the E a backslash may mean two things: standard_conforming_strings says which.
  return text.includes('\\') ? ` E${quoteText(text.replaceAll('\\', '\\\\'))}` : quoteText(text);
}
