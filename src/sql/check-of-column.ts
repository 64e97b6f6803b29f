import { foldName, isWord } from './cursor.ts';
import { nameOf, type Token } from './tokens.ts';

/**
 * Whether the CHECK of a new column may refuse a row that is written without the column.
 *
 * A CHECK refuses where it is false, not where it is NULL, as most comparisons with a missing value are. What is not
 * understood may be false.
 *
 * @param value what the column has in such a row: `null`; or one that fits for certain by itself, as it is in every
 *   row that is there
 */
export function checkMayRefuse(
  expression: readonly Token[],
  column: string,
  value: 'null' | 'fitting',
): boolean {
  if (value === 'fitting') return namesOther(expression, column);
  return anyOf(expression, column).includes('false');
}

/** What an expression may be. */
type Truth = readonly ('true' | 'false' | 'null')[];

const unknown: Truth = ['true', 'false', 'null'];

function anyOf(expression: readonly Token[], column: string): Truth {
  const terms = parted(expression, 'OR').map((term) => allOf(term, column));
  return combined(terms, { decides: 'true', rest: 'false' });
}

function allOf(term: readonly Token[], column: string): Truth {
  const factors = parted(term, 'AND').map((factor) => one(factor, column));
  return combined(factors, { decides: 'false', rest: 'true' });
}

function one(factor: readonly Token[], column: string): Truth {
  const [first, ...rest] = factor;
  if (!first) return unknown;
  if (isWord(first, 'NOT')) return one(rest, column).map((truth) => opposites[truth]);
  const inside = groupAround(factor);
  if (inside) return anyOf(inside, column);
  return ofNullTest(factor, column) ?? ofComparison(factor, column);
}

const opposites = { true: 'false', false: 'true', null: 'null' } as const;

/** `column IS NULL` and its like. */
function ofNullTest(factor: readonly Token[], column: string): Truth | undefined {
  const [name, ...test] = factor;
  if (!name || !isColumn(name, column)) return undefined;
  const words = test.map(({ text }) => text.toUpperCase()).join(' ');
  if (words === 'IS NULL' || words === 'ISNULL') return ['true'];
  return words === 'IS NOT NULL' || words === 'NOT NULL' || words === 'NOTNULL' ? ['false'] : undefined;
}

/** A missing value makes NULL of all that it is compared and computed with, as long as nothing looks for NULL. */
function ofComparison(factor: readonly Token[], column: string): Truth {
  const looksForNull = factor.some(
    (token, at) =>
      ['IS', 'ISNULL', 'NOTNULL', 'CASE'].some((word) => isWord(token, word)) || isOtherCall(factor, at),
  );
  if (looksForNull) return unknown;
  // Of a list and of two bounds one may decide by itself.
  const list = factor.findIndex((token) => isWord(token, 'IN') || isWord(token, 'BETWEEN'));
  const compared = list === -1 ? factor : factor.slice(0, list);
  return compared.some((token) => isColumn(token, column)) ? ['null'] : unknown;
}

/** Whether a call begins here that may give something else than NULL for one. */
function isOtherCall(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  if (token?.kind !== 'word' || tokens[at + 1]?.text !== '(' || tokens[at - 1]?.text === '::') return false;
  return !strict.has(token.text.toLowerCase()) && !operators.has(token.text.toUpperCase());
}

const strict: ReadonlySet<string> = new Set(
  'abs cast char_length character_length date datetime instr json_valid julianday length lower ltrim octet_length regexp_like round rtrim strftime substr substring time trim upper'.split(
    ' ',
  ),
);

const operators: ReadonlySet<string> = new Set(
  'ALL AND ANY ARRAY BETWEEN CASE COLLATE ELSE ESCAPE FALSE GLOB ILIKE IN IS ISNULL LIKE NOT NOTNULL NULL OR REGEXP SIMILAR THEN TO TRUE WHEN'.split(
    ' ',
  ),
);

/** A name that is neither a call, a type nor a collation. */
function namesOther(expression: readonly Token[], column: string): boolean {
  return expression.some((token, at) => {
    if (token.kind === 'quoted-name') return !isColumn(token, column);
    if (token.kind !== 'word' || operators.has(token.text.toUpperCase())) return false;
    const before = expression[at - 1];
    if (expression[at + 1]?.text === '(' || before?.text === '::') return false;
    if (before && (isWord(before, 'COLLATE') || isWord(before, 'AS') || isWord(token, 'AS'))) return false;
    return !isColumn(token, column);
  });
}

function isColumn(token: Token, column: string): boolean {
  return (
    (token.kind === 'word' || token.kind === 'quoted-name') && foldName(nameOf(token)) === foldName(column)
  );
}

/** The pieces between a word outside of parentheses; the AND of a BETWEEN parts nothing. */
function parted(tokens: readonly Token[], word: 'AND' | 'OR'): readonly (readonly Token[])[] {
  const pieces: Token[][] = [[]];
  let depth = 0;
  let bounds = 0;
  for (const token of tokens) {
    if (token.text === '(') depth += 1;
    if (token.text === ')') depth -= 1;
    const isOutside = depth === 0;
    if (isOutside && isWord(token, 'BETWEEN')) bounds += 1;
    const isBound = isOutside && isWord(token, 'AND') && bounds > 0;
    if (isBound) bounds -= 1;
    if (isOutside && !isBound && isWord(token, word)) pieces.push([]);
    else pieces.at(-1)?.push(token);
  }
  return pieces;
}

/** What is inside, where one pair of parentheses stands around all of it. */
function groupAround(tokens: readonly Token[]): readonly Token[] | undefined {
  if (tokens[0]?.text !== '(') return undefined;
  let depth = 0;
  const end = tokens.findIndex(({ text }) => {
    if (text === '(') depth += 1;
    if (text === ')') depth -= 1;
    return depth === 0;
  });
  return end === tokens.length - 1 ? tokens.slice(1, -1) : undefined;
}

/** What pieces joined by AND or OR may be together: one that decides is enough; else NULL stays where it is. */
function combined(
  pieces: readonly Truth[],
  { decides, rest }: { readonly decides: 'true' | 'false'; readonly rest: 'true' | 'false' },
): Truth {
  if (pieces.some((truths) => truths.every((truth) => truth === decides))) return [decides];
  const isAlways = (truth: string) => pieces.some((truths) => truths.every((one) => one === truth));
  return unknown.filter((truth) => {
    if (truth === decides) return pieces.some((truths) => truths.includes(decides));
    if (truth === rest) return pieces.every((truths) => truths.includes(rest)) && !isAlways('null');
    return pieces.some((truths) => truths.includes('null'));
  });
}
