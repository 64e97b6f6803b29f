import { quantity } from '../../lib/numbers.ts';
import { classify } from '../../sql/classify.ts';
import { foldName, sameName } from '../../sql/cursor.ts';
import { nameOf, type Token } from '../../sql/tokens.ts';
import { definitionOf, known, shownBy, type Failure, type Suspect } from './failure.ts';
import { showing } from './query-command.ts';
import { spellingOf, type Spelling } from './spelling.ts';
import { selectFrom, writtenRows, type WrittenRows } from './written-rows.ts';

/** A row that a CHECK of the table does not let in. */
export const check: Suspect = (failure) => {
  const [, said] = /^CHECK constraint failed: ([\s\S]+)$/.exec(failure.message) ?? [];
  if (said === undefined) return undefined;
  const kind = classify(failure.sql ?? '');
  const table = 'table' in kind ? kind.table : undefined;
  const change = `Change those rows before the statement, or the CHECK, in ${failure.migration.tag}.`;
  const rows = writtenRows(failure);
  const checks = table === undefined ? undefined : checksOf(failure, table);
  const condition = rows && checks ? refusing(checks, rows) : undefined;
  if (!rows || condition === undefined) {
    return known(
      `A row that it writes${table === undefined ? '' : ` to ${table}`} is one that the CHECK does not let in`,
      change,
    );
  }
  return {
    kind: 'rows',
    sql: selectFrom(rows, 'count(*) AS n', condition),
    shows: showing(failure, selectFrom(rows, '*', condition), rows, valuesIn(checks, rows)),
    say: (found, commands) => ({
      why: `${found && found.n > 0 ? quantity(found.n, 'row') : 'At least one row'} of ${rows.tables.join(', ')} ${found?.n === 1 ? 'is' : 'are'} not what ${table}'s CHECK lets in`,
      next: shownBy(commands, change),
    }),
  };
};

interface Checks {
  readonly columns: ReadonlySet<string>;
  readonly expressions: readonly (readonly Token[])[];
}

function checksOf(failure: Failure, table: string): Checks | undefined {
  const definition = definitionOf(failure, table);
  if (!definition) return undefined;
  const own = definition.columns.flatMap(({ constraints }) => constraints);
  const expressions = [...own, ...definition.constraints].flatMap((one) =>
    one.kind === 'check' ? [one.expression] : [],
  );
  const columns = new Set(definition.columns.map(({ name }) => foldName(name)));
  return expressions.length > 0 ? { columns, expressions } : undefined;
}

/** A CHECK holds unless it is false: NULL passes. Undefined where it reads a column that the statement leaves to its default. */
function refusing({ columns, expressions }: Checks, rows: WrittenRows): string | undefined {
  const written = expressions.map((expression) => replaced(expression, columns, rows));
  if (written.includes(undefined)) return undefined;
  const refused = written.map((text) => `NOT (${text})`);
  return refused.length === 1 ? refused[0] : `(${refused.join(' OR ')})`;
}

const isPlain = /^(?:\w+|"[^"]+")$/;

function valuesIn(checks: Checks | undefined, rows: WrittenRows): readonly string[] {
  return [...(checks?.columns ?? [])].flatMap((column) => rows.value(column) ?? []);
}

/**
 * Each column becomes what the statement puts into it.
 *
 * @param columns in lower case
 */
export function replaced(
  expression: readonly Token[],
  columns: ReadonlySet<string>,
  rows: WrittenRows,
  said: Spelling['said'] = spellingOf('libsql').said,
): string | undefined {
  const tokens: Token[] = [];
  for (const [at, token] of expression.entries()) {
    // `users.age` inside the table's own CHECK is `age`.
    if (token.text === '.' || expression[at + 1]?.text === '.') continue;
    const isColumn =
      (token.kind === 'word' || token.kind === 'quoted-name') &&
      expression[at + 1]?.text !== '(' &&
      columns.has(foldName(nameOf(token)));
    if (!isColumn) tokens.push(token);
    else {
      const value = rows.value(nameOf(token));
      if (value === undefined) return undefined;
      tokens.push(
        sameName(value, nameOf(token))
          ? token
          : { ...token, kind: 'symbol', text: isPlain.test(value) ? value : `(${value})` },
      );
    }
  }
  return said(tokens);
}
