import { classify, type StatementKind } from '../sql/classify.ts';
import { foldName } from '../sql/cursor.ts';
import { tableDefinition } from '../sql/table-definition.ts';
import { foreignKeyOf, foreignKeysOf } from './foreign-keys.ts';
import type { ForeignKey, Schema } from './schema.ts';

/** A schema as far as reading statements can tell: enough to say what a statement will meet. */
export interface Sketch {
  readonly tables: ReadonlyMap<string, SketchTable>;
  readonly triggers: ReadonlyMap<
    string,
    { readonly name: string; readonly table: string; readonly writes: readonly string[] }
  >;
  readonly views: ReadonlyMap<string, { readonly name: string; readonly from: readonly string[] }>;
  readonly foreignKeys: readonly ForeignKey[];
}

export interface SketchTable {
  readonly name: string;
  /** In lower case; undefined where they cannot be told. */
  readonly columns: ReadonlySet<string> | undefined;
  /** `before`: it was there to begin with and may hold rows. */
  readonly since: 'before' | 'sketched';
}

/** The sketch of a real schema. All keys of its maps are names in lower case. */
export function sketchOf(schema: Schema, foreignKeys: readonly ForeignKey[]): Sketch {
  const empty: Sketch = { tables: new Map(), triggers: new Map(), views: new Map(), foreignKeys: [] };
  const read = schema.objects.reduce((sketch, { display }) => sketched(sketch, display, 'before'), empty);
  return { ...read, foreignKeys };
}

/** The sketch after one more statement. */
export function sketched(sketch: Sketch, sql: string, since: SketchTable['since'] = 'sketched'): Sketch {
  const kind = classify(sql);
  switch (kind.kind) {
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
  let known: { readonly columns: SketchTable['columns'] } | undefined;
  return {
    name,
    since,
    get columns() {
      known ??= { columns: columnsIn(sql) };
      return known.columns;
    },
  };
}

function columnsIn(sql: string): SketchTable['columns'] {
  const definition = tableDefinition(sql);
  return definition && new Set(definition.columns.map(({ name }) => foldName(name)));
}

/** A table takes its triggers and its own foreign keys along. */
function withoutTable(sketch: Sketch, key: string): Sketch {
  return {
    ...sketch,
    tables: without(sketch.tables, key),
    triggers: new Map([...sketch.triggers].filter(([, { table }]) => table !== key)),
    foreignKeys: sketch.foreignKeys.filter(({ table }) => foldName(table) !== key),
  };
}

function altered(sketch: Sketch, { table, action }: Extract<StatementKind, { kind: 'alter-table' }>): Sketch {
  const key = foldName(table);
  const known = sketch.tables.get(key);
  if (action.kind === 'rename-table') return renamed(sketch, key, action.to);
  if (!known?.columns) return sketch;
  const columns = new Set(known.columns);
  if (action.kind === 'drop-column' || action.kind === 'rename-column')
    columns.delete(foldName(action.column));
  if (action.kind === 'rename-column') columns.add(foldName(action.to));
  if (action.kind === 'add-column') columns.add(foldName(action.column));
  const added =
    action.kind === 'add-column'
      ? action.definition.constraints.flatMap((constraint) =>
          constraint.kind === 'references'
            ? [foreignKeyOf(known.name, [action.column], constraint.clause)]
            : [],
        )
      : [];
  return {
    ...sketch,
    tables: put(sketch.tables, key, { ...known, columns }),
    foreignKeys: [...sketch.foreignKeys, ...added],
  };
}

/** SQLite renames a table in its own foreign keys, in those of others, and in triggers. */
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
  return { ...sketch, tables, triggers: new Map(triggers), foreignKeys };
}

function put<T>(map: ReadonlyMap<string, T>, key: string, value: T): ReadonlyMap<string, T> {
  return new Map(map).set(key, value);
}

function without<T>(map: ReadonlyMap<string, T>, key: string): ReadonlyMap<string, T> {
  const left = new Map(map);
  left.delete(key);
  return left;
}
