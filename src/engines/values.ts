import type { InValue, ResultSet, Value } from '@libsql/client/sqlite3';
import type { Row, SqlValue } from '../sql/statement.ts';

/**
 * Parameters as the client takes them. Whole numbers go as `bigint`: the client binds every JavaScript
 * number as REAL, which an untyped column would then store.
 */
export function toArgs(args: readonly SqlValue[] | undefined): InValue[] {
  return (args ?? []).map((value) =>
    typeof value === 'number' && Number.isSafeInteger(value) && !Object.is(value, -0) ? BigInt(value) : value,
  );
}

/** The rows of an answer that was read with `intMode: 'bigint'`, the only mode that corrupts no integer. */
export function toRows({ columns, rows }: ResultSet): readonly Row[] {
  return rows.map((row) =>
    Object.fromEntries(columns.map((column, index) => [column, fromValue(row[index] ?? null)])),
  );
}

/** An integer as a number where a number holds it exactly. */
export function exactInteger(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

function fromValue(value: Value): SqlValue {
  if (typeof value === 'bigint') return exactInteger(value);
  return value instanceof ArrayBuffer ? new Uint8Array(value) : value;
}
