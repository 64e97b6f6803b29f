import type { Schema } from '../../schema/schema.ts';
import { classify } from '../../sql/classify.ts';
import { foldName, sameName } from '../../sql/cursor.ts';
import type { ForeignKeyClause } from '../../sql/foreign-key-clause.ts';
import type { StatementKind } from '../../sql/statement-kind.ts';
import { nameOf, type Token } from '../../sql/tokens.ts';
import type { ColumnConstraint, ColumnDefinition } from '../../sql/column-definition.ts';
import { tableDefinition, type TableConstraint, type TableDefinition } from '../../sql/table-definition.ts';

/** Tables and triggers with their definitions, as a statement of a migration meets them. Keys are names in lower case. */
export interface Model {
  readonly tables: ReadonlyMap<string, TableDefinition>;
  readonly triggers: ReadonlyMap<string, ModelTrigger>;
  /** Every name that was ever taken, by whatever object. */
  readonly names: ReadonlySet<string>;
  /** Tables that were altered in a way that is not followed here. */
  readonly unsure: ReadonlySet<string>;
}

export interface ModelTrigger {
  readonly name: string;
  readonly table: string;
  readonly sql: string;
}

/** A foreign key of a table, with the columns it points to (empty: the primary key). */
export interface Key {
  readonly columns: readonly string[];
  readonly clause: ForeignKeyClause;
}

/** The model of a real schema. */
export function modelOf({ objects }: Schema): Model {
  const empty: Model = { tables: new Map(), triggers: new Map(), names: new Set(), unsure: new Set() };
  const read = objects.reduce((model, { display }) => modelAfter(model, display), empty);
  return { ...read, names: new Set(objects.map(({ name }) => foldName(name))) };
}

/** The model after one more statement. */
export function modelAfter(model: Model, sql: string): Model {
  const kind = classify(sql);
  switch (kind.kind) {
    case 'create-table':
      return created(model, kind.table, tableDefinition(sql));
    case 'drop-table':
      return {
        ...model,
        tables: without(model.tables, kind.table),
        triggers: new Map([...model.triggers].filter(([, { table }]) => !sameName(table, kind.table))),
      };
    case 'alter-table':
      return altered(model, kind);
    case 'create-trigger': {
      const trigger = { name: kind.trigger, table: kind.table, sql };
      return { ...named(model, kind.trigger), triggers: put(model.triggers, kind.trigger, trigger) };
    }
    case 'drop-trigger':
      return { ...model, triggers: without(model.triggers, kind.trigger) };
    case 'create-index':
      return named(model, kind.index);
    case 'create-view':
      return named(model, kind.view);
    default:
      return model;
  }
}

/** The foreign keys of a table: those beside a column first. */
export function keysOf({ columns, constraints }: TableDefinition): readonly Key[] {
  const beside = columns.flatMap(({ name, constraints: own }) =>
    own.flatMap((each) => (each.kind === 'references' ? [{ columns: [name], clause: each.clause }] : [])),
  );
  const below = constraints.flatMap((each) =>
    each.kind === 'foreign-key' ? [{ columns: each.columns, clause: each.clause }] : [],
  );
  return [...beside, ...below];
}

/** The columns that hold values: those that are not generated. */
export function storedColumns({ columns }: TableDefinition): readonly string[] {
  return columns
    .filter(({ constraints }) => !constraints.some(({ kind }) => kind === 'generated'))
    .map(({ name }) => name);
}

/** The columns of the primary key; empty without one. */
export function primaryKey({ columns, constraints }: TableDefinition): readonly string[] {
  const beside = columns.filter((column) => column.constraints.some(({ kind }) => kind === 'primary-key'));
  if (beside.length > 0) return beside.map(({ name }) => name);
  const below = constraints.find((each) => each.kind === 'primary-key');
  return below?.kind === 'primary-key' ? below.columns.flatMap(({ expression }) => nameIn(expression)) : [];
}

