import type { SqlValue } from '../../sql/statement.ts';
import { hashed, isEmpty, maskOf, rulesOf, stillThere, type Masking, type StorageClass } from '../masks.ts';
import type { DumpRow } from './dump-pages.ts';
import type { DumpTable } from './dump-source.ts';

/** What takes the place of a row before it is written anywhere. */
export function rowMasker(table: DumpTable, masking: Masking | undefined): (row: DumpRow) => DumpRow {
  const rules = masking && rulesOf(table.name, masking.rules);
  if (!masking || !rules || rules.columns.length === 0) return (row) => row;
  const offset = table.keyIs === 'rowid' ? 1 : 0;
  const masked = table.columns.flatMap((column, index) => {
    const mask = maskOf(column, rules);
    return mask === undefined ? [] : [{ at: index + offset, column, mask }];
  });
  const places = new Set(masked.map(({ at }) => at));
  return ({ values, bytes }) => {
    const changed = [...values];
    for (const { at, column, mask } of masked) {
      const value = values[at] ?? null;
      changed[at] = mask === 'null' ? null : maskedValue(value, bytes.has(at) ? 'text' : undefined, masking);
      if (value !== null && !isNothing(value) && Object.is(changed[at], value))
        throw stillThere(table.name, column);
    }
    return { values: changed, bytes: new Set([...bytes].filter((at) => !places.has(at))) };
  };
}

/** @param as what it is in the database, where its form here does not say it: a text that is given in bytes */
export function maskedValue(
  value: SqlValue,
  as: StorageClass | undefined,
  { key }: Pick<Masking, 'key'>,
): SqlValue {
  if (value === null) return null;
  const kind = as ?? classOf(value);
  const bytes = value instanceof Uint8Array ? value : Buffer.from(String(value));
  return isEmpty(bytes, kind) ? value : hashed(bytes, kind, key);
}

function isNothing(value: SqlValue): boolean {
  return value === '' || (value instanceof Uint8Array && value.length === 0);
}

function classOf(value: Exclude<SqlValue, null>): StorageClass {
  switch (typeof value) {
    case 'bigint':
      return 'integer';
    case 'number':
      return 'real';
    case 'string':
      return 'text';
    default:
      return 'blob';
  }
}
