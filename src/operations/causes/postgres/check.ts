import { classify } from '../../../sql/classify.ts';
import { cursorOver, foldName, isWord } from '../../../sql/cursor.ts';
import { meaningfulTokens } from '../../../sql/tokens.ts';
import { replaced } from '../check.ts';
import { known, shownBy, type Failure, type Suspect } from '../failure.ts';
import { showing } from '../query-command.ts';
import { spellingOf } from '../spelling.ts';
import { selectFrom, writtenRows, type WrittenRows } from '../written-rows.ts';
import { tableOf } from './said.ts';
import { saidRows } from './said-rows.ts';

/** check_violation: rows that a CHECK does not let in, or that no partition takes. */
export const check: Suspect = (failure) => {
  if (failure.code !== '23514') return undefined;
  const table = tableOf(failure);
  const { constraint } = failure.named ?? {};
  const { tag } = failure.migration;
  if (table === undefined) return undefined;
  if (constraint === undefined) {
    return known(
      `No partition of ${table} takes one of the rows`,
      `Make the partition, or a DEFAULT one, in a statement before it in ${tag}.`,
    );
  }
  const asked = overTable(failure, table) ?? overWritten(failure);
  const fix = `Change those rows before the statement, or the CHECK, in ${tag}.`;
  if (!asked) return known(`A row of ${table} is one that the CHECK ${constraint} does not let in`, fix);
  const { rows, refused } = asked;
  return {
    kind: 'rows',
    sql: selectFrom(rows, 'count(*) AS n', refused),
    shows: showing(failure, selectFrom(rows, '*', refused), rows, [refused]),
    say: (found, commands) => ({
      why: `${saidRows(found, rows.tables.join(', '), 'is', 'are')} not what the CHECK ${constraint} lets in`,
      next: shownBy(commands, fix),
    }),
  };
};

interface Asked {
  readonly rows: WrittenRows;
  /** A CHECK holds unless it is false: NULL passes. */
  readonly refused: string;
}

/** The rows that are there when the CHECK is made, or made valid. */
function overTable(failure: Failure, table: string): Asked | undefined {
  const kind = classify(failure.sql ?? '');
  if (kind.kind !== 'alter-table') return undefined;
  const expression =
    kind.action.kind === 'validate-constraint' ? knownCheck(failure) : checkIn(failure.sql ?? '');
  if (expression === undefined) return undefined;
  const { name, table: tableName } = spellingOf('postgres');
  const rows = { from: tableName(table), prefix: '', only: undefined, tables: [table], value: name };
  return { rows, refused: `NOT (${expression})` };
}

/** What stands in the parentheses after CHECK. */
function checkIn(sql: string): string | undefined {
  const cursor = cursorOver(sql);
  while (!cursor.atEnd && !(isWord(cursor.peek(), 'CHECK') && isWord(cursor.peek(1), '('))) cursor.token();
  cursor.token();
  const expression = cursor.group();
  return expression && spellingOf('postgres').said(expression);
}

function overWritten(failure: Failure): Asked | undefined {
  const rows = writtenRows(failure);
  const expression = knownCheck(failure);
  if (!rows || expression === undefined) return undefined;
  const all = meaningfulTokens(expression);
  const columns = new Set((failure.named?.keys ?? []).map(foldName));
  const refused = replaced(all, columns, rows, spellingOf('postgres').said);
  return refused === undefined ? undefined : { rows, refused: `NOT (${refused})` };
}

function knownCheck({ named }: Failure): string | undefined {
  return named?.known?.kind === 'check' ? named.known.expression : undefined;
}
