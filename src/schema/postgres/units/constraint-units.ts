import type { ConstraintRow, IndexRow, TableRow } from '../catalogue-rows.ts';
import { constraintStep, isOwn, normalConstraint } from '../constraint.ts';
import { idOf } from '../ids.ts';
import type { Reading } from '../reading.ts';
import { notNullOf } from './column-units.ts';
import { attachmentOf, part } from './part.ts';
import type { Unit } from './unit.ts';

/** Keys, checks and foreign keys, and the checks that a part has from its whole and must have to become one. */
export function constraintUnits(row: TableRow, reading: Reading): readonly Unit[] {
  return reading.constraintsOf(row.oid).flatMap((constraint) => {
    if (isOwn(constraint))
      return [constraintUnit(constraint, row, reading), ...indexPart(constraint, reading)];
    return constraint.kind === 'c' && row.isPartition ? [inheritedCheck(constraint, row, reading)] : [];
  });
}

function constraintUnit(constraint: ConstraintRow, row: TableRow, reading: Reading): Unit {
  const own = idOf.constraint(constraint.oid);
  const table = idOf.relation(row.oid);
  const isKey = 'pux'.includes(constraint.kind);
  const index = idOf.relation(constraint.index);
  const above = isKey ? wholeOf(constraint, reading) : undefined;
  const columns = reading.columnsOf(row.oid);
  const keyed =
    constraint.kind === 'p' ? columns.filter(({ number }) => constraint.columns?.includes(number)) : [];
  return {
    ...part(table, `constraint ${constraint.sql} of ${row.sql}`, normalConstraint(constraint)),
    kind: constraint.kind === 'f' ? 'foreign-key' : 'constraint',
    ids: [own, ...(isKey ? [index] : [])],
    needs: [
      table,
      ...reading.needsOf(own),
      ...reading.usesOf(own),
      ...(isKey ? [...reading.needsOf(index), ...reading.usesOf(index)] : []),
      ...keyed.map(notNullOf),
      ...(constraint.kind === 'f' ? partsReferredTo(constraint, reading) : []),
    ].filter((id) => id !== own && (!isKey || id !== index)),
    partOf: [table, ...(above === undefined ? [] : [above])],
    ...(above === undefined ? {} : { follows: above }),
    make: [constraintStep(constraint, row, reading).sql],
    drop: [`ALTER TABLE ${row.sql} DROP CONSTRAINT ${constraint.sql}`],
    names: [
      `constraint ${constraint.sql} of ${row.sql}`,
      ...(isKey ? [`relation ${inSchemaOf(row, constraint.sql)}`] : []),
    ],
    detail: { kind: 'constraint', row: constraint, tableSql: row.sql },
  };
}

/** That tables are parts of the one that it points to: none that rows point into leaves it. */
function partsReferredTo({ index }: ConstraintRow, reading: Reading): readonly string[] {
  const table = reading.rows.indexes.find(({ oid }) => oid === index)?.table;
  if (table === undefined) return [];
  return reading.descendantsOf(table).flatMap((row) => (row.isPartition ? [attachmentOf(row)] : []));
}

/** The index of the partitioned table that a key's is a part of. */
function wholeOf({ index, table }: ConstraintRow, reading: Reading): string | undefined {
  const parent = reading.indexesOf(table).find(({ oid }) => oid === index)?.parent ?? null;
  return parent === null ? undefined : idOf.relation(parent);
}

/** An index is in its table's schema. */
function inSchemaOf({ schema }: Pick<TableRow, 'schema'>, sql: string): string {
  return schema === 'public' ? sql : `${schema}.${sql}`;
}

function indexPart(constraint: ConstraintRow, reading: Reading): readonly Unit[] {
  const index = reading.indexesOf(constraint.table).find(({ oid }) => oid === constraint.index);
  const whole = index && wholeIndex(index, reading);
  return index && whole && 'pux'.includes(constraint.kind) ? [indexPartUnit(index, whole)] : [];
}

/** The index of the partitioned table that it is a part of. */
export function wholeIndex({ parent }: IndexRow, { rows }: Reading): IndexRow | undefined {
  return parent === null ? undefined : rows.indexes.find(({ oid }) => oid === parent);
}

interface IndexName {
  readonly oid: string;
  readonly sql: string;
}

/** That the index of a part belongs to the index of the whole. */
export function indexPartUnit(index: IndexName & { readonly table: string }, whole: IndexName): Unit {
  const own = idOf.relation(index.oid);
  return {
    ...part(own, `part ${index.sql} of ${whole.sql}`, ''),
    kind: 'index-part',
    needs: [own, idOf.relation(whole.oid), attachmentOf({ oid: index.table })],
    partOf: [own, idOf.relation(whole.oid), attachmentOf({ oid: index.table })],
    make: [`ALTER INDEX ${whole.sql} ATTACH PARTITION ${index.sql}`],
  };
}

function inheritedCheck(constraint: ConstraintRow, row: TableRow, reading: Reading): Unit {
  const own = idOf.constraint(constraint.oid);
  const above = (row.parents ?? [])
    .flatMap(([oid]) => reading.constraintsOf(oid))
    .filter(({ kind, name }) => kind === 'c' && name === constraint.name)
    .map(({ oid }) => idOf.constraint(oid));
  return {
    ...part(
      idOf.relation(row.oid),
      `constraint ${constraint.sql} of ${row.sql}`,
      normalConstraint(constraint),
    ),
    kind: 'constraint',
    ids: [own],
    needs: [idOf.relation(row.oid), ...reading.needsOf(own), ...reading.usesOf(own)],
    partOf: [idOf.relation(row.oid), ...above],
    within: above,
    apartWith: attachmentOf(row),
    make: [`ALTER TABLE ${row.sql} ADD CONSTRAINT ${constraint.sql} ${constraint.definition}`],
    drop: [`ALTER TABLE ${row.sql} DROP CONSTRAINT ${constraint.sql}`],
    names: [`constraint ${constraint.sql} of ${row.sql}`],
    ...(above[0] === undefined ? {} : { follows: above[0] }),
  };
}
