import { quantity } from '../../lib/numbers.ts';
import { sayName } from '../../schema/wording.ts';
import { classify } from '../../sql/classify.ts';
import { sameName } from '../../sql/cursor.ts';
import type { ForeignKeyClause } from '../../sql/foreign-key-clause.ts';
import type { StatementKind } from '../../sql/statement-kind.ts';
import type { ViolationCount } from '../evidence/measurement.ts';
import {
  command,
  definitionOf,
  known,
  shownBy,
  type Failure,
  type Show,
  type Suspect,
  type Suspicion,
} from './failure.ts';
import { showing } from './query-command.ts';
import { selectFrom, writtenRows } from './written-rows.ts';

/** Rows that would refer to nothing; or a key that points to columns that cannot be pointed to. */
export const foreignKey: Suspect = (failure) => {
  const [, child, parent] = /^foreign key mismatch - "(.+)" referencing "(.+)"$/.exec(failure.message) ?? [];
  if (child !== undefined && parent !== undefined) return mismatch(failure, child, parent);
  return failure.message === 'FOREIGN KEY constraint failed' ? dangling(failure) : undefined;
};

function mismatch(failure: Failure, child: string, parent: string): Suspicion {
  const keys = keysOf(failure, child).filter(({ clause }) => sameName(clause.parent, parent));
  const columns = [...new Set(keys.flatMap(({ clause }) => clause.columns))].join(', ');
  const there = columns === '' ? parent : `${parent} (${columns})`;
  return known(
    `A foreign key of ${child} points to ${there}, which is no primary key and has no unique index over those columns: SQLite cannot check it`,
    `Add a unique index over ${there} before it, or point the key to the primary key, in ${failure.migration.tag}.`,
  );
}

/** The statement that does it is named where only one can; a commit tells of all of them at once. */
function dangling(failure: Failure): Suspicion {
  const pairsOf = (found: readonly ViolationCount[] | undefined) =>
    found && found.length > 0 ? found : pairsIn(failure);
  const fix = `Delete or move those rows first, in the same file; or insert what they refer to before them.`;
  return {
    kind: 'violations',
    shows: (found) => pairsOf(found).flatMap((pair) => showsOf(failure, pair)),
    say: (found, commands) => ({
      why:
        found && found.length > 0
          ? `${doer(failure, found)} rows that refer to nothing: ${found.map(counted).join(', ')}`
          : `It leaves rows that refer to nothing${among(pairsIn(failure))}`,
      next: shownBy(
        commands,
        found || commands.length > 0
          ? fix
          : `${command(failure, 'dry-run')} counts the rows per table. ${fix}`,
      ),
    }),
  };
}

const counted = ({ table, parent, count }: ViolationCount) =>
  `${quantity(count, 'row')} of ${table} to ${parent}`;

function doer(failure: Failure, found: readonly ViolationCount[]): string {
  const numbers = new Set(found.flatMap((pair) => doersOf(failure, pair).map(({ number }) => number)));
  const [only] = numbers;
  return failure.number === undefined && only !== undefined && numbers.size === 1
    ? `Statement ${only} leaves`
    : 'It leaves';
}

function among(pairs: readonly Pair[]): string {
  if (pairs.length === 0) return '';
  return ` (${pairs.map(({ table, parent }) => `${table} refers to ${parent}`).join(', ')})`;
}

type Pair = Pick<ViolationCount, 'table' | 'parent'>;

/** The keys that the statement that failed can break, or any of them when the commit failed; told from texts and schema. */
function pairsIn({ migration, number, sketch }: Failure): readonly Pair[] {
  const texts = migration.statements.filter((_, index) => number === undefined || index === number - 1);
  return sketch.foreignKeys.filter((key) =>
    texts.some(({ sql }) => {
      const kind = classify(sql);
      return (
        breaks(kind, key) && (!takesRows(kind) || key.onDelete === 'NO ACTION' || key.onDelete === 'RESTRICT')
      );
    }),
  );
}

/** Whether a statement of this kind can leave rows of the one table without theirs in the other. */
function breaks(kind: StatementKind, { table, parent }: Pair): boolean {
  if (takesRows(kind)) return sameName(kind.table, parent);
  if (kind.kind === 'insert') return sameName(kind.table, table);
  return kind.kind === 'update' && (sameName(kind.table, table) || sameName(kind.table, parent));
}

function takesRows(kind: StatementKind): kind is Extract<StatementKind, { kind: 'delete' | 'drop-table' }> {
  return kind.kind === 'delete' || kind.kind === 'drop-table';
}

interface Doer {
  readonly number: number;
  readonly sql: string;
}

/** The statements that can have done it: the one that failed, or any when the commit did. */
function doersOf({ migration, number }: Failure, pair: Pair): readonly Doer[] {
  return migration.statements
    .map(({ sql }, index) => ({ sql, number: index + 1 }))
    .filter((one) => (number === undefined || one.number === number) && breaks(classify(one.sql), pair));
}

/** The rows as they can be found now, when everything of the migration is undone. */
function showsOf(failure: Failure, pair: Pair): readonly Show[] {
  const key = keyBetween(failure, pair);
  return key ? doersOf(failure, pair).flatMap((doer) => shownRows(failure, doer, { ...pair, ...key })) : [];
}

interface Key {
  readonly column: string;
  readonly parentColumn: string;
}

/** Keys over several columns are left to people. */
function keyBetween(failure: Failure, { table, parent }: Pair): Key | undefined {
  const found = keysOf(failure, table).find(({ clause }) => sameName(clause.parent, parent));
  const [column, more] = found?.columns ?? [];
  const parentColumn = found?.clause.columns[0] ?? primaryKeyOf(failure, parent);
  return column === undefined || more !== undefined || parentColumn === undefined
    ? undefined
    : { column, parentColumn };
}

function shownRows(
  failure: Failure,
  { sql, number }: Doer,
  { table, parent, column, parentColumn }: Pair & Key,
): readonly Show[] {
  const kind = classify(sql);
  const key = sayName(column, 'display');
  const parents = `(SELECT ${sayName(parentColumn, 'display')} FROM ${sayName(parent, 'display')})`;
  if (takesRows(kind)) {
    const referring = `SELECT * FROM ${sayName(table, 'display')} WHERE ${key} IN ${parents}`;
    return showing(failure, referring, { tables: [table, parent], prefix: '', only: undefined });
  }
  const rows = writtenRows({ ...failure, sql, number });
  const value = rows?.value(column);
  // What VALUES adds is in the file, and nowhere else.
  return rows && value !== undefined
    ? showing(failure, selectFrom(rows, '*', `${value} NOT IN ${parents}`), {
        ...rows,
        tables: [...rows.tables, parent],
      })
    : [];
}

interface DeclaredKey {
  readonly columns: readonly string[];
  readonly clause: ForeignKeyClause;
}

function keysOf(failure: Failure, table: string): readonly DeclaredKey[] {
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
  return definitionOf(failure, table)?.columns.find(({ constraints }) =>
    constraints.some(({ kind }) => kind === 'primary-key'),
  )?.name;
}
