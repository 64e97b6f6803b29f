import type { SequenceRow } from '../catalogue-rows.ts';
import { idOf } from '../ids.ts';
import type { Reading } from '../reading.ts';
import { sequenceSteps } from '../sequence.ts';
import { part } from './part.ts';
import type { Unit } from './unit.ts';

/** The column that a sequence stands behind as `serial`. */
interface SerialColumn {
  readonly called: string;
  readonly own: string;
  readonly table: string;
}

/** A sequence, and that it goes with a column. */
export function sequenceUnits(row: SequenceRow, reading: Reading, serial?: SerialColumn): readonly Unit[] {
  const own = idOf.relation(row.oid);
  const [create, owned] = sequenceSteps(row, reading).map(({ sql }) => sql);
  const column = reading.columnsOf(row.ownerTable ?? '').find(({ name }) => name === row.ownerColumn);
  const owner = column && idOf.column(column.table, column.number);
  return [
    {
      ...part(
        reading.schemaId(row.schema),
        `sequence ${row.sql}`,
        serial ? `serial ${row.type}` : (create ?? ''),
      ),
      kind: 'sequence',
      ids: [own],
      partOf: owner === undefined ? [] : [owner],
      make: create === undefined ? [] : [create],
      drop: [`DROP SEQUENCE ${row.sql}`],
      names: [`relation ${row.sql}`],
      detail: { kind: 'sequence', row, serialOf: serial?.called },
    },
    ...(owned === undefined || owner === undefined
      ? []
      : [
          {
            ...part(own, `owner of ${row.sql}`, serial ? 'serial' : owned),
            kind: 'ownership' as const,
            needs: [own, owner],
            make: [owned],
            drop: [`ALTER SEQUENCE ${row.sql} OWNED BY NONE`],
          },
        ]),
  ];
}
