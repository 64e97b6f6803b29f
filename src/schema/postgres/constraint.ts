import type { ForeignKey, MakingStep } from '../schema.ts';
import type { ConstraintRow, TableRow } from './catalogue-rows.ts';
import { idOf, partId } from './ids.ts';
import { isMadeUp, shownName } from './names.ts';
import { afterRows, type Reading } from './reading.ts';
import { settled } from './settled.ts';

/** A constraint's line in the normal form; a name that was made up is no part of it. */
export function normalConstraint({ name, sql, definition }: ConstraintRow): string {
  return `CONSTRAINT ${isMadeUp(name) ? '' : `${sql} `}${settled(definition)}`;
}

/** A constraint's line for people. */
export function shownConstraint({ sql, definition }: ConstraintRow): string {
  return `CONSTRAINT ${sql} ${definition}`;
}

/** Whether a table says it itself: what it inherits is said by its parent. */
export function isOwn({ kind, isLocal, isOfParent }: ConstraintRow): boolean {
  switch (kind) {
    case 'p':
    case 'u':
    case 'x':
      return true;
    case 'f':
      return !isOfParent;
    case 'c':
      return isLocal;
    case 'n':
      return false;
  }
}

/** The statement that adds it, exactly as it is. */
export function constraintStep(row: ConstraintRow, table: TableRow, reading: Reading): MakingStep {
  const own = idOf.constraint(row.oid);
  const isKey = row.kind === 'p' || row.kind === 'u' || row.kind === 'x';
  // The parts of a partitioned table have theirs under their own names, and are attached.
  const only = isKey ? 'ONLY ' : '';
  return afterRows(
    [own, ...(isKey ? [idOf.relation(row.index)] : []), ...(row.kind === 'c' ? [checkId(table, row)] : [])],
    [
      idOf.relation(table.oid),
      ...reading.needsOf(own),
      ...(row.kind === 'f' ? keyReferredTo(row.index, reading) : []),
      // A child takes over what its parent has under the same name, and not the other way round.
      ...(row.kind === 'c' ? reading.descendantsOf(table.oid).map((child) => checkId(child, row)) : []),
    ],
    `ALTER TABLE ${only}${table.sql} ADD CONSTRAINT ${row.sql} ${row.definition}`,
  );
}

/** The key of a partitioned table is not valid, and nothing can refer to it, until those of all parts are parts of it. */
function keyReferredTo(index: string, reading: Reading): readonly string[] {
  const parts = reading.rows.indexes.filter(({ parent }) => parent === index);
  return [
    idOf.relation(index),
    ...parts.flatMap((part) => [partId(part), ...keyReferredTo(part.oid, reading)]),
  ];
}

const checkId = ({ oid }: TableRow, { name }: ConstraintRow) => `check:${oid}:${name}`;

/** The foreign keys that a table declares. */
export function foreignKeysOf(table: TableRow, reading: Reading): readonly ForeignKey[] {
  return reading.constraintsOf(table.oid).flatMap((row): readonly ForeignKey[] => {
    if (row.kind !== 'f' || row.isOfParent || row.parentSchema === null || row.parent === null) return [];
    const columns = new Map(reading.columnsOf(table.oid).map(({ number, name }) => [number, name]));
    return [
      {
        table: shownName(table),
        columns: (row.columns ?? []).flatMap((number) => columns.get(number) ?? []),
        parent: shownName({ schema: row.parentSchema, name: row.parent }),
        onDelete: actions[row.onDelete] ?? 'NO ACTION',
      },
    ];
  });
}

export const actions: Readonly<Record<string, ForeignKey['onDelete']>> = {
  a: 'NO ACTION',
  r: 'RESTRICT',
  c: 'CASCADE',
  n: 'SET NULL',
  d: 'SET DEFAULT',
};
