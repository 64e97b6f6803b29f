import type { SqlValue, Statement } from '../sql/statement.ts';
import type { Bookkeeping, Entry, RecordChange } from './bookkeeping.ts';

/** Sets columns of one record, addressed by its row. */
export function changeRow(
  { dialect, quoted, row }: Pick<Bookkeeping, 'dialect' | 'quoted' | 'row'>,
  { rowid }: Entry,
  values: RecordChange,
): Statement {
  const args: SqlValue[] = [];
  const marked = (value: SqlValue) => {
    args.push(value);
    return dialect === 'postgres' ? `$${args.length}` : '?';
  };
  const set = Object.entries<string | number | null | undefined>(values).flatMap(([column, value]) => {
    if (value === undefined) return [];
    return [value === null ? `${column} = NULL` : `${column} = ${marked(value)}`];
  });
  return { sql: `UPDATE ${quoted} SET ${set.join(', ')} WHERE ${row} = ${marked(rowid)}`, args };
}
