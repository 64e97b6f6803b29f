import { classify } from '../../../sql/classify.ts';
import { cursorOver, sameName } from '../../../sql/cursor.ts';
import { known, shownBy, type Failure, type Suspect, type Suspicion } from '../failure.ts';
import { showing } from '../query-command.ts';
import { spellingOf } from '../spelling.ts';
import { selectFrom, writtenRows, type WrittenRows } from '../written-rows.ts';
import { saidRows } from './said-rows.ts';

const spelling = spellingOf('postgres');
const { name, table: tableName } = spelling;

/** foreign_key_violation; and invalid_foreign_key, a key that points to what cannot be pointed to. */
export const foreignKey: Suspect = (failure) => {
  const { code, migration } = failure;
  if (code === '42830') return noKeyThere(failure);
  if (code !== '23503') return undefined;
  const key = keyOf(failure);
  const fix = `Delete or move those rows first, in ${migration.tag}; or insert what they refer to before them.`;
  const asked = key && askedOf(failure, key);
  if (!asked) {
    const { table, constraint } = failure.named ?? {};
    return known(
      `It leaves rows${table === undefined ? '' : ` of ${table}`} that refer to nothing${constraint === undefined ? '' : `, which ${constraint} does not allow`}`,
      fix,
    );
  }
  const { rows, condition, one, many } = asked;
  return {
    kind: 'rows',
    sql: selectFrom(rows, 'count(*) AS n', condition),
    shows: showing(failure, selectFrom(rows, '*', condition), rows, asked.values),
    say: (found, commands) => ({
      why: saidRows(found, rows.tables[0] ?? key.table, one, many),
      next: shownBy(commands, fix),
    }),
  };
};

interface Key {
  readonly table: string;
  readonly columns: readonly string[];
  readonly parent: string;
  readonly parentColumns: readonly string[];
}

function noKeyThere({ sql = '', migration: { tag } }: Failure): Suspicion {
  const kind = classify(sql);
  const clause =
    kind.kind === 'alter-table' && kind.action.kind === 'add-constraint' ? kind.action.clause : undefined;
  const there = clause === undefined ? 'the other table' : `${clause.parent} (${clause.columns.join(', ')})`;
  return known(
    `The foreign key points to ${there}, where no primary key and no unique constraint is over just those columns`,
    `Make them unique before it, or point the key to the primary key, in ${tag}.`,
  );
}

/** The key as the statement makes it, or as it was before. */
function keyOf({ sql = '', named }: Failure): Key | undefined {
  const kind = classify(sql);
  if (kind.kind === 'alter-table' && kind.action.kind === 'add-constraint') {
    const { clause, columns } = kind.action;
    if (!clause || clause.columns.length !== columns.length || columns.length === 0) return undefined;
    const meant = (one: string) => spelling.meant(one, sql);
    return {
      table: meant(kind.table),
      columns: columns.map(meant),
      parent: meant(clause.parent),
      parentColumns: clause.columns.map(meant),
    };
  }
  return named?.known?.kind === 'foreign-key' ? named.known : undefined;
}

interface Asked {
  readonly rows: WrittenRows;
  readonly condition: string;
  /** What one row does, and what several do. */
  readonly one: string;
  readonly many: string;
  /** The statement's own expressions in it. */
  readonly values: readonly string[];
}

function askedOf(failure: Failure, key: Key): Asked | undefined {
  const kind = classify(failure.sql ?? '');
  const nothing = `to nothing in ${key.parent}`;
  switch (kind.kind) {
    case 'alter-table':
      return {
        rows: all(key.table),
        condition: lone(key),
        one: `refers ${nothing}`,
        many: `refer ${nothing}`,
        values: [],
      };
    case 'delete':
      return left(failure, key);
    case 'insert':
    case 'update':
      // What is written to the parent leaves rows of the other table behind.
      return sameName(kind.table, key.table) ? writtenAlone(failure, key, nothing) : undefined;
    default:
      return undefined;
  }
}

function writtenAlone(failure: Failure, key: Key, nothing: string): Asked | undefined {
  const rows = writtenRows(failure);
  const values = key.columns.flatMap((column) => rows?.value(column) ?? []);
  if (!rows || values.length < key.columns.length) return undefined;
  const parents = `SELECT ${key.parentColumns.map(name).join(', ')} FROM ${tableName(key.parent)}`;
  const filled = values.map((value) => `(${value}) IS NOT NULL AND `).join('');
  return {
    rows: { ...rows, tables: [...rows.tables, key.parent] },
    condition: `${values.length === 1 ? '' : filled}${tuple(values)} NOT IN (${parents})`,
    one: `would refer ${nothing}`,
    many: `would refer ${nothing}`,
    values,
  };
}

const tuple = (values: readonly string[]) =>
  values.length === 1 ? values.join('') : `(${values.join(', ')})`;

const all = (table: string): WrittenRows => ({
  from: tableName(table),
  prefix: '',
  only: undefined,
  tables: [table],
  value: name,
});

function lone({ table, columns, parent, parentColumns }: Key): string {
  const own = (column: string) => `${tableName(table)}.${name(column)}`;
  const filled = columns.map((column) => `${name(column)} IS NOT NULL`).join(' AND ');
  const equal = columns.map((column, at) => `p.${name(parentColumns[at] ?? '')} = ${own(column)}`);
  return `${filled} AND NOT EXISTS (SELECT 1 FROM ${tableName(parent)} AS p WHERE ${equal.join(' AND ')})`;
}

/** The rows that refer to those that a DELETE takes. */
function left(failure: Failure, { table, columns, parent, parentColumns }: Key): Asked | undefined {
  const cursor = cursorOver(failure.sql ?? '');
  if (!cursor.takes('DELETE', 'FROM')) return undefined;
  cursor.takes('ONLY');
  cursor.qualifiedName();
  const rest = cursor.takes('WHERE') ? cursor.rest() : [];
  if (rest.length === 0 && !cursor.atEnd) return undefined;
  const where = rest.length === 0 ? '' : ` WHERE ${spelling.said(rest)}`;
  const taken = `SELECT ${parentColumns.map(name).join(', ')} FROM ${tableName(parent)}${where}`;
  return {
    rows: { ...all(table), tables: [table, parent] },
    condition: `${tuple(columns.map(name))} IN (${taken})`,
    one: `refers to a row of ${parent} that it deletes`,
    many: `refer to rows of ${parent} that it deletes`,
    values: [where],
  };
}
