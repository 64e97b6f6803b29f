import type { ColumnRow, TableRow } from './catalogue-rows.ts';
import { idOf } from './ids.ts';
import type { Reading } from './reading.ts';

/** Whether the default is said with the table: one that calls a function of the project's may need the table itself. */
export function isEarly(column: ColumnRow, row: TableRow, reading: Reading): boolean {
  if (column.defaultOid === null) return false;
  if (column.generated !== '') return true;
  const own = idOf.relation(row.oid);
  return !reading
    .needsOf(idOf.default(column.defaultOid))
    .some((id) => id.startsWith(idOf.function('')) && id !== own);
}
