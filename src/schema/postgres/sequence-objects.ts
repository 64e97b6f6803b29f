import type { SchemaObject } from '../schema.ts';
import type { SequenceRow } from './catalogue-rows.ts';
import { shownName } from './names.ts';
import type { Reading } from './reading.ts';
import { sequenceSteps, serialType } from './sequence.ts';
import { sequenceUnits } from './units/sequence-units.ts';

/** The sequences that are told by themselves: what stands behind an identity column or `serial` is told there. */
export function sequenceObjects(reading: Reading): readonly SchemaObject[] {
  return reading.rows.sequences
    .filter((row) => !isToldByColumn(row, reading))
    .map((row) => sequenceObject(row, reading));
}

function isToldByColumn(row: SequenceRow, reading: Reading): boolean {
  if (row.isIdentity === true) return true;
  const column = reading.columnsOf(row.ownerTable ?? '').find(({ name }) => name === row.ownerColumn);
  return column !== undefined && serialType(column, row) !== undefined;
}

function sequenceObject(row: SequenceRow, reading: Reading): SchemaObject {
  const making = sequenceSteps(row, reading);
  const said = making.map(({ sql }) => sql).join(';\n');
  const name = shownName(row);
  const table = row.ownerTable === null ? name : shownName(reading.relation(row.ownerTable));
  const units = sequenceUnits(row, reading);
  return { type: 'sequence', name, table, normal: said, display: said, making, units };
}
