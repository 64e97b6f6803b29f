import { quantity } from '../../lib/numbers.ts';
import { sayName } from '../../schema/wording.ts';
import { classify } from '../../sql/classify.ts';
import { sameName } from '../../sql/cursor.ts';
import type { ForeignKeyClause } from '../../sql/foreign-key-clause.ts';
import type { ViolationCount } from '../measurement.ts';
import { command, definitionOf, known, placeOf, type Cause, type Failure, type Suspect } from './failure.ts';
import { queryCommand } from './query-command.ts';
import { selectFrom, writtenRows } from './written-rows.ts';

/** Rows that would refer to nothing; or a key that points to columns that cannot be pointed to. */
export const foreignKey: Suspect = (failure) => {
  const [, child, parent] = /^foreign key mismatch - "(.+)" referencing "(.+)"$/.exec(failure.message) ?? [];
  if (child !== undefined && parent !== undefined) return mismatch(failure, child, parent);
  if (!/^FOREIGN KEY constraint failed$/.test(failure.message)) return undefined;
  return { kind: 'violations', say: (found) => refersToNothing(failure, found) };
};

function mismatch(failure: Failure, child: string, parent: string) {
  const keys = clausesOf(failure, child).filter(({ clause }) => sameName(clause.parent, parent));
  const columns = [...new Set(keys.flatMap(({ clause }) => clause.columns))].join(', ');
  return known(
    `A foreign key of ${child} points to ${columns === '' ? parent : `${parent} (${columns})`}, which is no primary key and has no unique index over those columns: SQLite cannot check it`,
    `Add a unique index over ${columns === '' ? 'the columns that it points to' : `${parent} (${columns})`} before it, or point the key to the primary key, in ${placeOf(failure)}.`,
  );
}

function refersToNothing(failure: Failure, found: readonly ViolationCount[] | undefined): Cause {
  const pairs = found && found.length > 0 ? found : undefined;
  const shown = (pairs ?? pairsIn(failure)).flatMap((pair) => showing(failure, pair) ?? []);
  const fix = `Delete or move those rows first, in the same file (${placeOf(failure)}); or insert what they refer to before them.`;
  return {
    why: pairs
      ? `It leaves rows that refer to nothing: ${pairs.map(said).join(', ')}`
      : `It leaves rows that refer to nothing${among(pairsIn(failure))}`,
    next:
      (pairs ?? shown.length > 0)
        ? `${shownBy(shown)}${fix}`
        : `${command(failure, 'dry-run')} counts the rows per table. ${fix}`,
  };
}

const said = ({ table, parent, count }: ViolationCount) =>
  `${quantity(count, 'row')} of ${table} to ${parent}`;

function shownBy(commands: readonly string[]): string {
  return commands.length === 0 ? '' : `${commands.slice(0, 2).join(' and ')} shows them. `;
}

function among(pairs: readonly Pair[]): string {
  if (pairs.length === 0) return '';
  return ` (${pairs.map(({ table, parent }) => `${table} refers to ${parent}`).join(', ')})`;
}

type Pair = Pick<ViolationCount, 'table' | 'parent'>;

/** The tables that a statement's key can be of, told from its text and the schema. */
function pairsIn(failure: Failure): readonly Pair[] {
  const kind = classify(failure.sql ?? '');
  const touched = 'table' in kind ? kind.table : undefined;
  if (touched === undefined) return [];
  const isRemoval = kind.kind === 'delete' || kind.kind === 'drop-table';
  return failure.sketch.foreignKeys.filter(({ table, parent, onDelete }) =>
    isRemoval
      ? sameName(parent, touched) && (onDelete === 'NO ACTION' || onDelete === 'RESTRICT')
      : sameName(table, touched) || (kind.kind === 'update' && sameName(parent, touched)),
  );
}

/** The rows as they can be found now, when everything of the migration is undone. */
function showing(failure: Failure, { table, parent }: Pair): readonly string[] | undefined {
  const found = clausesOf(failure, table).find(({ clause }) => sameName(clause.parent, parent));
  const key = found && keyOf(failure, found);
  if (!key) return undefined;
  const shown = shownRows(failure, { table, parent, ...key });
  return shown === undefined ? undefined : [shown];
}

interface Key {
  readonly column: string;
  readonly parentColumn: string;
}

/** Keys over several columns are left to people. */
function keyOf(failure: Failure, { columns, clause }: DeclaredKey): Key | undefined {
  const [column, more] = columns;
  const parentColumn = clause.columns[0] ?? primaryKeyOf(failure, clause.parent);
  return column === undefined || more !== undefined || parentColumn === undefined
    ? undefined
    : { column, parentColumn };
}

function shownRows(
  failure: Failure,
  { table, parent, column, parentColumn }: Pair & Key,
): string | undefined {
  const kind = classify(failure.sql ?? '');
  const [from, key, its] = [
    sayName(parent, 'display'),
    sayName(column, 'display'),
    sayName(parentColumn, 'display'),
  ];
  const parents = `(SELECT ${its} FROM ${from})`;
  if (kind.kind === 'drop-table' || kind.kind === 'delete') {
    const sql = `SELECT * FROM ${sayName(table, 'display')} WHERE ${key} IN ${parents}`;
    return queryCommand(failure, sql, [table, parent]);
  }
  const rows = sameName('table' in kind ? kind.table : '', table) ? writtenRows(failure) : undefined;
  const value = rows?.value(column);
  if (rows && value !== undefined) {
    return queryCommand(failure, selectFrom(rows, '*', `${value} NOT IN ${parents}`), [
      ...rows.tables,
      parent,
    ]);
  }
  const sql = `SELECT * FROM ${sayName(table, 'display')} WHERE ${key} NOT IN ${parents}`;
  // What VALUES adds is in the file, and nowhere else.
  return kind.kind === 'insert' ? undefined : queryCommand(failure, sql, [table, parent]);
}

interface DeclaredKey {
  readonly columns: readonly string[];
  readonly clause: ForeignKeyClause;
}

function clausesOf(failure: Failure, table: string): readonly DeclaredKey[] {
  const definition = definitionOf(failure, table);
  if (!definition) return [];
  return [
    ...definition.columns.flatMap(({ name, constraints }) =>
      constraints.flatMap((one) =>
        one.kind === 'references' ? [{ columns: [name], clause: one.clause }] : [],
      ),
    ),
    ...definition.constraints.flatMap((one) =>
      one.kind === 'foreign-key' ? [{ columns: one.columns, clause: one.clause }] : [],
    ),
  ];
}

function primaryKeyOf(failure: Failure, table: string): string | undefined {
  const definition = definitionOf(failure, table);
  const own = definition?.columns.find(({ constraints }) =>
    constraints.some(({ kind }) => kind === 'primary-key'),
  );
  return own?.name;
}
