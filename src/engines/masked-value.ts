import type { SqlValue } from '../sql/statement.ts';
import { hashed, isEmpty, maskOf, rulesOf, stillThere, type Masking, type StorageClass } from './masks.ts';

/** What takes the place of the values of a row, before they are written anywhere. */
export type RowMasker = (values: readonly SqlValue[], isTextInBytes?: (at: number) => boolean) => SqlValue[];

/**
 * @param names what stands where in a row; a rowid may stand first
 * @returns undefined where nothing of the table is masked
 */
export function rowMasker(
  table: string,
  names: readonly (string | undefined)[],
  masking: Masking | undefined,
): RowMasker | undefined {
  const rules = masking && rulesOf(table, masking.rules);
  if (!masking || !rules || rules.columns.length === 0) return undefined;
  const masked = names.flatMap((name, at) => {
    const mask = name === undefined ? undefined : maskOf(name, rules);
    return name === undefined || mask === undefined ? [] : [{ at, name, mask }];
  });
  return (values, isTextInBytes = () => false) => {
    const changed = [...values];
    for (const { at, name, mask } of masked) {
      const value = values[at] ?? null;
      const as = isTextInBytes(at) ? 'text' : undefined;
      const stands = mask === 'null' ? null : maskedValue(value, as, masking);
      if (value !== null && !isNothing(value) && stands === value) throw stillThere(table, name);
      changed[at] = stands;
    }
    return changed;
  };
}

/** @param as what it is in the database, where its form here does not say it: a text that is given in bytes */
function maskedValue(value: SqlValue, as: StorageClass | undefined, { key }: Pick<Masking, 'key'>): SqlValue {
  if (value === null) return null;
  const kind = as ?? classOf(value);
  const hex = Buffer.from(value instanceof Uint8Array ? value : String(value)).toString('hex');
  return isEmpty(hex, kind) ? value : hashed(hex, kind, key);
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
