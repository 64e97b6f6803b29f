import { quantity } from '../../lib/numbers.ts';
import { sayName } from '../../schema/wording.ts';
import { classify } from '../../sql/classify.ts';
import { definitionOf, known, shownBy, type Failure, type Suspect, type Suspicion } from './failure.ts';
import { showing } from './query-command.ts';
import { selectFrom, writtenRows, type WrittenRows } from './written-rows.ts';

/** A value that does not fit where it goes: into a STRICT table, an integer key, or a function of JSON. */
export const valueType: Suspect = (failure) => {
  const { message } = failure;
  const [, has, wants, table, column] =
    /^cannot store (\w+) value in (\w+) column (.+)\.([^.]+)$/.exec(message) ?? [];
  if (table !== undefined && column !== undefined) {
    return misfit(failure, {
      column,
      what: `${table}.${column} takes ${article(wants ?? '')} value only, and got ${article(has ?? '')} one`,
      test: (value) => `typeof(${value}) = '${(has ?? '').toLowerCase()}'`,
    });
  }
  if (message === 'datatype mismatch') return integerKey(failure);
  if (message === 'malformed JSON') return malformed(failure);
  if (message !== 'integer overflow') return undefined;
  return known(
    'The result of a calculation is larger than 64 bits hold',
    `Let it calculate with a real number (1.0 * …), or leave those rows out, in ${failure.migration.tag}.`,
  );
};

const article = (type: string) => `${/^[AEIO]/i.test(type) ? 'an' : 'a'} ${type}`;

function integerKey(failure: Failure): Suspicion {
  const kind = classify(failure.sql ?? '');
  const table = 'table' in kind ? kind.table : undefined;
  const column = definitionOf(failure, table ?? '')?.columns.find(({ constraints }) =>
    constraints.some((one) => one.kind === 'primary-key'),
  )?.name;
  if (table === undefined || column === undefined) {
    return known(
      'A value goes where only an integer can stand: into an INTEGER PRIMARY KEY, or after LIMIT',
      `Change the value, or the type of the key, in ${failure.migration.tag}.`,
    );
  }
  return misfit(failure, {
    column,
    what: `${table}.${column} is an INTEGER PRIMARY KEY, which takes nothing but integers`,
    // A text that reads as a number is taken.
    test: (value) =>
      `typeof(${value}) <> 'null' AND CAST(CAST(${value} AS INTEGER) AS TEXT) <> CAST(${value} AS TEXT)`,
  });
}

/** The function that was given something else than JSON names no column; its first argument is one, mostly. */
function malformed(failure: Failure): Suspicion {
  const argument = /\bjsonb?_?\w*\s*\(\s*([`"]?)(\w+)\1\s*[,)]/i.exec(failure.sql ?? '')?.[2];
  const place = `Correct those rows before it, or let it pass them over with json_valid(…), in ${failure.migration.tag}.`;
  const rows = writtenRows(failure);
  if (argument === undefined || !rows) {
    return known('A value that is read as JSON is none', place);
  }
  const condition = `NOT json_valid(${sayName(argument, 'display')})`;
  return counted(failure, rows, condition, {
    what: `${rows.tables.join(', ')} holds values of ${argument} that are no JSON`,
    fix: place,
    values: [],
  });
}

interface Misfit {
  readonly column: string;
  readonly what: string;
  readonly test: (value: string) => string;
}

function misfit(failure: Failure, { column, what, test }: Misfit): Suspicion {
  const rows = writtenRows(failure);
  const value = rows?.value(column);
  const fix = `Convert the value with CAST(… AS …), or change the column's type, in ${failure.migration.tag}.`;
  return rows && value !== undefined
    ? counted(failure, rows, test(value), { what, fix, values: [value] })
    : known(what, fix);
}

interface Reason {
  readonly what: string;
  readonly fix: string;
  /** The statement's own expressions in the condition. */
  readonly values: readonly string[];
}

function counted(
  failure: Failure,
  rows: WrittenRows,
  condition: string,
  { what, fix, values }: Reason,
): Suspicion {
  return {
    kind: 'rows',
    sql: selectFrom(rows, 'count(*) AS n', condition),
    shows: showing(failure, selectFrom(rows, '*', condition), rows, values),
    say: (found, commands) => ({
      why: found && found.n > 0 ? `${what} (${quantity(found.n, 'row')})` : what,
      next: shownBy(commands, fix),
    }),
  };
}
