import type { AlterAction } from '../sql/alter.ts';
import { classify } from '../sql/classify.ts';
import { foldName } from '../sql/cursor.ts';
import type { StatementKind } from '../sql/statement-kind.ts';
import { tableDefinition } from '../sql/table-definition.ts';
import { foreignKeyOf, foreignKeysOf } from './foreign-keys.ts';
import type { ForeignKey, Schema } from './schema.ts';
import { columnsAfter, columnsIn, type SketchColumns } from './sketch-columns.ts';
import { indexesRenamed, indexMadeBy, type SketchIndex } from './sketch-indexes.ts';

/** A schema as far as reading statements can tell: enough to say what a statement will meet. */
export interface Sketch {
  readonly tables: ReadonlyMap<string, SketchTable>;
  readonly triggers: ReadonlyMap<
    string,
    { readonly name: string; readonly table: string; readonly writes: readonly string[] }
  >;
  readonly views: ReadonlyMap<string, { readonly name: string; readonly from: readonly string[] }>;
  readonly indexes: ReadonlyMap<string, SketchIndex>;
  readonly foreignKeys: readonly ForeignKey[];
}

export interface SketchTable extends SketchColumns {
  readonly name: string;
  /** `before`: it was there to begin with and may hold rows. */
  readonly since: 'before' | 'sketched';
}

/** The sketch of a real schema. All keys of its maps are names in lower case. */
export function sketchOf(schema: Schema, foreignKeys: readonly ForeignKey[]): Sketch {
  // Each by itself, and then together: a map that grows by one is a new map.
  const alone = schema.objects.map(({ display }) => sketched(nothing, display, 'before'));
  return {
    tables: firsts(alone.map(({ tables }) => tables)),
    triggers: new Map(alone.flatMap(({ triggers }) => [...triggers])),
    views: new Map(alone.flatMap(({ views }) => [...views])),
    indexes: firsts(alone.map(({ indexes }) => indexes)),
    foreignKeys,
  };
}

const nothing: Sketch = {
  tables: new Map(),
  triggers: new Map(),
  views: new Map(),
  indexes: new Map(),
  foreignKeys: [],
};

/** What was made first under a name stays. */
function firsts<T>(maps: readonly ReadonlyMap<string, T>[]): ReadonlyMap<string, T> {
  const all = new Map<string, T>();
  for (const map of maps) for (const [key, value] of map) if (!all.has(key)) all.set(key, value);
  return all;
}

/** The sketch after one more statement. */
export function sketched(sketch: Sketch, sql: string, since: SketchTable['since'] = 'sketched'): Sketch {
  return after(sketch, classify(sql), { sql, since });
}

/** The same as it is to whoever comes later: every table of it may hold rows. */
export function longAfter(sketch: Sketch): Sketch {
  const made = [...sketch.tables].filter(([, { since }]) => since === 'sketched');
  if (made.length === 0) return sketch;
  const tables = new Map(sketch.tables);
  for (const [key, table] of made) tables.set(key, fromBefore(table));
  return { ...sketch, tables };
}

/** Its columns are still found out only when somebody asks for them. */
function fromBefore(table: SketchTable): SketchTable {
  return {
    name: table.name,
    since: 'before',
    get columns() {
      return table.columns;
    },
    get types() {
      return table.types;
    },
    get held() {
      return table.held;
    },
  };
}

function after(
  sketch: Sketch,
  kind: StatementKind,
  { sql, since }: { readonly sql: string; readonly since: SketchTable['since'] },
): Sketch {
  switch (kind.kind) {
    case 'combined':
      return kind.parts.reduce((so, part) => after(so, part, { sql, since }), sketch);
    case 'create-table':
    case 'create-virtual-table':
      return withTable(sketch, kind, sql, since);
    case 'drop-table':
      return withoutTable(sketch, foldName(kind.table));
    case 'alter-table':
      return altered(sketch, kind);
    case 'create-trigger': {
      const trigger = { name: kind.trigger, table: foldName(kind.table), writes: kind.writes };
      return { ...sketch, triggers: put(sketch.triggers, foldName(kind.trigger), trigger) };
    }
    case 'drop-trigger':
      return { ...sketch, triggers: without(sketch.triggers, foldName(kind.trigger)) };
    case 'create-view':
      return {
        ...sketch,
        views: put(sketch.views, foldName(kind.view), { name: kind.view, from: kind.from.map(foldName) }),
      };
    case 'drop-view':
      return { ...sketch, views: without(sketch.views, foldName(kind.view)) };
    case 'create-index':
      // One without a name of its own cannot be told from others; a name that is taken stays.
      return kind.index === '' || sketch.indexes.has(foldName(kind.index))
        ? sketch
        : { ...sketch, indexes: put(sketch.indexes, foldName(kind.index), indexMadeBy(kind, sql)) };
    case 'drop-index':
      return { ...sketch, indexes: without(sketch.indexes, foldName(kind.index)) };
    default:
      return sketch;
  }
}

