import { quoteText } from './quote.ts';
import type { SqlValue, Statement } from './statement.ts';
import { tokens, type Token } from './tokens.ts';

/**
 * A statement with its parameters written into its text as literals: the same value and storage class as if bound.
 * For servers that take parameters with one statement only. Numbers are whole (INTEGER) or not (REAL), as everywhere.
 *
 * Throws when the text has more or fewer `?` than there are parameters, or parameters with names or numbers: a bug.
 */
export function inlined({ sql, args }: Statement): string {
  if (args === undefined || args.length === 0) return sql;
  const all = [...tokens(sql)];
  const variables = all.filter(({ kind }) => kind === 'variable');
  if (variables.length !== args.length || variables.some(({ text }) => text !== '?')) {
    throw new Error(`A statement with ${variables.length} variables was given ${args.length} parameters.`);
  }
  let next = 0;
  return all
    .map((token, index) => {
      if (token.kind !== 'variable') return token.text;
      next += 1;
      return apart(literalOf(args[next - 1] ?? null), all[index - 1], all[index + 1]);
    })
    .join('');
}

/** A value as an SQL literal that SQLite reads back as the same value of the same storage class. */
export function literalOf(value: SqlValue): string {
  if (value === null) return 'NULL';
  switch (typeof value) {
    case 'string':
      return textLiteral(value);
    case 'bigint':
      return integerLiteral(value);
    case 'number':
      return numberLiteral(value);
    default:
      return `x'${Buffer.from(value).toString('hex')}'`;
  }
}

function textLiteral(value: string): string {
  // A lone surrogate has no UTF-8; binding would replace it as well.
  const text = value.toWellFormed();
  // SQLite stops reading an SQL text at a NUL.
  return text.includes('\0')
    ? `CAST(x'${Buffer.from(text, 'utf8').toString('hex')}' AS TEXT)`
    : quoteText(text);
}

function integerLiteral(value: bigint): string {
  if (BigInt.asIntN(64, value) === value) return String(value);
  throw new Error('An integer beyond 64 bits cannot be stored in SQLite.');
}

function numberLiteral(value: number): string {
  if (Number.isNaN(value)) return 'NULL';
  if (!Number.isFinite(value)) return value > 0 ? '9e999' : '-9e999';
  if (Number.isSafeInteger(value)) return Object.is(value, -0) ? '-0.0' : String(value);
  // The shortest digits that JavaScript reads back as the same number; SQLite does, too, with a sign that it is a REAL.
  const digits = String(value);
  return /[.e]/.test(digits) ? digits : `${digits}.0`;
}

/** A space where the literal would grow together with its neighbour: `a-?` with -1 is a comment otherwise. */
function apart(literal: string, before: Token | undefined, after: Token | undefined): string {
  const left = before !== undefined && /[\w$'"\-\u0080-\uffff]$/.test(before.text) ? ' ' : '';
  const right = after !== undefined && /^[\w$'"\u0080-\uffff]/.test(after.text) ? ' ' : '';
  return `${left}${literal}${right}`;
}
