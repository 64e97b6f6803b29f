import type { MakingStep } from '../schema.ts';
import type { ColumnRow, SequenceRow } from './catalogue-rows.ts';
import { idOf } from './ids.ts';
import { isMadeUp } from './names.ts';
import { beforeRows, type Reading } from './reading.ts';

/**
 * `serial` where a column and its sequence are what PostgreSQL makes of that word.
 * https://www.postgresql.org/docs/current/datatype-numeric.html#DATATYPE-SERIAL
 */
export function serialType(column: ColumnRow, row: SequenceRow | undefined): string | undefined {
  if (!row || row.isIdentity !== false || row.unlogged || !column.notNull || row.type !== column.type)
    return undefined;
  if (!isMadeUp(row.name) || sequenceOptions(row).length > 0 || !readsFrom(column, row)) return undefined;
  return serials[row.type];
}

function readsFrom({ default: value }: ColumnRow, { sql }: SequenceRow): boolean {
  return value === `nextval('${sql.replaceAll("'", "''")}'::regclass)`;
}

const serials: Readonly<Record<string, string>> = {
  smallint: 'smallserial',
  integer: 'serial',
  bigint: 'bigserial',
};

/** What makes a sequence exactly, and makes it go with its column. */
export function sequenceSteps(row: SequenceRow, reading: Reading): readonly MakingStep[] {
  const own = idOf.relation(row.oid);
  const owner = idOf.relation(row.ownerTable ?? '');
  return [
    beforeRows([own], [reading.schemaId(row.schema)], creation(row)),
    ...ownership(row).map((sql) => beforeRows([], [own, owner], sql)),
  ];
}

function creation(row: SequenceRow): string {
  const type = row.type === 'bigint' ? [] : [`AS ${row.type}`];
  const unlogged = row.unlogged ? ['UNLOGGED'] : [];
  return ['CREATE', ...unlogged, 'SEQUENCE', row.sql, ...type, ...sequenceOptions(row)].join(' ');
}

function ownership({ sql, owner }: SequenceRow): readonly string[] {
  return owner === null ? [] : [`ALTER SEQUENCE ${sql} OWNED BY ${owner}`];
}

/** The options that say something else than an ordinary sequence of its type has. */
export function sequenceOptions(row: SequenceRow): readonly string[] {
  const down = row.increment.startsWith('-');
  const [lowest, highest] = limits[row.type] ?? ['', ''];
  const least = down ? lowest : '1';
  const most = down ? '-1' : highest;
  return [
    ...(row.increment === '1' ? [] : [`INCREMENT BY ${row.increment}`]),
    ...(row.least === least ? [] : [`MINVALUE ${row.least}`]),
    ...(row.most === most ? [] : [`MAXVALUE ${row.most}`]),
    ...(row.start === (down ? row.most : row.least) ? [] : [`START WITH ${row.start}`]),
    ...(row.cache === '1' ? [] : [`CACHE ${row.cache}`]),
    ...(row.cycle ? ['CYCLE'] : []),
  ];
}

const limits: Readonly<Record<string, readonly [lowest: string, highest: string]>> = {
  smallint: ['-32768', '32767'],
  integer: ['-2147483648', '2147483647'],
  bigint: ['-9223372036854775808', '9223372036854775807'],
};
