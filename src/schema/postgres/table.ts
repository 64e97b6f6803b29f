import type { MakingStep, SchemaObject } from '../schema.ts';
import type { ColumnRow, SequenceRow, TableRow } from './catalogue-rows.ts';
import {
  compressions,
  identityWords,
  normalColumn,
  shownColumn,
  storages,
  type ColumnScope,
} from './column.ts';
import { constraintStep, foreignKeysOf, isOwn, normalConstraint, shownConstraint } from './constraint.ts';
import { isEarly } from './early-default.ts';
import { idOf } from './ids.ts';
import { attachSteps } from './index-objects.ts';
import { shownName } from './names.ts';
import { afterRows, beforeRows, type Reading } from './reading.ts';
import { sequenceSteps, serialType } from './sequence.ts';
import { settled } from './settled.ts';
import { tableUnits } from './units/table-units.ts';
import type { Unit } from './units/unit.ts';
import { tableFoot, tableSettings } from './table-settings.ts';

export function tableObjects(reading: Reading): readonly SchemaObject[] {
  return reading.rows.tables.map((row) => {
    const name = shownName(row);
    let making: readonly MakingStep[] | undefined;
    let units: readonly Unit[] | undefined;
    return {
      type: 'table',
      name,
      table: name,
      normal: normalTable(row, reading),
      display: shownTable(row, reading),
      // Most of the work for a table, and only drafts and the files of a whole schema ask for it.
      get making() {
        making ??= tableSteps(row, reading);
        return making;
      },
      get units() {
        units ??= tableUnits(row, reading, creation(row, reading));
        return units;
      },
      foreignKeys: foreignKeysOf(row, reading),
    };
  });
}

/** In the shape that `parts.ts` takes apart: a line for each column and constraint. */
function normalTable(row: TableRow, reading: Reading): string {
  const columns = columnsWithScope(row, reading).map(([column, scope]) => normalColumn(column, scope));
  const constraints = reading.constraintsOf(row.oid).filter(isOwn).map(normalConstraint);
  const lines = [...columns.sort(), ...constraints.sort()].map((line) => `  ${line}`);
  const settings = tableSettings(row, reading).map(({ sql }) => sql);
  const unlogged = row.unlogged ? ['UNLOGGED'] : [];
  const foot = [...unlogged, ...tableFoot(row), ...partOf(row), ...settings].map(settled);
  return `CREATE TABLE ${row.sql} (\n${lines.join(',\n')}\n)${foot.map((part) => ` ${part}`).join('')}`;
}

function shownTable(row: TableRow, reading: Reading): string {
  const columns = columnsWithScope(row, reading).map(([column, scope]) => shownColumn(column, scope));
  const constraints = reading
    .constraintsOf(row.oid)
    .filter((constraint) => isOwn(constraint) || isLateNotNull(constraint))
    .toSorted(inOrder)
    .map(shownConstraint);
  const lines = [...columns, ...constraints].map((line) => `  ${line}`);
  const foot = tableFoot(row).map((part) => ` ${part}`);
  const create = `CREATE ${row.unlogged ? 'UNLOGGED ' : ''}TABLE ${row.sql} (\n${lines.join(',\n')}\n)${foot.join('')}`;
  const settings = tableSettings(row, reading).map(({ sql }) => sql);
  const ofColumns = reading.columnsOf(row.oid).flatMap((column) => columnSettings(column, row));
  return [create, ...partOf(row), ...ofColumns, ...settings].join(';\n');
}

type Ordered = Parameters<typeof shownConstraint>[0];
const kinds = 'puxfcn';

function inOrder(left: Ordered, right: Ordered): number {
  return kinds.indexOf(left.kind) - kinds.indexOf(right.kind) || (left.name < right.name ? -1 : 1);
}

function columnsWithScope(row: TableRow, reading: Reading): readonly (readonly [ColumnRow, ColumnScope])[] {
  const constraints = reading.constraintsOf(row.oid);
  const key = new Set(constraints.find(({ kind }) => kind === 'p')?.columns);
  return reading.columnsOf(row.oid).map((column) => [
    column,
    {
      sequence: sequenceOf(column, row, reading),
      isInKey: key.has(column.number),
      isInPartition: row.isPartition,
      required: constraints.find(({ kind, columns }) => kind === 'n' && columns?.[0] === column.number),
    },
  ]);
}

/** Its own where it has several. */
function sequenceOf(column: ColumnRow, { oid }: TableRow, reading: Reading): SequenceRow | undefined {
  const found = reading.sequencesOf(oid).filter(({ ownerColumn }) => ownerColumn === column.name);
  return found.find((one) => one.isIdentity === true || serialType(column, one) !== undefined) ?? found[0];
}

function partOf({ sql, isPartition, bound, parents }: TableRow): readonly string[] {
  if (!isPartition || !parents) return [];
  return parents.map(([, parent]) => `ALTER TABLE ONLY ${parent} ATTACH PARTITION ${sql} ${bound ?? ''}`);
}

