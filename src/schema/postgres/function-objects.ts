import { quoteText } from '../../sql/quote.ts';
import type { SchemaObject } from '../schema.ts';
import type { FunctionRow } from './catalogue-rows.ts';
import { idOf } from './ids.ts';
import { shownName } from './names.ts';
import { beforeRows, type Reading } from './reading.ts';

/** Functions, procedures and aggregates, told apart by the types of their arguments. */
export function functionObjects(reading: Reading): readonly SchemaObject[] {
  return reading.rows.functions.map((row) => {
    const name = `${shownName(row)}(${row.arguments})`;
    const said = (row.definition ?? aggregate(row)).replaceAll('\r\n', '\n').replace(/\n$/, '');
    const own = idOf.function(row.oid);
    const needs = [reading.schemaId(row.schema), ...reading.needsOf(own)];
    return {
      type: types[row.kind],
      name,
      table: name,
      normal: said,
      display: said.replace(/^(CREATE )OR REPLACE (FUNCTION|PROCEDURE) public\./, '$1$2 '),
      making: [beforeRows([own], needs, said)],
    };
  });
}

const types = { f: 'function', w: 'function', p: 'procedure', a: 'aggregate' } as const;

/** https://www.postgresql.org/docs/current/sql-createaggregate.html */
function aggregate(row: FunctionRow): string {
  const of = row.aggregate ?? {};
  const name = row.sql.slice(0, row.sql.lastIndexOf('('));
  const clauses = [...namedClauses(of), ...initialStates(of), ...otherClauses(of)];
  return `CREATE AGGREGATE ${name}(${row.arguments === '' ? '*' : row.arguments}) (\n  ${clauses.join(',\n  ')}\n)`;
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
