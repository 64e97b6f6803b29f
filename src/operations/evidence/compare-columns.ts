import { foldName } from '../../sql/cursor.ts';
import type { ColumnEvidence } from './evidence.ts';
import type { Lineage } from './lineage.ts';
import type { ColumnMeasurement, TableMeasurement } from './measurement.ts';

export interface ComparedColumn {
  readonly evidence: ColumnEvidence;
  /** What no statement on this table asks for. `rows` is a count for `nulled`, an upper bound for `values`. */
  readonly lost: { readonly kind: 'nothing' } | { readonly kind: 'nulled' | 'values'; readonly rows: number };
}

/** Compares each column with what it was before, under whatever name; then those that are gone. */
export function compareColumns(
  lineage: Lineage,
  after: TableMeasurement | undefined,
): readonly ComparedColumn[] {
  const before = new Map((lineage.before?.columns ?? []).map((column) => [column.column, column]));
  const kept = new Set<string>();
  const compared = (after?.columns ?? []).map((column) => {
    const origin = lineage.columns.get(foldName(column.column));
    const old = origin === undefined ? undefined : before.get(origin);
    if (!old) return added(column);
    kept.add(old.column);
    return compare(old, column, { lineage, after });
  });
  const removed = [...before.values()].filter(({ column }) => !kept.has(column));
  return [...compared, ...removed.map(gone)];
}

const nothing = { kind: 'nothing' } as const;

function added({ column, nonNull }: ColumnMeasurement): ComparedColumn {
  return { evidence: { column, nonNullAfter: nonNull, values: 'added' }, lost: nothing };
}

/** With its table, by DROP COLUMN, or because a rebuild's CREATE TABLE has it no more: each says so. */
function gone({ column, nonNull }: ColumnMeasurement): ComparedColumn {
  return { evidence: { column, nonNullBefore: nonNull, values: 'removed' }, lost: nothing };
}

function compare(
  old: ColumnMeasurement,
  column: ColumnMeasurement,
  { lineage, after }: { readonly lineage: Lineage; readonly after: TableMeasurement | undefined },
): ComparedColumn {
  const counts = { column: column.column, nonNullBefore: old.nonNull, nonNullAfter: column.nonNull };
  if (old.checksum === column.checksum && old.nonNull === column.nonNull) {
    return { evidence: { ...counts, values: 'kept' }, lost: nothing };
  }
  const rowsBefore = lineage.before?.rows ?? 0;
  const rowsAfter = after?.rows ?? 0;
  const asked = lineage.asked === 'replace' || lineage.updated.has(old.column);
  const sameRows = lineage.asked === 'nothing' && !mayInsert(lineage) && rowsBefore === rowsAfter;
  const values = sameRows || asked ? 'changed' : 'not-comparable';
  if (asked) return { evidence: { ...counts, values }, lost: nothing };
  // Rows that went took their values along; what is missing beyond that was set to NULL.
  const nulled = old.nonNull - column.nonNull - Math.max(0, rowsBefore - rowsAfter);
  if (nulled > 0) return { evidence: { ...counts, values }, lost: { kind: 'nulled', rows: nulled } };
  return { evidence: { ...counts, values }, lost: sameRows ? { kind: 'values', rows: rowsAfter } : nothing };
}

function mayInsert({ inserted }: Lineage): boolean {
  return inserted.atLeast > 0 || inserted.more === 'possible';
}