/** Columns first, and constraints where the rows are there. */
function tableSteps(row: TableRow, reading: Reading): readonly MakingStep[] {
  const own = idOf.relation(row.oid);
  const columns = reading.columnsOf(row.oid);
  const sequences = reading.sequencesOf(row.oid);
  const identities = sequences.filter(({ isIdentity }) => isIdentity === true);
  const early = columns.filter((column) => isEarly(column, row, reading));
  const parents = (row.parents ?? []).map(([oid]) => idOf.relation(oid));
  const ids = [
    own,
    idOf.type(row.rowType),
    idOf.type(row.arrayType),
    ...columns.flatMap(({ notNullOid }) => (notNullOid === null ? [] : [idOf.constraint(notNullOid)])),
    ...early.flatMap(({ defaultOid }) => (defaultOid === null ? [] : [idOf.default(defaultOid)])),
    ...identities.map(({ oid }) => idOf.relation(oid)),
  ];
  const needs = [
    reading.schemaId(row.schema),
    ...reading.needsOf(...ids),
    ...(row.isPartition ? [] : parents),
  ];
  const serials = sequences.filter((sequence) =>
    columns.some(
      (column) => column.name === sequence.ownerColumn && serialType(column, sequence) !== undefined,
    ),
  );
  return [
    ...serials.flatMap((sequence) => sequenceSteps(sequence, reading)),
    beforeRows(ids, needs, creation(row, reading)),
    ...columns.flatMap((column) => columnSteps(column, row, reading)),
    ...partOf(row).map((sql) => beforeRows([], [own, ...parents], sql)),
    ...reading
      .constraintsOf(row.oid)
      .filter((constraint) => isOwn(constraint) || isLateNotNull(constraint))
      .map((constraint) => constraintStep(constraint, row, reading)),
    ...reading
      .indexesOf(row.oid)
      .flatMap((index) => (index.constraint === null ? [] : attachSteps(index, reading))),
    ...tableSettings(row, reading).map(({ sql, needs: others }) => afterRows([], [own, ...others], sql)),
  ];
}

const isLateNotNull = ({ kind, valid, isLocal }: Ordered) => kind === 'n' && !valid && isLocal;

function creation(row: TableRow, reading: Reading): string {
  const required = reading.constraintsOf(row.oid).filter(({ kind }) => kind === 'n');
  const lines = reading.columnsOf(row.oid).flatMap((column) => {
    if (!row.isPartition && !column.isLocal) return [];
    const unusual = required.find(({ columns }) => columns?.[0] === column.number);
    const called = column.notNullName === null ? '' : ` CONSTRAINT ${column.notNullName}`;
    const notNull =
      !column.notNull || unusual?.valid === false ? '' : `${called} NOT NULL${unusual ? ' NO INHERIT' : ''}`;
    return [`  ${exactColumn(column, row, reading)}${notNull}`];
  });
  const foot = tableFoot(row).map((part) => ` ${part}`);
  const unlogged = row.unlogged ? 'UNLOGGED ' : '';
  return `CREATE ${unlogged}TABLE ${row.sql} (\n${lines.join(',\n')}\n)${foot.join('')}`;
}

function exactColumn(column: ColumnRow, row: TableRow, reading: Reading): string {
  const words = [column.sql, column.type];
  if (column.compression !== '') words.push(`COMPRESSION ${compressions[column.compression] ?? ''}`);
  if (column.collation !== null) words.push(`COLLATE ${column.collation}`);
  // A part of a partitioned table has its parent's, from when it is attached.
  if (column.identity !== '' && !row.isPartition)
    words.push(identityWords(column, sequenceOf(column, row, reading), 'exact'));
  if (column.default !== null && isEarly(column, row, reading)) words.push(exactValue(column));
  return words.join(' ');
}

function exactValue({ default: value, generated }: ColumnRow): string {
  if (generated === '') return `DEFAULT ${value ?? ''}`;
  return `GENERATED ALWAYS AS (${value ?? ''}) ${generated === 's' ? 'STORED' : 'VIRTUAL'}`;
}

function columnSteps(column: ColumnRow, row: TableRow, reading: Reading): readonly MakingStep[] {
  const own = idOf.relation(row.oid);
  const alter = `ALTER TABLE ONLY ${row.sql} ALTER COLUMN ${column.sql}`;
  const said: string[] = [];
  if (!row.isPartition && !column.isLocal) said.push(...overrides(column, alter));
  if (column.storage !== null) said.push(`${alter} SET STORAGE ${storages[column.storage] ?? ''}`);
  said.push(...columnSettings(column, row));
  const steps = said.map((sql) => beforeRows([], [own], sql));
  if (column.defaultOid === null || isEarly(column, row, reading)) return steps;
  const id = idOf.default(column.defaultOid);
  const sql = `${alter} SET DEFAULT ${column.default ?? ''}`;
  return [...steps, beforeRows([id], [own, ...reading.needsOf(id)], sql)];
}

/** What is said of a column once it is there. */
function columnSettings({ sql, statistics, options }: ColumnRow, row: TableRow): readonly string[] {
  const alter = `ALTER TABLE ONLY ${row.sql} ALTER COLUMN ${sql}`;
  return [
    ...(statistics === null ? [] : [`${alter} SET STATISTICS ${statistics}`]),
    ...(options === null ? [] : [`${alter} SET (${options.join(', ')})`]),
  ];
}

/** What a column that comes from a parent may have of its own. */
function overrides(column: ColumnRow, alter: string): readonly string[] {
  return [
    ...(column.generated === ''
      ? [`${alter} ${column.default === null ? 'DROP DEFAULT' : `SET DEFAULT ${column.default}`}`]
      : []),
    ...(column.notNull && column.isNotNullInherited !== true ? [`${alter} SET NOT NULL`] : []),
  ];
}
