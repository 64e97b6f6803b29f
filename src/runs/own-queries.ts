import { isUtf8 } from 'node:buffer';
import { splitMigration } from '../sql/split.ts';
import type { Query, Row, SqlValue } from '../sql/statement.ts';
import { formOf } from './text-form.ts';

/**
 * The answer to a query that somebody wrote for us, each value as text. Where a text that is no UTF-8 would end the
 * program it comes as bytes.
 *
 * @param sql reads only, and may end in a semicolon
 */
export async function answerTo(query: Query, sql: string): Promise<readonly (readonly string[])[]> {
  if ((await formOf(query)) === 'text') {
    const rows = await query({ sql });
    return rows.map((row) => Object.values(row).map(String));
  }
  const width = await widthOf(query, sql);
  const names = Array.from({ length: width }, (_, index) => `c${index}`);
  const asked = names.flatMap((name) => [
    `CASE typeof(${name}) WHEN 'text' THEN CAST(${name} AS BLOB) ELSE ${name} END AS ${name}`,
    `typeof(${name}) AS ${name}_type`,
  ]);
  const rows = await query({
    sql: `WITH answer(${names.join(', ')}) AS (\n${bare(sql)}\n) SELECT ${asked.join(', ')} FROM answer`,
  });
  return rows.map((row) => names.map((name) => textIn(row, name)));
}

/** How many rows answer such a query. */
export async function countAnswers(query: Query, sql: string): Promise<number> {
  if (!query.bytes) return (await query({ sql })).length;
  const [row] = await query({ sql: `SELECT count(*) AS n FROM (\n${bare(sql)}\n)` });
  return Number(row?.['n'] ?? 0);
}

/** How many columns an answer has, without one of its rows. */
async function widthOf(query: Query, sql: string): Promise<number> {
  const none = `SELECT * FROM (\n${bare(sql)}\n) LIMIT 0`;
  const [row] = await query({ sql: `SELECT answer.* FROM (SELECT 1) LEFT JOIN (${none}) AS answer ON true` });
  return Object.keys(row ?? {}).length;
}

/** Without what would end it inside another: a semicolon, and comments behind it. */
function bare(sql: string): string {
  return splitMigration(sql)[0]?.sql ?? sql;
}

function textIn(row: Row, name: string): string {
  const value: SqlValue = row[name] ?? null;
  if (!(value instanceof Uint8Array) || row[`${name}_type`] !== 'text') return String(value);
  return Buffer.from(value).toString(isUtf8(value) ? 'utf8' : 'latin1');
}
