import { quoteText } from '../../sql/quote.ts';
import type { SqlValue, Statement } from '../../sql/statement.ts';
import { fitsOneText } from '../one-text.ts';

/** Whether a statement means the same with its values written into it. */
export function fitsLocalText(statement: Statement): boolean {
  return fitsOneText(statement) && (statement.args ?? []).every(hasLiteral);
}

// SQLite reads a text up to its first NUL, and writes no two fractions alike.
function hasLiteral(value: SqlValue): boolean {
  switch (typeof value) {
    case 'number':
      return Number.isSafeInteger(value) && !Object.is(value, -0);
    case 'string':
      return !value.includes('\0');
    default:
      return true;
  }
}

/** A value as SQLite reads it; not for bytes. */
export function literalOf(value: SqlValue): string {
  if (value instanceof Uint8Array) throw new Error('Bytes are not written into a text.');
  if (value === null) return 'NULL';
  return typeof value === 'string' ? quoteText(value) : String(value);
}
