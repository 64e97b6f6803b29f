import { quoteText } from '../../sql/quote.ts';
import type { SchemaObject } from '../schema.ts';
import type { FunctionRow } from './catalogue-rows.ts';
import { idOf } from './ids.ts';
import { shownName } from './names.ts';
import { afterRows, beforeRows, type Reading } from './reading.ts';
import { wholeUnit } from './units/object-units.ts';

/** Functions, procedures and aggregates, told apart by the types of their arguments. */
export function functionObjects(reading: Reading): readonly SchemaObject[] {
  return reading.rows.functions.map((row) => {
    const name = `${shownName(row)}(${row.arguments})`;
    const said = (row.definition ?? aggregate(row)).replaceAll('\r\n', '\n').replace(/\n$/, '');
    const own = idOf.function(row.oid);
    const needs = [reading.schemaId(row.schema), ...reading.needsOf(own)];
    const phase = reading.standsOnRows(own) ? afterRows : beforeRows;
    const object = { normal: said, making: [phase([own], needs, said)] };
    const whole = {
      kind: 'function',
      sql: row.sql,
      called: `${types[row.kind].toUpperCase()} ${calledIn(row)}`,
      ids: [own],
      names: [`function ${row.sql}`],
      detail: {
        kind: 'function',
        signature: `${row.kind} ${row.signature}`,
        isAggregate: row.kind === 'a',
        body: said,
      },
    } as const;
    return {
      type: types[row.kind],
      name,
      table: name,
      ...object,
      display: said.replace(/^(CREATE )OR REPLACE (FUNCTION|PROCEDURE) public\./, '$1$2 '),
      units: [wholeUnit(object, whole, reading)],
    };
  });
}

const types = { f: 'function', w: 'function', p: 'procedure', a: 'aggregate' } as const;

/** What tells it apart: an aggregate says over what it is ordered. */
function calledIn(row: FunctionRow): string {
  if (row.kind !== 'a') return row.sql;
  return `${nameOf(row)}(${row.arguments === '' ? '*' : row.arguments})`;
}

const nameOf = ({ sql }: FunctionRow) => sql.slice(0, sql.lastIndexOf('('));

/** https://www.postgresql.org/docs/current/sql-createaggregate.html */
function aggregate(row: FunctionRow): string {
  const of = row.aggregate ?? {};
  const clauses = [...namedClauses(of), ...initialStates(of), ...otherClauses(of)];
  return `CREATE AGGREGATE ${calledIn(row)} (\n  ${clauses.join(',\n  ')}\n)`;
}

type Aggregate = NonNullable<FunctionRow['aggregate']>;

/** What names a function, a type or an operator. */
function namedClauses(of: Aggregate): readonly string[] {
  return named.flatMap((option) =>
    typeof of[option] === 'string' ? [`${option.toUpperCase()} = ${of[option]}`] : [],
  );
}

const named = [
  'sfunc',
  'stype',
  'finalfunc',
  'combinefunc',
  'serialfunc',
  'deserialfunc',
  'msfunc',
  'minvfunc',
  'mstype',
  'mfinalfunc',
  'sortop',
];

function initialStates(of: Aggregate): readonly string[] {
  const state = (option: string, value: Aggregate[string] | undefined) =>
    typeof value === 'string' ? [`${option} = ${quoteText(value)}`] : [];
  return [...state('INITCOND', of['agginitval']), ...state('MINITCOND', of['aggminitval'])];
}

function otherClauses(of: Aggregate): readonly string[] {
  const space = (option: string, bytes: unknown) =>
    Number(bytes) > 0 ? [`${option} = ${Number(bytes)}`] : [];
  const parallel = { s: 'SAFE', r: 'RESTRICTED' }[String(of['parallel'])];
  return [
    ...(of['aggfinalextra'] === true ? ['FINALFUNC_EXTRA'] : []),
    ...(of['aggmfinalextra'] === true ? ['MFINALFUNC_EXTRA'] : []),
    ...mode('FINALFUNC_MODIFY', of['aggfinalmodify'], of['aggkind']),
    ...(of['msfunc'] === null ? [] : mode('MFINALFUNC_MODIFY', of['aggmfinalmodify'], of['aggkind'])),
    ...space('SSPACE', of['aggtransspace']),
    ...space('MSSPACE', of['aggmtransspace']),
    ...(parallel === undefined ? [] : [`PARALLEL = ${parallel}`]),
    ...(of['aggkind'] === 'h' ? ['HYPOTHETICAL'] : []),
  ];
}

/** An ordinary aggregate only reads its state at the end unless it says so; one over an order writes. */
function mode(option: string, found: unknown, kind: unknown): readonly string[] {
  const usual = kind === 'n' ? 'r' : 'w';
  const word = { r: 'READ_ONLY', s: 'SHAREABLE', w: 'READ_WRITE' }[String(found)];
  return found === usual || word === undefined ? [] : [`${option} = ${word}`];
}
