import { unreachable } from '../../lib/unreachable.ts';
import { sayName, sayTokens } from '../../schema/wording.ts';
import { quoteName } from '../../sql/quote.ts';
import { nameOf, type Token } from '../../sql/tokens.ts';
import type { Failure } from './failure.ts';

/** How parts of a statement are written into a question about it. */
export interface Spelling {
  /** Tokens of one text, on one line. */
  readonly said: (all: readonly Token[]) => string;
  /** A column, quoted only where it has to be. */
  readonly name: (name: string) => string;
  /** A table by what it is called: `members`, or `shop.orders`. */
  readonly table: (name: string) => string;
  /** The name that a statement means by one that it writes. */
  readonly meant: (name: string, sql: string) => string;
}

/** For the SQL of the database that refused the statement. */
export function spellingOf(dialect: Failure['dialect']): Spelling {
  switch (dialect) {
    case 'libsql':
    case 'd1':
      return sqlite;
    case 'postgres':
      return postgres;
    default:
      return unreachable(dialect);
  }
}

const sqlite: Spelling = {
  said: (all) => sayTokens(all, { style: 'display' }),
  name: (name) => sayName(name, 'display'),
  table: (name) => sayName(name, 'display'),
  meant: (name) => name,
};

const postgres: Spelling = {
  said: saidInPostgres,
  name: postgresName,
  table: (name) => {
    const dot = name.indexOf('.');
    return dot < 0
      ? postgresName(name)
      : `${postgresName(name.slice(0, dot))}.${postgresName(name.slice(dot + 1))}`;
  },
  // What is not quoted is read in lower case.
  meant: (name, sql) =>
    name
      .split('.')
      .map((part) => (sql.includes(quoteName(part)) ? part : part.toLowerCase()))
      .join('.'),
};

/** As written: operators and casts of PostgreSQL read badly with spaces that nobody put there. */
function saidInPostgres(all: readonly Token[]): string {
  let text = '';
  let end = all[0]?.offset ?? 0;
  for (const token of all) {
    if (token.offset > end || (/\w$/.test(text) && /^\w/.test(token.text))) text += ' ';
    text += token.kind === 'quoted-name' ? postgresName(nameOf(token)) : token.text;
    end = token.offset + token.text.length;
  }
  return text;
}

function postgresName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) && !reserved.has(name) ? name : quoteName(name);
}

// https://www.postgresql.org/docs/18/sql-keywords-appendix.html: what is reserved, for functions and types or at all.
const reserved = new Set(
  (
    'all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation ' +
    'column concurrently constraint create cross current_catalog current_date current_role current_schema current_time ' +
    'current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze ' +
    'from full grant group having ilike in initially inner intersect into is isnull join lateral leading left like ' +
    'limit localtime localtimestamp natural not notnull null offset on only or order outer overlaps placing primary ' +
    'references returning right select session_user similar some symmetric system_user table tablesample then to ' +
    'trailing true union unique user using variadic verbose when where window with'
  ).split(' '),
);
