import { count } from '../../lib/numbers.ts';
import { classify } from '../../sql/classify.ts';
import { isStepwise } from '../../sql/postgres/stepwise.ts';
import type { StatementKind } from '../../sql/statement-kind.ts';

/** `statement 5`, `statements 5 and 6`, `statements 5 to 12`. */
export function statementsFrom(first: number, last: number): string {
  if (first === last) return `statement ${first}`;
  return last === first + 1 ? `statements ${first} and ${last}` : `statements ${first} to ${last}`;
}

/** `statement 3 (UPDATE users)`: named as people know it. */
export function statementNamed(number: number, sql: string): string {
  const said = sayKind(classify(sql));
  return said === undefined ? `statement ${number}` : `statement ${number} (${said})`;
}

function sayKind(kind: StatementKind): string | undefined {
  switch (kind.kind) {
    case 'insert':
      return `INSERT INTO ${kind.table}`;
    case 'update':
      return `UPDATE ${kind.table}`;
    case 'delete':
      return `DELETE FROM ${kind.table}`;
    case 'drop-table':
      return `DROP TABLE ${kind.table}`;
    case 'alter-table':
      return sayAction(kind);
    case 'pragma':
      return `PRAGMA ${kind.name}`;
    case 'truncate':
      return `TRUNCATE ${kind.tables.join(', ')}`;
    default:
      return undefined;
  }
}

function sayAction({ table, action }: Extract<StatementKind, { kind: 'alter-table' }>): string {
  switch (action.kind) {
    case 'rename-table':
      return `RENAME ${table} TO ${action.to}`;
    case 'rename-column':
      return `RENAME COLUMN ${table}.${action.column}`;
    case 'drop-column':
      return `DROP COLUMN ${table}.${action.column}`;
    case 'add-column':
    case 'add-column-if-missing':
      return `ADD COLUMN ${table}.${action.column}`;
    case 'alter-column':
    case 'set-type':
    case 'set-not-null':
    case 'drop-not-null':
    case 'set-default':
    case 'drop-default':
      return `ALTER COLUMN ${table}.${action.column}`;
    default:
      return `ALTER TABLE ${table}`;
  }
}

/** How statements are committed, for people. */
export function asUnits(statements: readonly { readonly sql: string }[]): string {
  if (!isStepwise(statements)) return 'as one unit';
  return statements.length === 1 ? 'by itself' : 'step by step';
}

/** `1 row`, `48,210 rows`. */
export function rowCount(rows: number): string {
  return `${count(rows)} ${rows === 1 ? 'row' : 'rows'}`;
}

/** Why nothing is told from the file's statements where it was edited in those that ran. */
export const anotherText =
  'Another text ran than the file has now, so what it did to rows is not told by its statements.';

/** With a capital first letter. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}
