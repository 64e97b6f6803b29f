import { isName, isWord, type Cursor } from './cursor.ts';
import { foreignKey, type ForeignKeyClause } from './foreign-key-clause.ts';
import type { Token } from './tokens.ts';

/** A column of CREATE TABLE or of ADD COLUMN, as written. */
export interface ColumnDefinition {
  readonly name: string;
  /** As written, with one space between words; empty without a type. */
  readonly type: string;
  readonly constraints: readonly ColumnConstraint[];
}

/** What ON CONFLICT says, upper case. */
export type OnConflict = 'ROLLBACK' | 'ABORT' | 'FAIL' | 'IGNORE' | 'REPLACE';

export type ColumnConstraint =
  | { readonly kind: 'not-null'; readonly onConflict: OnConflict }
  | { readonly kind: 'null' }
  | {
      readonly kind: 'primary-key';
      readonly order: 'ASC' | 'DESC';
      readonly autoincrement: boolean;
      readonly onConflict: OnConflict;
    }
  | { readonly kind: 'unique'; readonly onConflict: OnConflict }
  | CheckConstraint
  | { readonly kind: 'default'; readonly value: readonly Token[] }
  | { readonly kind: 'collate'; readonly collation: string }
  | {
      readonly kind: 'generated';
      readonly expression: readonly Token[];
      readonly stored: 'STORED' | 'VIRTUAL';
    }
  /** PostgreSQL: the column's values come from a sequence of its own. */
  | { readonly kind: 'identity'; readonly always: boolean }
  | { readonly kind: 'references'; readonly clause: ForeignKeyClause };

export interface CheckConstraint {
  readonly kind: 'check';
  readonly expression: readonly Token[];
  readonly onConflict: OnConflict;
}

/** Reads `name type constraints…`; undefined when something in it is not understood. */
export function columnDefinition(cursor: Cursor): ColumnDefinition | undefined {
  const name = cursor.name();
  if (name === undefined) return undefined;
  const type = typeName(cursor);
  const constraints: ColumnConstraint[] = [];
  while (!cursor.atEnd) {
    if (cursor.takes('CONSTRAINT')) cursor.name();
    else {
      const constraint = columnConstraint(cursor);
      if (!constraint) return undefined;
      constraints.push(constraint);
    }
  }
  return { name, type, constraints };
}

/** `ON CONFLICT …` when it comes next; ABORT, the default, otherwise. */
export function onConflict(cursor: Cursor): OnConflict {
  if (!cursor.takes('ON', 'CONFLICT')) return 'ABORT';
  const conflicts = ['ROLLBACK', 'ABORT', 'FAIL', 'IGNORE', 'REPLACE'] as const;
  return conflicts.find((word) => cursor.takes(word)) ?? 'ABORT';
}

/**
 * Takes a type, as written, with one space between words; empty when none comes next.
 *
 * @param until a word that is no part of it
 */
export function typeName(cursor: Cursor, until?: string): string {
  const words: string[] = [];
  for (let next = cursor.peek(); next && isName(next) && !startsConstraint(next); next = cursor.peek()) {
    if (until !== undefined && isWord(next, until)) break;
    words.push(cursor.name() ?? '');
    if (cursor.takes('.')) words.push(`${words.pop() ?? ''}.${cursor.name() ?? ''}`);
  }
  const size = words.length > 0 ? cursor.group() : undefined;
  const sized = words.join(' ') + (size ? `(${size.map(({ text }) => text).join('')})` : '');
  return sized + timeZone(cursor) + dimensions(cursor);
}

function timeZone(cursor: Cursor): string {
  if (cursor.takes('WITH', 'TIME', 'ZONE')) return ' with time zone';
  return cursor.takes('WITHOUT', 'TIME', 'ZONE') ? ' without time zone' : '';
}

/** `[]`, `[3][]`, `ARRAY`. */
function dimensions(cursor: Cursor): string {
  if (cursor.takes('ARRAY')) return '[]';
  let found = '';
  while (cursor.takes('[')) {
    const size = cursor.peek()?.kind === 'number' ? cursor.token()?.text : '';
    cursor.takes(']');
    found += `[${size ?? ''}]`;
  }
  return found;
}