/**
 * Whether rows keep all that is known of them while the column is NULL: it takes NULL, is no part of the
 * primary key, not generated, in no CHECK, and no foreign key points to it.
 */
export function canBeCleared({ tables }: Model, table: TableDefinition, column: string): boolean {
  const definition = table.columns.find(({ name }) => sameName(name, column));
  const kinds = definition?.constraints.map(({ kind }) => kind) ?? ['generated'];
  if (kinds.includes('not-null') || kinds.includes('generated')) return false;
  if (primaryKey(table).some((name) => sameName(name, column))) return false;
  const checks = [...table.constraints, ...table.columns.flatMap(({ constraints }) => constraints)];
  if (checks.some((each) => each.kind === 'check' && mentions(each.expression, column))) return false;
  const pointedTo = [...tables.values()]
    .flatMap(keysOf)
    .some(
      ({ clause }) =>
        sameName(clause.parent, table.table) && clause.columns.some((name) => sameName(name, column)),
    );
  return !pointedTo;
}

function mentions(expression: readonly Token[], column: string): boolean {
  return expression.some(
    (token) => (token.kind === 'word' || token.kind === 'quoted-name') && sameName(nameOf(token), column),
  );
}

function nameIn([token]: readonly Token[]): readonly string[] {
  return token ? [nameOf(token)] : [];
}

function created(model: Model, table: string, definition: TableDefinition | undefined): Model {
  const known = named(model, table);
  return definition && !model.tables.has(foldName(table))
    ? { ...known, tables: put(model.tables, table, definition) }
    : known;
}

function altered(model: Model, { table, action }: Extract<StatementKind, { kind: 'alter-table' }>): Model {
  const known = model.tables.get(foldName(table));
  if (!known) return model;
  const withColumns = (columns: readonly ColumnDefinition[]): Model => ({
    ...model,
    tables: put(model.tables, table, { ...known, columns }),
  });
  switch (action.kind) {
    case 'rename-table':
      return renamed(model, known, action.to);
    case 'add-column':
      return withColumns([...known.columns, action.definition]);
    case 'drop-column':
      return withColumns(known.columns.filter(({ name }) => !sameName(name, action.column)));
    default:
      return { ...model, unsure: new Set([...model.unsure, foldName(table)]) };
  }
}

/** SQLite renames a table in its own foreign keys, in those of others, and in triggers. */
function renamed(model: Model, table: TableDefinition, to: string): Model {
  const moved = put(without(model.tables, table.table), to, { ...table, table: to });
  const pointing = (clause: ForeignKeyClause) =>
    sameName(clause.parent, table.table) ? { ...clause, parent: to } : clause;
  const tables = [...moved].map(([key, each]) => [key, repointed(each, pointing)] as const);
  const triggers = [...model.triggers].map(
    ([key, trigger]) =>
      [key, sameName(trigger.table, table.table) ? { ...trigger, table: to } : trigger] as const,
  );
  return { ...named(model, to), tables: new Map(tables), triggers: new Map(triggers) };
}

function repointed(
  table: TableDefinition,
  pointing: (clause: ForeignKeyClause) => ForeignKeyClause,
): TableDefinition {
  return {
    ...table,
    columns: table.columns.map((column) => ({
      ...column,
      constraints: column.constraints.map((each): ColumnConstraint =>
        each.kind === 'references' ? { ...each, clause: pointing(each.clause) } : each,
      ),
    })),
    constraints: table.constraints.map((each): TableConstraint =>
      each.kind === 'foreign-key' ? { ...each, clause: pointing(each.clause) } : each,
    ),
  };
}

function named(model: Model, name: string): Model {
  return { ...model, names: new Set([...model.names, foldName(name)]) };
}

function put<T>(map: ReadonlyMap<string, T>, name: string, value: T): ReadonlyMap<string, T> {
  return new Map(map).set(foldName(name), value);
}

function without<T>(map: ReadonlyMap<string, T>, name: string): ReadonlyMap<string, T> {
  const left = new Map(map);
  left.delete(foldName(name));
  return left;
}
