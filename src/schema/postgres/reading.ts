import type { MakingStep } from '../schema.ts';
import type {
  CatalogueRows,
  ColumnRow,
  ConstraintRow,
  IndexRow,
  NamedRow,
  SequenceRow,
  TableRow,
} from './catalogue-rows.ts';
import { idOf } from './ids.ts';

/** The rows of the catalogues, found by what they belong to. */
export interface Reading {
  readonly rows: CatalogueRows;
  /** What these need, themselves left out. */
  needsOf(...ids: readonly string[]): readonly string[];
  /** The tables, columns, views and indexes that these stand on, as ids. */
  usesOf(...ids: readonly string[]): readonly string[];
  /** Whether any of these stands on a materialized view, which is filled from rows when it is made. */
  standsOnRows(...ids: readonly string[]): boolean;
  /** The types and collations of a column. */
  columnNeedsOf(column: ColumnRow): readonly string[];
  schemaId(name: string): string;
  /** A table, view or materialized view. */
  relation(oid: string): NamedRow;
  columnsOf(relation: string): readonly ColumnRow[];
  constraintsOf(table: string): readonly ConstraintRow[];
  indexesOf(table: string): readonly IndexRow[];
  sequencesOf(table: string): readonly SequenceRow[];
  /** Those that inherit from it or are parts of it, and theirs. */
  descendantsOf(table: string): readonly TableRow[];
}

export function readingOf(rows: CatalogueRows): Reading {
  const needs = Map.groupBy(rows.needs, ({ of }) => of);
  const uses = Map.groupBy(rows.uses, ({ of }) => of);
  const columnNeeds = Map.groupBy(rows.columnNeeds, ({ relation, column }) => idOf.column(relation, column));
  const schemas = new Map(rows.schemas.map(({ name, oid }) => [name, idOf.schema(oid)]));
  const relations = new Map([...rows.tables, ...rows.views].map((row) => [row.oid, row]));
  const columns = Map.groupBy(rows.columns, ({ table }) => table);
  const constraints = Map.groupBy(rows.constraints, ({ table }) => table);
  const indexes = Map.groupBy(rows.indexes, ({ table }) => table);
  const sequences = Map.groupBy(rows.sequences, ({ ownerTable }) => ownerTable ?? '');
  const children = Map.groupBy(
    rows.tables.flatMap((child) => (child.parents ?? []).map(([parent]) => ({ parent, child }))),
    ({ parent }) => parent,
  );
  const descendantsOf = (table: string): readonly TableRow[] =>
    (children.get(table) ?? []).flatMap(({ child }) => [child, ...descendantsOf(child.oid)]);
  return {
    rows,
    needsOf: (...ids) => {
      const found = ids.flatMap((id) => (needs.get(id) ?? []).map((need) => need.needs));
      return [...new Set(found)].filter((id) => !ids.includes(id));
    },
    usesOf: (...ids) => {
      const found = ids.flatMap((id) => uses.get(id) ?? []);
      const used = found.map(({ relation, column }) =>
        column > 0 && columns.has(relation) ? idOf.column(relation, column) : idOf.relation(relation),
      );
      return [...new Set(used)].filter((id) => !ids.includes(id));
    },
    standsOnRows: standsOnRows(rows, needs),
    columnNeedsOf: ({ table, number }) =>
      (columnNeeds.get(idOf.column(table, number)) ?? []).map(({ needs }) => needs),
    schemaId: (name) => schemas.get(name) ?? '',
    relation: (oid) => {
      const found = relations.get(oid);
      if (!found) throw new Error('What stands on a relation is read in the same moment as the relation.');
      return found;
    },
    columnsOf: (relation) => columns.get(relation) ?? [],
    constraintsOf: (table) => constraints.get(table) ?? [],
    indexesOf: (table) => indexes.get(table) ?? [],
    sequencesOf: (table) => sequences.get(table) ?? [],
    descendantsOf,
  };
}

function standsOnRows(
  { views }: CatalogueRows,
  needs: ReadonlyMap<string, readonly { readonly needs: string }[]>,
): Reading['standsOnRows'] {
  const filled = new Set(views.flatMap(({ oid, holdsRows }) => (holdsRows ? [idOf.relation(oid)] : [])));
  // What a view reads from is told of its rule, and its rows have types of their own.
  const also = new Map(
    views.flatMap(({ oid, rule, rowType, arrayType }) => [
      [idOf.relation(oid), idOf.rule(rule)],
      [idOf.type(rowType), idOf.relation(oid)],
      [idOf.type(arrayType), idOf.relation(oid)],
    ]),
  );
  const known = new Map<string, boolean>();
  const stands = (id: string): boolean => {
    const before = known.get(id);
    if (before !== undefined) return before;
    // In a circle nothing but what is outside of it counts.
    known.set(id, false);
    const other = also.get(id);
    const next = [
      ...(needs.get(id) ?? []).map((need) => need.needs),
      ...(other === undefined ? [] : [other]),
    ];
    const found = filled.has(id) || next.some(stands);
    known.set(id, found);
    return found;
  };
  return (...ids) => filled.size > 0 && ids.some(stands);
}

/** A statement that only holds, or is quicker, once the rows are there. */
export function afterRows(ids: readonly string[], needs: readonly string[], sql: string): MakingStep {
  return { ids, needs, phase: 'after-rows', sql };
}

/** A statement that has to be run before rows come. */
export function beforeRows(ids: readonly string[], needs: readonly string[], sql: string): MakingStep {
  return { ids, needs, phase: 'before-rows', sql };
}
