import { quantity } from '../../../lib/numbers.ts';
import { classify } from '../../../sql/classify.ts';
import { known, shownBy, type Failure, type Suspect, type Suspicion } from '../failure.ts';
import { withoutValue } from '../not-null.ts';
import { showing } from '../query-command.ts';
import { spellingOf } from '../spelling.ts';
import { saidRows } from './said-rows.ts';

const { name, table: tableName } = spellingOf('postgres');

/** not_null_violation: rows that have no value where one must be. */
export const notNull: Suspect = (failure) => {
  const { table, column } = failure.named ?? {};
  if (failure.code !== '23502' || table === undefined || column === undefined) return undefined;
  const kind = classify(failure.sql ?? '');
  if (kind.kind !== 'alter-table') return withoutValue(failure, table, column);
  const { action } = kind;
  if (action.kind === 'add-column' || action.kind === 'add-column-if-missing') {
    return inNewColumn(failure, table, column);
  }
  if (action.kind === 'set-type') {
    return known(
      `The conversion gives ${table}.${column} no value for a row that had one`,
      `Let USING give a value for every row, in ${failure.migration.tag}.`,
    );
  }
  return inOldColumn(failure, table, column);
};

function inNewColumn(failure: Failure, table: string, column: string): Suspicion {
  return {
    kind: 'rows',
    sql: `SELECT count(*) AS n FROM ${tableName(table)}`,
    shows: [],
    say: (found) => ({
      why: `${found && found.n > 0 ? quantity(found.n, 'row') : 'The rows'} of ${table} would have no value in the new column ${column}`,
      next: `Give the column a DEFAULT in ${failure.migration.tag}; or add it without NOT NULL, fill it with an UPDATE, and then run ALTER COLUMN … SET NOT NULL.`,
    }),
  };
}

function inOldColumn(failure: Failure, table: string, column: string): Suspicion {
  const condition = `${name(column)} IS NULL`;
  const rows = { tables: [table], prefix: '', only: undefined };
  return {
    kind: 'rows',
    sql: `SELECT count(*) AS n FROM ${tableName(table)} WHERE ${condition}`,
    shows: showing(failure, `SELECT * FROM ${tableName(table)} WHERE ${condition}`, rows),
    say: (found, commands) => ({
      why: `${saidRows(found, table, 'has', 'have')} no value in ${column}`,
      next: shownBy(
        commands,
        `Fill them with an UPDATE, or delete them, in a statement before it in ${failure.migration.tag}.`,
      ),
    }),
  };
}