function startsConstraint(token: Token): boolean {
  return constraintWords.some((word) => isWord(token, word));
}

const constraintWords = [
  'CONSTRAINT',
  'PRIMARY',
  'NOT',
  'NULL',
  'UNIQUE',
  'CHECK',
  'DEFAULT',
  'COLLATE',
  'REFERENCES',
  'GENERATED',
  'AS',
];

function columnConstraint(cursor: Cursor): ColumnConstraint | undefined {
  if (cursor.takes('NOT', 'NULL')) return { kind: 'not-null', onConflict: onConflict(cursor) };
  if (cursor.takes('NULL')) {
    onConflict(cursor);
    return { kind: 'null' };
  }
  if (cursor.takes('PRIMARY', 'KEY')) return columnKey(cursor);
  if (cursor.takes('UNIQUE')) return { kind: 'unique', onConflict: nullsThen(cursor) };
  if (cursor.takes('CHECK')) return check(cursor);
  if (cursor.takes('DEFAULT')) return { kind: 'default', value: defaultValue(cursor) };
  if (cursor.takes('COLLATE')) return { kind: 'collate', collation: cursor.qualifiedName()?.name ?? '' };
  if (cursor.sees('GENERATED') || cursor.sees('AS')) return generated(cursor);
  const clause = foreignKey(cursor);
  return clause && { kind: 'references', clause };
}

function columnKey(cursor: Cursor): ColumnConstraint {
  const order = takeOrder(cursor);
  const conflict = onConflict(cursor);
  return { kind: 'primary-key', order, onConflict: conflict, autoincrement: cursor.takes('AUTOINCREMENT') };
}

function takeOrder(cursor: Cursor): 'ASC' | 'DESC' {
  if (cursor.takes('DESC')) return 'DESC';
  cursor.takes('ASC');
  return 'ASC';
}

export function check(cursor: Cursor): CheckConstraint {
  const expression = cursor.group() ?? [];
  const checked = { kind: 'check', expression, onConflict: onConflict(cursor) } as const;
  cursor.takes('NO', 'INHERIT');
  return checked;
}

/** Steps over PostgreSQL's NULLS NOT DISTINCT. */
function nullsThen(cursor: Cursor): OnConflict {
  if (!cursor.takes('NULLS', 'NOT', 'DISTINCT')) cursor.takes('NULLS', 'DISTINCT');
  return onConflict(cursor);
}

/** What is inside the parentheses, or all up to the next constraint: a literal, a signed number, a name, `'a'::role`. */
function defaultValue(cursor: Cursor): readonly Token[] {
  const group = cursor.group();
  if (group && (cursor.atEnd || isConstraintNext(cursor))) return group;
  const value: Token[] = group ? [symbol('('), ...group, symbol(')')] : [];
  for (let depth = 0; !cursor.atEnd;) {
    if (depth === 0 && value.length > 0 && isConstraintNext(cursor)) break;
    const token = cursor.token();
    if (!token) break;
    if (token.text === '(' || token.text === '[') depth += 1;
    if (token.text === ')' || token.text === ']') depth -= 1;
    value.push(token);
  }
  return value;
}

const symbol = (text: string): Token => ({ kind: 'symbol', text, offset: 0, closed: true });

function isConstraintNext(cursor: Cursor): boolean {
  const token = cursor.peek();
  return token !== undefined && startsConstraint(token);
}

function generated(cursor: Cursor): ColumnConstraint {
  const byDefault = cursor.takes('GENERATED', 'BY', 'DEFAULT');
  if (!byDefault) cursor.takes('GENERATED', 'ALWAYS');
  cursor.takes('AS');
  if (cursor.takes('IDENTITY')) {
    cursor.group();
    return { kind: 'identity', always: !byDefault };
  }
  const expression = cursor.group() ?? [];
  const stored = cursor.takes('STORED') ? 'STORED' : 'VIRTUAL';
  if (stored === 'VIRTUAL') cursor.takes('VIRTUAL');
  return { kind: 'generated', expression, stored };
}
