import type { MakingStep, SchemaObject } from '../schema.ts';
import type { IndexRow } from './catalogue-rows.ts';
import { idOf, partId } from './ids.ts';
import { shownName } from './names.ts';
import { afterRows, type Reading } from './reading.ts';
import { settled } from './settled.ts';
import { indexPartUnit, wholeIndex } from './units/constraint-units.ts';
import { wholeUnit } from './units/object-units.ts';
import type { Unit } from './units/unit.ts';

/** Indexes; one that stands for a constraint is told there. */
export function indexObjects(reading: Reading): readonly SchemaObject[] {
  return reading.rows.indexes.flatMap((row) => (row.constraint === null ? [indexObject(row, reading)] : []));
}

function indexObject(row: IndexRow, reading: Reading): SchemaObject {
  const said = [shortened(row, reading), ...attachment(row, reading), ...targets(row)].join(';\n');
  // Whose part it is, is a unit of its own.
  const alone = [shortened(row, reading), ...targets(row)].join(';\n');
  const usable = isUsable(row, reading);
  const normalOf = (text: string) => `${settled(text)}${usable ? '' : ' INVALID'}`;
  const making = usable ? indexSteps(row, reading) : [];
  return {
    type: 'index',
    name: shownName(row),
    table: shownName(reading.relation(row.table)),
    normal: normalOf(said),
    display: usable ? said : `-- INVALID: no query uses it; it has to be dropped and made again\n${said}`,
    making,
    units: indexUnits(row, reading, { normal: normalOf(alone), usable }),
  };
}

function indexUnits(
  row: IndexRow,
  reading: Reading,
  { normal, usable }: { readonly normal: string; readonly usable: boolean },
): readonly Unit[] {
  const own = idOf.relation(row.oid);
  const whole = wholeIndex(row, reading);
  const making = usable
    ? [row.definition, ...targets(row)].map((sql) => afterRows([own], [idOf.relation(row.table)], sql))
    : [];
  const told = {
    kind: 'index',
    sql: row.sql,
    called: `INDEX ${row.sql}`,
    ids: [own],
    partOf: [idOf.relation(row.table), ...(whole ? [idOf.relation(whole.oid)] : [])],
    names: [`relation ${row.sql}`],
    ...(whole ? { follows: idOf.relation(whole.oid) } : {}),
  } as const;
  const attached = whole ? [indexPartUnit(row, whole)] : [];
  return [wholeUnit({ normal, making }, told, reading), ...attached];
}

/** An index of a partitioned table is not valid until every part has its own. */
function isUsable({ valid, table }: IndexRow, reading: Reading): boolean {
  return valid || reading.rows.tables.some(({ oid, kind }) => oid === table && kind === 'p');
}

/** Its definition, with the table as it is called elsewhere and without the method that is meant anyway. */
function shortened({ definition, table }: IndexRow, reading: Reading): string {
  return definition.replace(beforeMethod, (_, start: string, only: string | undefined, method: string) => {
    const using = method === 'btree' ? '' : `USING ${method} `;
    return `${start}${only ?? ''}${reading.relation(table).sql} ${using}(`;
  });
}

const name = String.raw`(?:"(?:[^"]|"")*"|[^\s".]+)`;
const beforeMethod = new RegExp(
  String.raw`^(CREATE (?:UNIQUE )?INDEX ${name} ON )(ONLY )?${name}(?:\.${name})? USING (${name}) \(`,
);

function attachment({ parent, sql }: IndexRow, reading: Reading): readonly string[] {
  const whole = parent === null ? undefined : reading.rows.indexes.find(({ oid }) => oid === parent);
  return whole ? [`ALTER INDEX ${whole.sql} ATTACH PARTITION ${sql}`] : [];
}

function targets({ sql, statistics }: IndexRow): readonly string[] {
  return (statistics ?? []).map(
    ([column, target]) => `ALTER INDEX ${sql} ALTER COLUMN ${column} SET STATISTICS ${target}`,
  );
}

function indexSteps(row: IndexRow, reading: Reading): readonly MakingStep[] {
  const own = idOf.relation(row.oid);
  const needs = [idOf.relation(row.table), ...reading.needsOf(own)];
  return [
    afterRows([own], needs, row.definition),
    ...attachSteps(row, reading),
    ...targets(row).map((sql) => afterRows([], [own], sql)),
  ];
}

/** What makes the index of a part, of a constraint's too, one with the index of the whole. */
export function attachSteps(row: IndexRow, reading: Reading): readonly MakingStep[] {
  const needs = [idOf.relation(row.oid), idOf.relation(row.parent ?? '')];
  return attachment(row, reading).map((sql) => afterRows([partId(row)], needs, sql));
}
