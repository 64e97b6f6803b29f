import type { DatabaseSync } from 'node:sqlite';
import type { Row, SqlValue, Statement } from '../sql/statement.ts';
import { exactInteger } from './values.ts';

/** All rows of one statement on a node:sqlite connection, every integer exact. */
export function allRows(db: DatabaseSync, { sql, args }: Statement): readonly Row[] {
  const statement = db.prepare(sql);
  statement.setReadBigInts(true);
  return statement.all(...bindable(args)).map(toRow);
}

/** Runs one statement to its end without keeping the rows that it may return. */
export function runToEnd(db: DatabaseSync, { sql, args }: Statement): void {
  const statement = db.prepare(sql);
  statement.setReadBigInts(true);
  const rows = statement.iterate(...bindable(args));
  while (rows.next().done !== true);
}

/** Whole numbers go as `bigint`: node:sqlite binds every JavaScript number as REAL. */
function bindable(args: readonly SqlValue[] = []): SqlValue[] {
  return args.map((value) =>
    typeof value === 'number' && Number.isSafeInteger(value) && !Object.is(value, -0) ? BigInt(value) : value,
  );
}

function toRow(row: Record<string, SqlValue>): Row {
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, plain(value)]));
}

function plain(value: SqlValue): SqlValue {
  return typeof value === 'bigint' ? exactInteger(value) : value;
}
