import { quoteText } from '../../sql/quote.ts';
import type { SchemaObject } from '../schema.ts';
import type { DomainCheckRow, TypeRow } from './catalogue-rows.ts';
import { idOf } from './ids.ts';
import { isMadeUp, shownName } from './names.ts';
import { afterRows, beforeRows, type Reading } from './reading.ts';
import { settled } from './settled.ts';
import { wholeUnit } from './units/object-units.ts';

/** Enums, domains, composite types and ranges. */
export function typeObjects(reading: Reading): readonly SchemaObject[] {
  return reading.rows.types.map((row) => {
    const name = shownName(row);
    const checks = (row.checks ?? []).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const create = creation(
      row,
      checks.filter(({ valid }) => valid),
      reading,
    );
    const late = checks.filter(({ valid }) => !valid);
    const ids = idsOf(row);
    const needs = [reading.schemaId(row.schema), ...reading.needsOf(...ids)];
    const adding = (check: DomainCheckRow) =>
      `ALTER DOMAIN ${row.sql} ADD CONSTRAINT ${check.sql} ${check.definition}`;
    const type = row.kind === 'd' ? 'domain' : 'type';
    const normal = normalType(row, reading);
    const making = [
      beforeRows(ids, needs, create),
      ...late.map((check) => afterRows([idOf.constraint(check.oid)], [idOf.type(row.oid)], adding(check))),
    ];
    const attributes = row.kind === 'c' ? reading.columnsOf(row.relation) : [];
    const whole = {
      kind: type,
      sql: row.sql,
      called: `${type.toUpperCase()} ${row.sql}`,
      ids,
      needs: attributes.flatMap((column) => reading.columnNeedsOf(column)),
      names: [`type ${row.sql}`, ...(row.kind === 'c' ? [`relation ${row.sql}`] : [])],
      detail: { kind: 'type', row, attributes },
    } as const;
    const units = [wholeUnit({ normal, making }, whole, reading)];
    const display = [create, ...late.map(adding)].join(';\n');
    return { type, name, table: name, normal, display, making, units };
  });
}

function idsOf(row: TypeRow): readonly string[] {
  const { range } = row;
  return [
    idOf.type(row.oid),
    idOf.type(row.arrayType),
    ...(row.kind === 'c' ? [idOf.relation(row.relation)] : []),
    ...(row.checks ?? []).flatMap(({ oid, valid }) => (valid ? [idOf.constraint(oid)] : [])),
    ...(range ? [idOf.type(range.multirangeType), idOf.type(range.multirangeArray)] : []),
  ];
}

function normalType(row: TypeRow, reading: Reading): string {
  const checks = (row.checks ?? []).map(
    ({ name, sql, definition }) => `CONSTRAINT ${isMadeUp(name) ? '' : `${sql} `}${settled(definition)}`,
  );
  return [settled(creation(row, [], reading)), ...checks.toSorted()].join(' ');
}

function creation(row: TypeRow, checks: readonly DomainCheckRow[], reading: Reading): string {
  switch (row.kind) {
    case 'e':
      return `CREATE TYPE ${row.sql} AS ENUM (${(row.labels ?? []).map(quoteText).join(', ')})`;
    case 'c':
      return `CREATE TYPE ${row.sql} AS (\n${attributes(row, reading).join(',\n')}\n)`;
    case 'r':
      return `CREATE TYPE ${row.sql} AS RANGE (${rangeOptions(row).join(', ')})`;
    case 'd':
      return [`CREATE DOMAIN ${row.sql} AS ${row.base}`, ...domainClauses(row, checks)].join(' ');
  }
}

/** In order: a value of the type is written without their names. */
function attributes({ relation }: TypeRow, reading: Reading): readonly string[] {
  return reading
    .columnsOf(relation)
    .map(
      ({ sql, type, collation }) => `  ${sql} ${type}${collation === null ? '' : ` COLLATE ${collation}`}`,
    );
}

function rangeOptions({ range }: TypeRow): readonly string[] {
  if (!range) return [];
  const { subtype, opclass, collation, difference, multirangeSql } = range;
  return [
    `subtype = ${subtype}`,
    ...(opclass === null ? [] : [`subtype_opclass = ${opclass}`]),
    ...(collation === null ? [] : [`collation = ${collation}`]),
    ...(difference === null ? [] : [`subtype_diff = ${difference}`]),
    `multirange_type_name = ${multirangeSql}`,
  ];
}

function domainClauses(row: TypeRow, checks: readonly DomainCheckRow[]): readonly string[] {
  return [
    ...(row.collation === null ? [] : [`COLLATE ${row.collation}`]),
    ...(row.default === null ? [] : [`DEFAULT ${row.default}`]),
    ...(row.notNull ? ['NOT NULL'] : []),
    ...checks.map(({ sql, definition }) => `CONSTRAINT ${sql} ${definition}`),
  ];
}