function withTable(
  sketch: Sketch,
  { table }: Extract<StatementKind, { kind: 'create-table' | 'create-virtual-table' }>,
  sql: string,
  since: SketchTable['since'],
): Sketch {
  const key = foldName(table);
  if (sketch.tables.has(key)) return sketch;
  const tables = put(sketch.tables, key, madeBy(sql, table, since));
  // Most tables refer to none, and no rule asks for their columns: then their text is not taken apart.
  const definition = /\breferences\b/i.test(sql) ? tableDefinition(sql) : undefined;
  if (!definition) return { ...sketch, tables };
  return { ...sketch, tables, foreignKeys: [...sketch.foreignKeys, ...foreignKeysOf(definition)] };
}

function madeBy(sql: string, name: string, since: SketchTable['since']): SketchTable {
  let known: SketchColumns | undefined;
  return {
    name,
    since,
    get columns() {
      known ??= columnsIn(sql);
      return known.columns;
    },
    get types() {
      known ??= columnsIn(sql);
      return known.types;
    },
    get held() {
      known ??= columnsIn(sql);
      return known.held;
    },
  };
}

/** A table takes its triggers, its indexes and its own foreign keys along. */
function withoutTable(sketch: Sketch, key: string): Sketch {
  return {
    ...sketch,
    tables: without(sketch.tables, key),
    triggers: new Map([...sketch.triggers].filter(([, { table }]) => table !== key)),
    indexes: new Map([...sketch.indexes].filter(([, { table }]) => table !== key)),
    foreignKeys: sketch.foreignKeys.filter(({ table }) => foldName(table) !== key),
  };
}

function altered(sketch: Sketch, { table, action }: Extract<StatementKind, { kind: 'alter-table' }>): Sketch {
  const key = foldName(table);
  const known = sketch.tables.get(key);
  if (action.kind === 'rename-table') return renamed(sketch, key, action.to);
  if (!known?.columns && action.kind !== 'add-constraint') return sketch;
  const foreignKeys = [
    ...keysRenamed(sketch.foreignKeys, key, action),
    ...keysAdded(action, known?.name ?? table),
  ];
  if (!known?.columns) return { ...sketch, foreignKeys };
  const columns = columnsAfter({ columns: known.columns, types: known.types, held: known.held }, action);
  return {
    ...sketch,
    tables: put(sketch.tables, key, { name: known.name, since: known.since, ...columns }),
    indexes: indexesRenamed(sketch.indexes, key, action),
    foreignKeys,
  };
}

function keysRenamed(
  foreignKeys: readonly ForeignKey[],
  table: string,
  action: AlterAction,
): readonly ForeignKey[] {
  if (action.kind !== 'rename-column') return foreignKeys;
  const name = (old: string) => (foldName(old) === foldName(action.column) ? action.to : old);
  return foreignKeys.map((each) =>
    foldName(each.table) === table ? { ...each, columns: each.columns.map(name) } : each,
  );
}

function keysAdded(action: AlterAction, table: string): readonly ForeignKey[] {
  if (action.kind === 'add-constraint')
    return action.clause ? [foreignKeyOf(table, action.columns, action.clause)] : [];
  if (action.kind !== 'add-column') return [];
  return action.definition.constraints.flatMap((constraint) =>
    constraint.kind === 'references' ? [foreignKeyOf(table, [action.column], constraint.clause)] : [],
  );
}

/** SQLite renames a table in its own foreign keys, in those of others, in triggers and in views. */
function renamed(sketch: Sketch, key: string, to: string): Sketch {
  const known = sketch.tables.get(key);
  const name = (old: string) => (foldName(old) === key ? to : old);
  const tables = known
    ? put(without(sketch.tables, key), foldName(to), { ...known, name: to })
    : sketch.tables;
  const triggers = [...sketch.triggers].map(
    ([at, trigger]) => [at, { ...trigger, table: foldName(name(trigger.table)) }] as const,
  );
  const foreignKeys = sketch.foreignKeys.map((each) => ({
    ...each,
    table: name(each.table),
    parent: name(each.parent),
  }));
  const views = [...sketch.views].map(
    ([at, view]) => [at, { ...view, from: view.from.map((from) => foldName(name(from))) }] as const,
  );
  const indexes = [...sketch.indexes].map(
    ([at, index]) => [at, index.table === key ? { ...index, table: foldName(to) } : index] as const,
  );
  return {
    ...sketch,
    tables,
    triggers: new Map(triggers),
    views: new Map(views),
    indexes: new Map(indexes),
    foreignKeys,
  };
}

function put<T>(map: ReadonlyMap<string, T>, key: string, value: T): ReadonlyMap<string, T> {
  return new Map(map).set(key, value);
}

function without<T>(map: ReadonlyMap<string, T>, key: string): ReadonlyMap<string, T> {
  const left = new Map(map);
  left.delete(key);
  return left;
}
