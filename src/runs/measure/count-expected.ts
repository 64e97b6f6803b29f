import { MigrateError } from '../../lib/errors.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { LossInside } from '../../operations/evidence/losses-inside.ts';
import type { RowExpectation } from '../../operations/evidence/row-expectations.ts';
import { quoteName } from '../../sql/quote.ts';
import type { Query } from '../../sql/statement.ts';
import { insistVisible, namedAmong, postgresTables } from '../postgres/tables.ts';

/** Rows, or filled values, of everything that a migration must leave alone, in the order of the expectations. */
export async function countExpected(
  query: Query,
  expectations: readonly RowExpectation[],
): Promise<readonly number[]> {
  switch (query.dialect) {
    case 'sqlite':
      return countInSqlite(query, expectations);
    case 'postgres':
      return countInPostgres(query, expectations);
    default:
      return unreachable(query.dialect);
  }
}

async function countInSqlite(
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

/** What a statement calls a table or a column may be in other letters than its name. */
async function countInPostgres(
  query: Query,
  expectations: readonly RowExpectation[],
): Promise<readonly number[]> {
  const tables = expectations.length === 0 ? [] : await postgresTables(query);
  const counts: number[] = [];
  for (const { table, column } of expectations) {
    const [found] = insistVisible(namedAmong(tables, [table]));
    const [counted] = column === undefined ? [] : namedAmong(found?.columns ?? [], [column]);
    if (!found || (column !== undefined && !counted)) {
      throw new MigrateError(
        'rehearsal-failed',
        `${table}${column === undefined ? '' : `.${column}`} cannot be counted: nothing of that name is there.`,
      );
    }
    const what = counted ? quoteName(counted.name) : '*';
    const [row] = await query({ sql: `SELECT count(${what}) AS n FROM ${found.from}` });
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
