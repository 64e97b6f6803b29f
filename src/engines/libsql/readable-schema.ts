import { isUtf8 } from 'node:buffer';
import { MigrateError } from '../../lib/errors.ts';
import type { Row, SqlValue, Statement } from '../../sql/statement.ts';

/** Whether a question is answered with texts of definitions: a name alone, or a count, is asked for all the time. */
export function readsDefinitions(sql: string): boolean {
  if (/\bsqlite_schema\b/i.test(sql)) return /\bsql\b/i.test(sql);
  return /table_x?info\b/i.test(sql) && !/^SELECT name FROM pragma_table_x?info\b/i.test(sql);
}

/**
 * Refuses a database whose definitions hold a text that is no UTF-8. SQLite keeps and reads such a text, as it is left
 * by a program that ran a file in another encoding; libSQL in this process ends it at once, which no error can tell.
 *
 * @throws MigrateError `refused`, which names the object and where in its text
 */
export async function refuseUnreadableSchema(query: Ask, location: string): Promise<void> {
  const [all] = await query({ sql: texts });
  // Of a database in UTF-16 these are no UTF-8, and every text of it can be read.
  if (isUtf8(bytesOf(all?.['texts'])) || !(await isInUtf8(query))) return;
  const objects = await query({ sql: each });
  const object = objects.find(({ text }) => !isUtf8(bytesOf(text)));
  throw new MigrateError('refused', `${said(object)} in ${location}, which libSQL cannot read`, {
    next: 'Make it again with SQLite’s own shell, sqlite3, from a statement that is saved as UTF-8; its rows can stay as they are.',
  });
}

type Ask = (statement: Statement) => Promise<readonly Row[]>;

// What a constraint made has a name alone.
const texts = "SELECT CAST(group_concat(coalesce(sql, name), ' ') AS BLOB) AS texts FROM sqlite_schema";
const each = `SELECT type, CAST(name AS BLOB) AS name, CAST(coalesce(sql, name) AS BLOB) AS text
  FROM sqlite_schema ORDER BY rowid`;

async function isInUtf8(query: Ask): Promise<boolean> {
  const [row] = await query({ sql: 'PRAGMA encoding' });
  return row?.['encoding'] === 'UTF-8';
}

function said(object: Row | undefined): string {
  const name = Buffer.from(bytesOf(object?.['name']));
  const where = firstBad(Buffer.from(bytesOf(object?.['text'])));
  return `The definition of the ${String(object?.['type'])} ${name.toString()} holds ${where}`;
}

/** The first byte that is no part of a letter, and what stands before it. */
function firstBad(text: Buffer): string {
  const decoded = text.toString();
  const before = decoded.slice(0, decoded.indexOf('\uFFFD'));
  const at = Buffer.byteLength(before);
  const shown = before.replaceAll(/\s+/g, ' ').slice(-24);
  return `the byte 0x${text.toString('hex', at, at + 1)} behind “${shown}”, which is no UTF-8,`;
}

function bytesOf(value: SqlValue | undefined): Uint8Array {
  return value instanceof Uint8Array ? value : Buffer.from(String(value ?? ''));
}
