import type { Row, SqlValue } from '../../../sql/statement.ts';
import { meaningfulTokens, tokens } from '../../../sql/tokens.ts';
import { exactInteger } from '../../values.ts';
import { field, listField, listOf } from './shape.ts';

/** One statement's answer of `/raw`. */
export interface RawResult {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly SqlValue[])[];
}

/** The answers of `/raw`, one for each statement. */
export function rawResults(result: unknown): readonly RawResult[] {
  return listOf(result).map((one) => {
    const results = field(one, 'results');
    return {
      columns: listField(results, 'columns').map(String),
      rows: listField(results, 'rows').map((row) => listOf(row).map(valueOf)),
    };
  });
}

export function toRows({ columns, rows }: RawResult): readonly Row[] {
  return rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index] ?? null])));
}

/** D1 answers in JSON numbers, which hold whole numbers only up to 2^53: beyond it the digits are not to be trusted. */
export function hasInexact({ rows }: RawResult): boolean {
  return rows.some((row) =>
    row.some((value) => typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)),
  );
}

/**
 * The same question, asked so that its numbers come as text: a row is the kinds of its values (`i`, `r`, `t`, `b`, `n`),
 * then the values. Undefined where the statement cannot be asked from within another one, or has too many columns.
 */
export function exactQuestion(sql: string, columns: number): string | undefined {
  const first = meaningfulTokens(sql)[0]?.text.toUpperCase() ?? '';
  if (!['SELECT', 'VALUES', 'WITH'].includes(first) || columns >= columnLimit) return undefined;
  const names = Array.from({ length: columns }, (_, index) => `c${index}`);
  return `WITH asked (${names.join(', ')}) AS (${bare(sql)}) SELECT ${kindsOf(names)}, ${names.map(exactly).join(', ')} FROM asked`;
}

/** A statement that other text may follow: without comments, and without the semicolon at its end. */
export function bare(sql: string): string {
  const text = Array.from(tokens(sql), ({ kind, text: part }) => (kind === 'comment' ? ' ' : part)).join('');
  return text.replace(/[\s;]+$/, '');
}

/** The kinds of several values in one text. Joined as a tree, because D1 bounds the depth of an expression at 100. */
export function kindsOf(values: readonly string[]): string {
  if (values.length <= 1) return `substr(typeof(${values[0] ?? 'NULL'}), 1, 1)`;
  const half = Math.ceil(values.length / 2);
  return `(${kindsOf(values.slice(0, half))} || ${kindsOf(values.slice(half))})`;
}

/** A value in a form that JSON carries exactly and briefly: numbers as text, blobs in hex; see `fromExactly`. */
export function exactly(value: string): string {
  return `CASE typeof(${value}) WHEN 'integer' THEN CAST(${value} AS TEXT) WHEN 'real' THEN quote(${value}) WHEN 'blob' THEN iif(octet_length(${value}) <= ${hexBytes}, hex(${value}), ${value}) ELSE ${value} END`;
}

/** D1 bounds a text at 2 MB, and writes a blob as a list of numbers, which takes many times its size in memory. */
const hexBytes = 900_000;

/** D1's limit, of tables and of answers. */
const columnLimit = 100;

/** What `exactQuestion` answers, as it would have been. */
export function fromExact(columns: readonly string[], { rows }: RawResult): readonly Row[] {
  return rows.map(([kinds, ...values]) =>
    Object.fromEntries(
      columns.map((column, index) => [
        column,
        plain(fromExactly(String(kinds).charAt(index), values[index] ?? null)),
      ]),
    ),
  );
}

function plain(value: SqlValue): SqlValue {
  return typeof value === 'bigint' ? exactInteger(value) : value;
}

/** The value that `exactly` was asked for: a `bigint` is INTEGER, a `number` is REAL. */
export function fromExactly(kind: string, value: SqlValue): SqlValue {
  switch (kind) {
    case 'i':
      return BigInt(String(value));
    case 'r':
      // SQLite writes the infinities as numbers that are too large.
      return Number(value);
    case 'b':
      return typeof value === 'string' ? new Uint8Array(Buffer.from(value, 'hex')) : value;
    default:
      return value;
  }
}

function valueOf(value: unknown): SqlValue {
  if (typeof value === 'string' || typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return Array.isArray(value) ? Uint8Array.from(value, Number) : null;
}
