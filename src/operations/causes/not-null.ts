import { quantity } from '../../lib/numbers.ts';
import { classify } from '../../sql/classify.ts';
import { known, shownBy, type Failure, type Suspect, type Suspicion } from './failure.ts';
import { holdsValue, showing } from './query-command.ts';
import { spellingOf } from './spelling.ts';
import { selectFrom, writtenRows } from './written-rows.ts';

/** A column that must hold a value would hold none. */
export const notNull: Suspect = (failure) => {
  if (failure.message === 'Cannot add a NOT NULL column with default value NULL') return addedColumn(failure);
  const [, table, column] = /^NOT NULL constraint failed: (.+)\.([^.]+)$/.exec(failure.message) ?? [];
  return table === undefined || column === undefined ? undefined : withoutValue(failure, table, column);
};

function addedColumn(failure: Failure): Suspicion | undefined {
  const kind = classify(failure.sql ?? '');
  if (kind.kind !== 'alter-table' || kind.action.kind !== 'add-column') return undefined;
  const { table, action } = kind;
  return {
    kind: 'rows',
    sql: `SELECT count(*) AS n FROM ${spellingOf(failure.dialect).table(table)}`,
    shows: [],
    say: (found) => ({
      why: `${found ? quantity(found.n, 'row') : 'The rows'} of ${table} would have no value in the new column ${action.column}`,
      next: `Give the column a constant DEFAULT in ${failure.migration.tag}; or add it without NOT NULL, fill it with an UPDATE, and rebuild the table after that.`,
    }),
  };
}

/** What a statement that writes rows puts into a column that must hold a value. */
export function withoutValue(failure: Failure, table: string, column: string): Suspicion {
  const rows = writtenRows(failure);
  const value = rows?.value(column);
  if (!rows || value === undefined) {
    return known(
      `The statement gives ${table}.${column} no value, and the column has no default`,
      `Give it a value in ${failure.migration.tag}, or the column a DEFAULT.`,
    );
  }
  if (value.toUpperCase() === 'NULL') {
    return known(
      `The statement puts NULL into ${table}.${column}, which must have a value`,
      `Give it a value in ${failure.migration.tag}.`,
    );
  }
  const condition = `${isName(value) ? value : `(${value})`} IS NULL`;
  const fill = `Fill them with an UPDATE before the statement, or give a value with coalesce(…), in ${failure.migration.tag}.`;
  return {
    kind: 'rows',
    sql: selectFrom(rows, 'count(*) AS n', condition),
    shows: showing(failure, selectFrom(rows, '*', condition), rows, [value]),
    say: (found, commands) => ({
      why: `${found ? quantity(found.n, 'row') : 'At least one row'} would get no value in ${table}.${column}, which must have one${value === column || holdsValue(value) ? '' : `: ${value} is NULL there`}`,
      next: shownBy(commands, fill),
    }),
  };
}

const isName = (text: string) => /^[\w"]+$/.test(text);
