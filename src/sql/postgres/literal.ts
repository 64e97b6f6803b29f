import { quoteText } from '../quote.ts';
import { breakpointMarker } from '../split.ts';

/**
 * A value as a literal of PostgreSQL that gives it again in a column of its type: the text that the type writes, for
 * numbers and truths without quotes. A text with what a file or its readers would not leave alone (line ends, a
 * breakpoint marker) is written with escapes, so that every row is one line.
 *
 * @param type as PostgreSQL writes it, such as `numeric(10,2)`
 */
export function postgresLiteral(value: string, type: string): string {
  if (type === 'boolean') return value === 't' ? 'true' : 'false';
  if (isNumber.test(type) && /^-?\d+(?:\.\d+)?$/.test(value)) return value;
  return isOdd(value) ? escaped(value) : quoteText(value);
}

const isNumber = /^(?:smallint|integer|bigint|numeric(?:\(\d+(?:,-?\d+)?\))?)$/;

function isOdd(value: string): boolean {
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  return /[\u0000-\u001F\u007F\u0085\u2028\u2029\uFEFF\\]/.test(value) || value.includes(breakpointMarker);
}

/** https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-STRINGS-ESCAPE */
function escaped(value: string): string {
  const text = value
    .replaceAll('\\', '\\\\')
    .replaceAll("'", "''")
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replaceAll(breakpointMarker, breakpointMarker.replace('>', '\\x3E'))
    // oxlint-disable-next-line no-control-regex -- these are what is looked for
    .replaceAll(/[\u0000-\u001F\u007F\u0085\u2028\u2029\uFEFF]/g, (sign) => {
      return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
    });
  return `E'${text}'`;
}
