import type { TableRow } from '../catalogue-rows.ts';
import { idOf } from '../ids.ts';
import type { Reading } from '../reading.ts';
import { optionText } from '../table-settings.ts';
import { columnUnits } from './column-units.ts';
import { constraintUnits } from './constraint-units.ts';
import { attachmentOf, part } from './part.ts';
import { settingUnits } from './setting-units.ts';
import type { Unit } from './unit.ts';

/**
 * A table as its columns, constraints and settings, of which each can be changed without the others.
 *
 * @param create the statement that makes it with its columns, and no more
 */
export function tableUnits(row: TableRow, reading: Reading, create: string): readonly Unit[] {
  return [
    tableUnit(row, reading, create),
    ...persistence(row),
    ...options(row),
    ...parents(row, reading),
    ...columnUnits(row, reading),
    ...constraintUnits(row, reading),
    ...settingUnits(row, reading),
  ];
}

function tableUnit(row: TableRow, reading: Reading, create: string): Unit {
  const own = idOf.relation(row.oid);
  return {
    kind: 'table',
    key: `table ${row.sql}`,
    normal: '',
    ids: [own, idOf.type(row.rowType), idOf.type(row.arrayType)],
    needs: [reading.schemaId(row.schema)],
    partOf: [],
    within: [],
    make: [create],
    drop: [`DROP TABLE ${row.sql}`],
    names: [`relation ${row.sql}`, `type ${row.sql}`],
    detail: {
      kind: 'table',
      sql: row.sql,
      shape: [row.kind, row.partitionKey ?? '', row.method ?? ''].join(' '),
      partitionKey: row.partitionKey,
    },
  };
}

function persistence({ sql, oid, unlogged }: TableRow): readonly Unit[] {
  if (!unlogged) return [];
  const own = idOf.relation(oid);
  return [
    {
      ...part(own, `persistence ${sql}`, 'UNLOGGED'),
      within: [own],
      make: [`ALTER TABLE ${sql} SET UNLOGGED`],
      drop: [`ALTER TABLE ${sql} SET LOGGED`],
    },
  ];
}

function options({ sql, oid, options, toastOptions }: TableRow): readonly Unit[] {
  const own = idOf.relation(oid);
  const all = [...(options ?? []), ...(toastOptions ?? []).map((option) => `toast.${option}`)];
  return all.map((option) => {
    const name = option.slice(0, option.indexOf('='));
    return {
      ...part(own, `option ${name} of ${sql}`, option),
      within: [own],
      make: [`ALTER TABLE ${sql} SET (${optionText(option)})`],
      drop: [`ALTER TABLE ${sql} RESET (${name})`],
      overwrites: true,
    };
  });
}

/** What it inherits from, or is a part of. */
function parents(row: TableRow, reading: Reading): readonly Unit[] {
  const own = idOf.relation(row.oid);
  return (row.parents ?? []).map(([oid, parent]) => {
    const columns = reading.columnsOf(oid).map(({ number }) => idOf.column(oid, number));
    const told = row.isPartition ? ` ${row.bound ?? ''}` : '';
    const unit = part(own, `parent ${parent} of ${row.sql}`, told);
    return {
      ...unit,
      kind: 'attachment',
      ids: [attachmentOf(row)],
      needs: [own, idOf.relation(oid), ...columns],
      within: row.isPartition ? [] : [own],
      make: [
        row.isPartition
          ? `ALTER TABLE ONLY ${parent} ATTACH PARTITION ${row.sql}${told}`
          : `ALTER TABLE ${row.sql} INHERIT ${parent}`,
      ],
      drop: [
        row.isPartition
          ? `ALTER TABLE ${parent} DETACH PARTITION ${row.sql}`
          : `ALTER TABLE ${row.sql} NO INHERIT ${parent}`,
      ],
    };
  });
}
