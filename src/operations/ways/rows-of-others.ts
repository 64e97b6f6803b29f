import type { Schema } from '../../schema/schema.ts';
import { classify } from '../../sql/classify.ts';
import { foldName, sameName } from '../../sql/cursor.ts';
import { insertedRows } from '../../sql/insertion.ts';
import { keepsIn } from '../../sql/keeps.ts';
import { rebuildsIn } from '../../sql/rebuilds.ts';
import { copyKey, type Facts } from './facts.ts';
import { latest, type HalfRun } from './half-run.ts';
import { rowCount } from './words.ts';

/** What speaks against dropping something. `doubt`: a person may know better. */
export interface Hindrance {
  readonly kind: 'closed' | 'doubt';
  readonly why: string;
}

/** What is looked at, for statements after a point. */
export interface RowsGround {
  readonly half: HalfRun;
  readonly to: number;
  readonly facts: Facts;
  readonly now: Schema;
}

/** Whether a table that a migration made holds rows that nothing tells to be its own work. */
export function rowsOfOthers(table: string, ground: RowsGround): readonly Hindrance[] {
  const rows = ground.facts.rows.get(foldName(table));
  if (rows === undefined) return [closed(`the rows of ${table} could not be counted`)];
  if (rows === 0) return [];
  const source = copiedFrom(table, ground);
  if (source !== undefined) return onlyInCopy({ table, rows, source }, ground);
  const most = mostInserted(table, ground);
  if (most !== undefined && rows <= most) return [];
  return [
    closed(`table ${table} holds ${rowCount(rows)}, and nothing tells that only this migration wrote them`),
  ];
}

/** Whether a column that a migration added holds values that none of its statements wrote. */
export function valuesOfOthers(
  table: string,
  column: string,
  { half, to, facts }: RowsGround,
): readonly Hindrance[] {
  const filled = facts.filled.get(`${foldName(table)}.${foldName(column)}`);
  if (filled === undefined) return [closed(`the values of ${table}.${column} could not be counted`)];
  if (filled === 0) return [];
  const isFilled = half.migration.statements.slice(to, latest(half)).some(({ sql }) => {
    const kind = classify(sql);
    return (
      kind.kind === 'update' &&
      sameName(kind.table, table) &&
      kind.columns.some((name) => sameName(name, column))
    );
  });
  return isFilled
    ? []
    : [
        closed(
          `column ${table}.${column} holds a value in ${rowCount(filled)}, and no statement of this migration wrote them`,
        ),
      ];
}

/** The table whose rows were copied into this one, when that is still there. */
function copiedFrom(table: string, { half, now }: RowsGround): string | undefined {
  const isThere = (name: string) =>
    now.objects.some((each) => each.type === 'table' && sameName(each.name, name));
  const { statements } = half.migration;
  return [...rebuildsIn(statements), ...keepsIn(statements)].find(
    (each) => sameName(each.via, table) && isThere(each.table),
  )?.table;
}

/** An application that makes its tables when it starts may have put an empty one in the place of what was dropped. */
function onlyInCopy(
  { table, rows, source }: { readonly table: string; readonly rows: number; readonly source: string },
  { facts }: RowsGround,
): readonly Hindrance[] {
  const there = facts.rows.get(foldName(source));
  if (there === undefined) return [closed(`the rows of ${source} could not be counted`)];
  if (there === 0) {
    return [
      closed(`${table} holds ${rowCount(rows)} and ${source} none: the copy may be all that is left of them`),
    ];
  }
  const missing = facts.lost.get(copyKey(table, source)) ?? Math.max(0, rows - there);
  return missing === 0
    ? []
    : [
        {
          kind: 'doubt',
          why: `${rowCount(missing)} of ${table} are not in ${source}: they were deleted there since, or ${source} is another table than the one that was copied`,
        },
      ];
}

/** As many rows as its statements can have written; undefined where their text does not say. */
function mostInserted(table: string, { half, to }: RowsGround): number | undefined {
  const counts = half.migration.statements.slice(to, latest(half)).flatMap(({ sql }) => {
    const kind = classify(sql);
    return kind.kind === 'insert' && sameName(kind.table, table) ? [insertedRows(sql)] : [];
  });
  return counts.includes(undefined) ? undefined : counts.reduce<number>((sum, each) => sum + (each ?? 0), 0);
}

const closed = (why: string): Hindrance => ({ kind: 'closed', why });
