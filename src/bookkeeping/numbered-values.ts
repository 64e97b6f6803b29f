import { MigrateError } from '../lib/errors.ts';
import type { NumberedName } from '../migrations/numbered-name.ts';
import { quoteText } from '../sql/quote.ts';
import type { Dialect } from '../sql/statement.ts';
import { firstMilliseconds } from './applied-at.ts';
import type { NumberedColumn } from './numbered-columns.ts';

/** A migration as a record may name it. */
export interface Said extends NumberedName {
  /** The file's own name. */
  readonly file: string;
}

/** The table whose rows show how its runner writes them. */
export interface WrittenTable {
  readonly dialect: Dialect;
  readonly quoted: string;
  /** The number of a row's migration, as SQL. */
  readonly number: string;
}

/** The number as a value of the column, as SQL: in a column of texts as those that are there are written. */
export function versionAs({ sql, holds }: NumberedColumn, said: Said, of: WrittenTable): string {
  if (holds !== 'text') {
    if (of.dialect === 'sqlite') refuseTooLarge(said, sql);
    return String(said.number);
  }
  const is = testsOf(of.dialect, sql);
  const some = (test: string) => `EXISTS (SELECT 1 FROM ${of.quoted} WHERE ${test})`;
  const cases = [
    `WHEN ${some(`${is.named} AND ${is.file}`)} THEN ${quoteText(said.file)}`,
    `WHEN ${some(is.named)} THEN ${quoteText(said.tag)}`,
    // Without a row nothing shows it: a text keeps the zeros, which is why one was chosen.
    `WHEN ${some(`${sql} LIKE '0_%'`)} OR NOT ${some('1 = 1')} THEN ${quoteText(said.digits)}`,
  ];
  return `CASE ${cases.join(' ')} ELSE ${quoteText(String(said.number))} END`;
}

/**
 * SQLite would make a fraction of it, or say no more than that a type does not fit.
 *
 * @throws MigrateError `migrations`
 */
function refuseTooLarge({ tag, number }: Said, column: string): void {
  if (number < 2n ** 63n) return;
  throw new MigrateError(
    'migrations',
    `${tag} has a larger number than the column ${column} of the tracking table can hold, which is ${2n ** 63n - 1n} at most`,
    { next: 'Give the file a smaller number, or make the column a text, which holds any.' },
  );
}

/** The name as the newest row writes its own, as SQL: with `.sql`, without it, or only what stands after the number. */
export function nameAs({ sql }: NumberedColumn, said: Said, of: WrittenTable): string {
  const is = testsOf(of.dialect, sql);
  const title = said.title === '' ? said.tag : said.title;
  const cases = [
    `WHEN ${is.numbered} AND ${is.file} THEN ${quoteText(said.file)}`,
    `WHEN ${is.numbered} THEN ${quoteText(said.tag)}`,
    `WHEN ${is.file} THEN ${quoteText(`${title}.sql`)}`,
  ];
  return asNewest(`CASE ${cases.join(' ')} ELSE ${quoteText(title)} END`, sql, quoteText(said.tag), of);
}

/** The time as a value of the column, as SQL: as the newest row has it, else as its type says. `now` in milliseconds. */
export function appliedAtAs({ sql, holds }: NumberedColumn, now: number, of: WrittenTable): string {
  const [milliseconds, seconds] = [String(now), String(Math.floor(now / 1000))];
  const iso = quoteText(new Date(now).toISOString());
  const plain = quoteText(new Date(now).toISOString().slice(0, 19).replace('T', ' '));
  if (of.dialect === 'postgres' && holds === 'moment') return 'CURRENT_TIMESTAMP';
  if (of.dialect === 'postgres' && holds !== 'text') {
    const like = `CASE WHEN ${sql} < ${firstMilliseconds} THEN ${seconds} ELSE ${milliseconds} END`;
    return holds === 'small' ? seconds : asNewest(like, sql, milliseconds, of);
  }
  const text = `CAST(${sql} AS text)`;
  const isNumber = of.dialect === 'sqlite' ? `${text} NOT GLOB '*[^0-9]*'` : `${text} ~ '^[0-9]+$'`;
  const number = of.dialect === 'sqlite' ? `CAST(${sql} AS INTEGER)` : `CAST(${sql} AS numeric)`;
  const asText = (digits: string) => (of.dialect === 'sqlite' ? digits : quoteText(digits));
  const like = `CASE WHEN NOT (${isNumber}) THEN CASE WHEN ${text} LIKE '%T%' THEN ${iso} ELSE ${plain} END WHEN ${number} < ${firstMilliseconds} THEN ${asText(seconds)} ELSE ${asText(milliseconds)} END`;
  const otherwise = { integer: milliseconds, small: seconds, text: iso, moment: plain }[holds];
  return asNewest(like, sql, otherwise, of);
}

/** What a test on the newest row that has a value says, else what is written into a table without rows. */
function asNewest(like: string, column: string, otherwise: string, { quoted, number }: WrittenTable): string {
  return `coalesce((SELECT ${like} FROM ${quoted} WHERE ${column} IS NOT NULL ORDER BY ${number} DESC LIMIT 1), ${otherwise})`;
}

function testsOf(dialect: Dialect, column: string) {
  return {
    /** It is more than a number. */
    named: dialect === 'sqlite' ? `${column} GLOB '*[^0-9]*'` : `${column} ~ '[^0-9]'`,
    numbered: dialect === 'sqlite' ? `${column} GLOB '[0-9]*'` : `${column} ~ '^[0-9]'`,
    file: `${column} LIKE '%.sql'`,
  };
}
