import type { SqlValue, Statement } from '../sql/statement.ts';
import { tokens } from '../sql/tokens.ts';

/**
 * Statements of our own as one text, to be run in order, and none behind one that failed. A text takes no parameters:
 * each is written where its place is, `?` or `$1`.
 *
 * @param literalOf how the dialect writes a value
 */
export function oneText(statements: readonly Statement[], literalOf: (value: SqlValue) => string): string {
  return statements.map((statement) => withLiterals(statement, literalOf)).join(';\n');
}

/** Whether a statement can be in such a text: rows, which may be large, stay parameters. */
export function fitsOneText({ sql, args = [] }: Statement): boolean {
  const values = args.reduce((sum: number, value) => sum + (typeof value === 'string' ? value.length : 0), 0);
  return sql.length + values <= longest && !args.some((value) => value instanceof Uint8Array);
}

/** UTF-16 units. */
const longest = 10_000;

function withLiterals({ sql, args = [] }: Statement, literalOf: (value: SqlValue) => string): string {
  if (args.length === 0) return sql;
  return piecesOf(sql)
    .map((piece) => {
      if (typeof piece === 'string') return piece;
      const value = args[piece.place];
      if (value === undefined) throw new Error('A statement has more places than parameters.');
      return literalOf(value);
    })
    .join('');
}

/** A piece of text, or the place of a parameter, from 0. */
type Piece = string | { readonly place: number };

function piecesOf(sql: string): readonly Piece[] {
  const known = taken.get(sql);
  if (known) return known;
  let places = 0;
  const pieces = Array.from(tokens(sql), ({ kind, text }): Piece => {
    if (kind !== 'variable') return text;
    return { place: text === '?' ? places++ : Number(text.slice(1)) - 1 };
  });
  if (taken.size >= mostTaken) taken.clear();
  taken.set(sql, pieces);
  return pieces;
}

// A record is the same text for every migration of a run.
const taken = new Map<string, readonly Piece[]>();
const mostTaken = 20;
