import { settled } from '../../../schema/postgres/settled.ts';
import type { UnitDetail } from '../../../schema/postgres/units/unit.ts';
import { dropOf, makeOf } from './moves.ts';
import { nameParts } from './name-parts.ts';
import type { Piece, Side, Sides } from './sides.ts';

/**
 * A schema does not tell whether something that goes and something that comes are one thing under two names. Where
 * nothing else differs and nothing else could be meant, what renames it is said; the draft itself takes it for two.
 *
 * @returns what to say above a move, by its id
 */
export function renameNotes({ from, to }: Sides): ReadonlyMap<string, string> {
  const [old, next] = [alone(from, to), alone(to, from)];
  return new Map([
    ...pairs(old.columns, next.columns).flatMap(([was, is]) => renamedColumn(was, is)),
    ...pairs(old.tables, next.tables).flatMap(([was, is]) => renamedTable(was, is)),
  ]);
}

type Column = Extract<UnitDetail, { kind: 'column' }>;
type Table = Extract<UnitDetail, { kind: 'table' }>;

interface Found<Detail> {
  readonly key: string;
  readonly detail: Detail;
  /** All that tells it from others but its name. */
  readonly traits: string;
}

/** What is on one side only: columns of tables that are on both, and tables. */
function alone(
  side: Side,
  other: Side,
): { readonly columns: readonly Found<Column>[]; readonly tables: readonly Found<Table>[] } {
  const pieces = [...side.values()];
  const byTable = Map.groupBy(pieces.flatMap(columnIn), ({ tableSql }) => tableSql);
  const columnsOf = (tableSql: string) =>
    (byTable.get(tableSql) ?? []).toSorted((one, another) => one.row.number - another.row.number);
  const missing = pieces.filter(({ key }) => !other.has(key));
  const isShared = ({ tableSql }: Column) => other.has(`table ${tableSql}`);
  return {
    columns: missing.flatMap(({ key, unit: { detail } }) => {
      if (detail.kind !== 'column' || detail.row.isInherited || !isShared(detail)) return [];
      // Of several that are alike, the place tells which is meant.
      const place = columnsOf(detail.tableSql).indexOf(detail);
      const { default: value } = detail.row;
      const traits = [detail.tableSql, place, ...traitsOf(detail), value === null ? null : settled(value)];
      return [{ key, detail, traits: JSON.stringify(traits) }];
    }),
    tables: missing.flatMap(({ key, unit: { detail } }) => {
      if (detail.kind !== 'table' || !byTable.has(detail.sql)) return [];
      const valueOf = ({ tableSql, row }: Column) => side.get(`default ${tableSql}.${row.sql}`)?.unit.normal;
      const columns = columnsOf(detail.sql).map((column) => [
        column.row.name,
        ...traitsOf(column),
        // A sequence goes with its table, whatever it is called.
        valueOf(column) ?? null,
      ]);
      return [{ key, detail, traits: JSON.stringify([detail.shape, columns]) }];
    }),
  };
}

function columnIn({ unit: { detail } }: Piece): readonly Column[] {
  return detail.kind === 'column' ? [detail] : [];
}

function traitsOf({ row }: Column): readonly unknown[] {
  const { type, collation, generated, notNull, identity } = row;
  return [type, collation, generated, notNull, identity];
}

/** Those that have their traits with nothing else on their own side. */
function pairs<Detail>(
  old: readonly Found<Detail>[],
  next: readonly Found<Detail>[],
): readonly (readonly [Found<Detail>, Found<Detail>])[] {
  const [before, after] = [old, next].map((all) => Map.groupBy(all, ({ traits }) => traits));
  return [...(before ?? [])].flatMap(([traits, [was, ...others]]) => {
    const [is, ...more] = after?.get(traits) ?? [];
    return was && is && others.length === 0 && more.length === 0 ? [[was, is] as const] : [];
  });
}

function renamedColumn(
  { detail: old }: Found<Column>,
  { key, detail: { row, tableSql } }: Found<Column>,
): readonly (readonly [string, string])[] {
  const was = old.row.sql;
  const how = `ALTER TABLE ${tableSql} RENAME COLUMN ${was} TO ${row.sql};`;
  return [
    [
      makeOf(key),
      `Where ${row.sql} is ${was} under another name, its values stay with this, instead of ADD COLUMN and DROP COLUMN: ${how}`,
    ],
  ];
}

function renamedTable(
  { key, detail: { sql: was } }: Found<Table>,
  { detail: { sql: is } }: Found<Table>,
): readonly (readonly [string, string])[] {
  const action = renaming(was, is);
  if (action === undefined) return [];
  return [
    [
      dropOf(key),
      `Where ${is} is ${was} under another name, its rows stay with this, instead of all that drops the one and makes the other: ALTER TABLE ${was} ${action};`,
    ],
  ];
}

function renaming(was: string, is: string): string | undefined {
  const [old, next] = [nameParts(was), nameParts(is)];
  if (old.schema === next.schema) return `RENAME TO ${next.name}`;
  return old.name === next.name ? `SET SCHEMA ${next.schema}` : undefined;
}
