import type { ColumnRow, ConstraintRow, SequenceRow, TableRow } from '../catalogue-rows.ts';
import { compressions, identityWords, storages } from '../column.ts';
import { idOf } from '../ids.ts';
import type { Reading } from '../reading.ts';
import { serialType } from '../sequence.ts';
import { isEarly } from '../early-default.ts';
import { settled } from '../settled.ts';
import { parentColumn, part } from './part.ts';
import { sequenceUnits } from './sequence-units.ts';
import type { Unit } from './unit.ts';

/** Each column with what can be changed of it by itself. */
export function columnUnits(row: TableRow, reading: Reading): readonly Unit[] {
  return reading.columnsOf(row.oid).flatMap((column) => unitsOf(placed(column, row, reading), reading));
}

interface Placed {
  readonly row: TableRow;
  readonly column: ColumnRow;
  readonly own: string;
  readonly alter: string;
  /** `users.name`, as SQL. */
  readonly called: string;
  readonly parent: ColumnRow | undefined;
  /** The sequence that goes with it, as an identity or as `serial`. */
  readonly sequence: SequenceRow | undefined;
  readonly isSerial: boolean;
  /** NOT NULL with something unusual about it. */
  readonly unusual: ConstraintRow | undefined;
}

function placed(column: ColumnRow, row: TableRow, reading: Reading): Placed {
  const owned = reading.sequencesOf(row.oid).filter(({ ownerColumn }) => ownerColumn === column.name);
  const serial = owned.find((one) => serialType(column, one) !== undefined);
  return {
    row,
    column,
    own: idOf.column(row.oid, column.number),
    alter: `ALTER TABLE ONLY ${row.sql} ALTER COLUMN ${column.sql}`,
    called: `${row.sql}.${column.sql}`,
    parent: parentColumn(column, row, reading),
    sequence: owned.find(({ isIdentity }) => isIdentity === true) ?? serial,
    isSerial: serial !== undefined,
    unusual: reading
      .constraintsOf(row.oid)
      .find(({ kind, columns }) => kind === 'n' && columns?.[0] === column.number),
  };
}

function unitsOf(place: Placed, reading: Reading): readonly Unit[] {
  return [
    columnUnit(place, reading),
    ...notNull(place),
    ...defaults(place, reading),
    ...identity(place),
    ...serial(place, reading),
    ...settings(place),
  ];
}

function columnUnit(place: Placed, reading: Reading): Unit {
  const { row, column, own, parent, called } = place;
  const table = idOf.relation(row.oid);
  const above = parent === undefined ? [] : [idOf.column(parent.table, parent.number)];
  const generated = column.generated === '' ? [] : [settled(column.default ?? ''), column.generated];
  const shared = column.isLocal ? [] : above;
  const valued = column.defaultOid === null ? [] : reading.needsOf(idOf.default(column.defaultOid));
  const used = column.defaultOid === null ? [] : reading.usesOf(idOf.default(column.defaultOid));
  const [follows] = above;
  return {
    kind: 'column',
    key: `column ${called}`,
    normal: [column.type, column.collation ?? '', ...generated].join(' '),
    ids: [own],
    needs: [
      table,
      ...reading.columnNeedsOf(column),
      ...(column.generated === '' ? [] : [...valued, ...used.filter((id) => id !== own)]),
    ],
    partOf: [table, ...shared],
    within: [table, ...shared],
    make: [`ALTER TABLE ${row.sql} ADD COLUMN ${inline(place)}`],
    drop: [`ALTER TABLE ${row.sql} DROP COLUMN ${column.sql}`],
    names: [],
    ...(follows === undefined ? {} : { follows }),
    detail: {
      kind: 'column',
      tableSql: row.sql,
      row: column,
      partitionKey: row.partitionKey,
      wantsValue: column.notNull && column.default === null && column.identity === '',
    },
  };
}

/** With its value and NOT NULL, so that rows that are there get one. */
function inline({ column, sequence, row, unusual }: Placed): string {
  const words = [column.sql, column.type];
  if (column.compression !== '') words.push(`COMPRESSION ${compressions[column.compression] ?? ''}`);
  if (column.collation !== null) words.push(`COLLATE ${column.collation}`);
  if (column.identity !== '' && !row.isPartition) words.push(identityWords(column, sequence, 'told'));
  if (column.default !== null)
    words.push(
      column.generated === ''
        ? `DEFAULT ${column.default}`
        : `GENERATED ALWAYS AS (${column.default}) ${column.generated === 's' ? 'STORED' : 'VIRTUAL'}`,
    );
  if (column.notNull && unusual?.valid !== false)
    words.push(unusual?.noInherit === true ? 'NOT NULL NO INHERIT' : 'NOT NULL');
  return words.join(' ');
}

