import type { LossInside } from '../operations/losses-inside.ts';
import type { RowExpectation } from '../operations/row-expectations.ts';
import { quoteName } from '../sql/quote.ts';
import type { Query } from '../sql/statement.ts';

/** Rows, or filled values, of everything that a migration must leave alone, in the order of the expectations. */
export async function countExpected(
  query: Query,
  expectations: readonly RowExpectation[],
): Promise<readonly number[]> {
  const counts: number[] = [];
  for (const { table, column } of expectations) {
    const what = column === undefined ? '*' : quoteName(column);
    const [row] = await query({ sql: `SELECT count(${what}) AS n FROM ${quoteName(table)}` });
    counts.push(Number(row?.['n']));
  }
  return counts;
}

/** What there is less of than before. */
export function lossesBetween(
  tag: string,
  expectations: readonly RowExpectation[],
  before: readonly number[],
  after: readonly number[],
): readonly LossInside[] {
  return expectations.flatMap(({ table, column }, index) => {
    const rows = (before[index] ?? 0) - (after[index] ?? 0);
    return rows > 0 ? [{ tag, table, ...(column === undefined ? {} : { column }), rows }] : [];
  });
}
