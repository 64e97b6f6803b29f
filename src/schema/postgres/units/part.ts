import type { ColumnRow, TableRow } from '../catalogue-rows.ts';
import type { Reading } from '../reading.ts';
import type { Unit } from './unit.ts';

/** What every part of a table or a column begins with. */
export function part(owner: string, key: string, normal: string): Unit {
  return {
    kind: 'setting',
    key,
    normal,
    ids: [],
    needs: [owner],
    partOf: [owner],
    within: [],
    make: [],
    drop: [],
    names: [],
    detail: { kind: 'plain' },
  };
}

/** The column of the parent that says what this one is; undefined where it is the table's own. */
export function parentColumn(column: ColumnRow, row: TableRow, reading: Reading): ColumnRow | undefined {
  if (!column.isInherited) return undefined;
  const all = (row.parents ?? []).flatMap(([oid]) => reading.columnsOf(oid));
  return all.find(({ name }) => name === column.name);
}

/** That a table is a part of another one, as an id. */
export const attachmentOf = ({ oid }: Pick<TableRow, 'oid'>) => `attachment:${oid}`;
