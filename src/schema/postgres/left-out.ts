import { ownSchema } from '../../sql/postgres/own-schema.ts';
import { isOurs } from '../left-out.ts';
import type { CatalogueRows, TableRow } from './catalogue-rows.ts';
import { shownName } from './names.ts';

/** What was read without tracking tables and our lease, and without a schema that holds nothing else. */
export function withoutOurs(rows: CatalogueRows, bookkeeping: readonly string[]): CatalogueRows {
  return withoutTables(rows, (row) => isLeftOut(row, bookkeeping), [ownSchema, 'drizzle']);
}

/** What was read without our lease. */
export function withoutLease(rows: CatalogueRows): CatalogueRows {
  return withoutTables(rows, ({ schema }) => schema === ownSchema, [ownSchema]);
}

/** @param ourSchemas left out where they hold nothing else, also where the table is not there yet */
function withoutTables(
  rows: CatalogueRows,
  isGone: (table: TableRow) => boolean,
  ourSchemas: readonly string[],
): CatalogueRows {
  const ours = rows.tables.filter(isGone);
  const gone = new Set(ours.map(({ oid }) => oid));
  const onOthers = <Row extends { readonly table: string }>(each: readonly Row[]) =>
    each.filter(({ table }) => !gone.has(table));
  const kept: CatalogueRows = {
    ...rows,
    tables: rows.tables.filter(({ oid }) => !gone.has(oid)),
    columns: onOthers(rows.columns),
    constraints: onOthers(rows.constraints),
    indexes: onOthers(rows.indexes),
    triggers: onOthers(rows.triggers),
    rules: onOthers(rows.rules),
    policies: onOthers(rows.policies),
    statistics: onOthers(rows.statistics),
    sequences: rows.sequences.filter(({ ownerTable }) => ownerTable === null || !gone.has(ownerTable)),
  };
  const candidates = [...ours.map(({ schema }) => schema), ...ourSchemas];
  const emptied = new Set(candidates.filter((schema) => !holdsMore(schema, kept)));
  const holding = new Set(ours.map(({ schema }) => schema));
  const schemas = kept.schemas.filter(({ name }) => name === 'public' || !emptied.has(name));
  return { ...kept, schemas: schemas.map((row) => ({ ...row, holdsOurs: holding.has(row.name) })) };
}

function isLeftOut(
  row: { readonly schema: string; readonly name: string },
  bookkeeping: readonly string[],
): boolean {
  return (
    row.schema === ownSchema ||
    isOurs(row.name) ||
    bookkeeping.includes(row.name) ||
    bookkeeping.includes(shownName(row))
  );
}

function holdsMore(schema: string, rows: CatalogueRows): boolean {
  const named = [
    rows.tables,
    rows.views,
    rows.sequences,
    rows.types,
    rows.functions,
    rows.collations,
    rows.extensions,
  ];
  return named.some((each) => each.some((row) => row.schema === schema));
}