function notNull({ row, column, own, alter, called, parent, unusual }: Placed): readonly Unit[] {
  if (!column.notNull) return [];
  const above = parent?.notNull === true ? [notNullOf(parent)] : [];
  // What inherits a column has it without this.
  const isExtra = !column.isLocal && !row.isPartition && above.length === 0;
  const add = (words: string) => `ALTER TABLE ${row.sql} ADD NOT NULL ${column.sql}${words}`;
  const words = [
    ...(unusual?.noInherit === true ? [' NO INHERIT'] : []),
    ...(unusual?.valid === false ? [' NOT VALID'] : []),
  ];
  const plain = alter.replace('ONLY ', '');
  return [
    {
      ...part(own, `not null ${called}`, `NOT NULL${words.join('')}`),
      kind: 'not-null',
      ids: [notNullOf(column), ...(column.notNullOid === null ? [] : [idOf.constraint(column.notNullOid)])],
      partOf: [own, ...above],
      ...(above[0] === undefined ? {} : { follows: above[0] }),
      within: unusual?.valid === false || isExtra ? above : [own, ...above],
      make: [unusual ? add(words.join('')) : `${plain} SET NOT NULL`],
      drop: [`${plain} DROP NOT NULL`],
    },
  ];
}

export const notNullOf = ({ table, number }: ColumnRow) => `not-null:${table}:${number}`;

function defaults(place: Placed, reading: Reading): readonly Unit[] {
  const { row, column, own, alter, called, parent, isSerial } = place;
  if (column.generated !== '') return [];
  const isOverridden = parent !== undefined && parent.generated === '' && !row.isPartition;
  if (column.defaultOid === null || column.default === null) {
    if (!isOverridden || parent.default === null) return [];
    return [{ ...part(own, `default ${called}`, 'none'), make: [`${alter} DROP DEFAULT`], overwrites: true }];
  }
  const id = idOf.default(column.defaultOid);
  const needs = [...reading.needsOf(id), ...reading.usesOf(id)];
  return [
    {
      ...part(own, `default ${called}`, isSerial ? 'serial' : settled(column.default)),
      kind: 'default',
      ids: [id],
      needs: [own, ...needs],
      within: isOverridden ? [] : [own],
      make: [`${alter} SET DEFAULT ${column.default}`],
      drop: [`${alter} DROP DEFAULT`],
      names: [`value ${called}`],
      ...(isEarly(column, row, reading) ? {} : { late: true }),
    },
  ];
}

function identity({ row, column, own, called, sequence }: Placed): readonly Unit[] {
  if (column.identity === '' || row.isPartition || !sequence) return [];
  const alter = `ALTER TABLE ${row.sql} ALTER COLUMN ${column.sql}`;
  const words = identityWords(column, sequence, 'told');
  return [
    {
      ...part(own, `identity ${called}`, words),
      kind: 'identity',
      ids: [idOf.relation(sequence.oid)],
      needs: [own, notNullOf(column)],
      within: [own],
      make: [`${alter} ADD ${words}`],
      drop: [`${alter} DROP IDENTITY`],
      names: [`value ${called}`],
      detail: { kind: 'identity', column, sequence, alter },
    },
  ];
}

/** The sequence behind `serial`: no object of its own. */
function serial({ sequence, isSerial, called, own, row }: Placed, reading: Reading): readonly Unit[] {
  return sequence && isSerial
    ? sequenceUnits(sequence, reading, { called, own, table: idOf.relation(row.oid) })
    : [];
}

function settings({ column, own, alter, called, row }: Placed): readonly Unit[] {
  const { storage, compression, statistics, options } = column;
  const unit = (name: string, normal: string, make: string, drop: string): Unit => ({
    ...part(own, `${name} of ${called}`, normal),
    make: [`${alter} ${make}`],
    drop: [`${alter} ${drop}`],
    overwrites: true,
  });
  // Before version 16 there is no word for the usual one of a type.
  const usual = /^(?:numeric|inet|cidr)\b/.test(column.type) ? 'MAIN' : 'EXTENDED';
  const stored = storages[storage ?? ''] ?? '';
  const compressed = compressions[compression] ?? '';
  return [
    ...(storage === null ? [] : [unit('storage', stored, `SET STORAGE ${stored}`, `SET STORAGE ${usual}`)]),
    ...(compression === ''
      ? []
      : [
          {
            ...unit('compression', compressed, `SET COMPRESSION ${compressed}`, 'SET COMPRESSION default'),
            within: [own, idOf.relation(row.oid)],
          },
        ]),
    ...(statistics === null
      ? []
      : [unit('statistics', String(statistics), `SET STATISTICS ${statistics}`, 'SET STATISTICS -1')]),
    ...(options ?? []).map((option) =>
      unit(
        `option ${option.replace(/=.*$/s, '')}`,
        option,
        `SET (${option})`,
        `RESET (${option.replace(/=.*$/s, '')})`,
      ),
    ),
  ];
}
