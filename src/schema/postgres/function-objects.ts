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
  ].flatMap((option) => (typeof of[option] === 'string' ? [`${option.toUpperCase()} = ${of[option]}`] : []));
  const texts = [
    ['INITCOND', of['agginitval']],
    ['MINITCOND', of['aggminitval']],
  ].flatMap(([option, value]) =>
    typeof value === 'string' ? [`${String(option)} = '${value.replaceAll("'", "''")}'`] : [],
  );
  const others = [
    ...(of['aggfinalextra'] === true ? ['FINALFUNC_EXTRA'] : []),
    ...(of['aggmfinalextra'] === true ? ['MFINALFUNC_EXTRA'] : []),
    ...modes('FINALFUNC_MODIFY', of['aggfinalmodify'], of['aggkind']),
    ...(of['aggmtransfn'] === '-' ? [] : modes('MFINALFUNC_MODIFY', of['aggmfinalmodify'], of['aggkind'])),
    ...(Number(of['aggtransspace'] ?? 0) > 0 ? [`SSPACE = ${String(of['aggtransspace'])}`] : []),
    ...(Number(of['aggmtransspace'] ?? 0) > 0 ? [`MSSPACE = ${String(of['aggmtransspace'])}`] : []),
    ...(of['parallel'] === 's'
      ? ['PARALLEL = SAFE']
      : of['parallel'] === 'r'
        ? ['PARALLEL = RESTRICTED']
        : []),
    ...(of['aggkind'] === 'h' ? ['HYPOTHETICAL'] : []),
  ];
  const name = row.sql.slice(0, row.sql.lastIndexOf('('));
  return `CREATE AGGREGATE ${name}(${row.arguments === '' ? '*' : row.arguments}) (\n  ${[...named, ...texts, ...others].join(',\n  ')}\n)`;
}

/** An ordinary aggregate only reads its state at the end unless it says so; one over an order writes. */
function modes(option: string, mode: unknown, kind: unknown): readonly string[] {
  const usual = kind === 'n' ? 'r' : 'w';
  const words: Readonly<Record<string, string>> = { r: 'READ_ONLY', s: 'SHAREABLE', w: 'READ_WRITE' };
  return typeof mode === 'string' && mode !== usual ? [`${option} = ${words[mode] ?? ''}`] : [];
}
