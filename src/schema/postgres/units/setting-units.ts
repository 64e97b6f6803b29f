import { quoteName } from '../../../sql/quote.ts';
import type { TableRow } from '../catalogue-rows.ts';
import { idOf } from '../ids.ts';
import type { Reading } from '../reading.ts';
import { part } from './part.ts';
import type { Unit } from './unit.ts';

/** What is said of a table once it is there. */
export function settingUnits(row: TableRow, reading: Reading): readonly Unit[] {
  const own = idOf.relation(row.oid);
  const alter = `ALTER TABLE ${row.sql}`;
  const unit = (name: string, normal: string, make: string, drop: string): Unit => ({
    ...part(own, `${name} of ${row.sql}`, normal),
    make: [`${alter} ${make}`],
    drop: [`${alter} ${drop}`],
  });
  const onIndex = (each: Unit, oid: string): Unit => ({
    ...each,
    kind: 'index-setting',
    needs: [own, idOf.relation(oid)],
  });
  const indexes = reading.indexesOf(row.oid);
  const identity = (words: string) =>
    unit('replica identity', words, `REPLICA IDENTITY ${words}`, 'REPLICA IDENTITY DEFAULT');
  return [
    ...(row.ofType === null
      ? []
      : [ofType(unit('type', row.ofType, `OF ${row.ofType}`, 'NOT OF'), row, reading)]),
    ...(row.rowSecurity
      ? [unit('row security', '', 'ENABLE ROW LEVEL SECURITY', 'DISABLE ROW LEVEL SECURITY')]
      : []),
    ...(row.forceRowSecurity
      ? [unit('forced row security', '', 'FORCE ROW LEVEL SECURITY', 'NO FORCE ROW LEVEL SECURITY')]
      : []),
    ...(row.identity === 'f' ? [identity('FULL')] : []),
    ...(row.identity === 'n' ? [identity('NOTHING')] : []),
    ...indexes.flatMap(({ oid, name, isIdentity }) =>
      isIdentity && row.identity === 'i' ? [onIndex(identity(`USING INDEX ${quoteName(name)}`), oid)] : [],
    ),
    ...indexes.flatMap(({ oid, name, clustered }) =>
      clustered
        ? [onIndex(unit('cluster', name, `CLUSTER ON ${quoteName(name)}`, 'SET WITHOUT CLUSTER'), oid)]
        : [],
    ),
  ];
}

function ofType(unit: Unit, row: TableRow, reading: Reading): Unit {
  const columns = reading.columnsOf(row.oid).map(({ number }) => idOf.column(row.oid, number));
  const type = reading.rows.types.find(({ sql }) => sql === row.ofType);
  return { ...unit, needs: [...unit.needs, ...columns, ...(type ? [idOf.type(type.oid)] : [])] };
}
