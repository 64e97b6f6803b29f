import type { Migration } from '../migrations/migration.ts';
import { classify } from '../sql/classify.ts';

/** The names in a live schema, folded to lower case: all that is needed to see how far a migration came. */
export interface LiveNames {
  readonly tables: ReadonlySet<string>;
  /** Indexes, views and triggers, as `kind:name`. */
  readonly others: ReadonlySet<string>;
  /** As `table.column`. */
  readonly columns: ReadonlySet<string>;
}

/**
 * What a migration without a record left in the schema, told by names alone.
 *
 * `none`: as if it had never begun, or nothing can be told. `stopped`: exactly one point fits.
 * `whole`: everything it makes is there and everything it removes is gone.
 */
export type Traces =
  | { readonly kind: 'none' }
  | { readonly kind: 'stopped'; readonly after: number; readonly of: number }
  | { readonly kind: 'whole' };

/**
 * Plays the migration's statements over the names it touches and compares each point with the live names.
 * Statements that leave no trace in names (data, PRAGMAs) make neighbouring points equal: the earlier one is
 * named, as it is the last whose effect is seen. A live schema that fits no point is drift, not a half run.
 */
export function tracesOf(migration: Migration, live: LiveNames): Traces {
  const effects = migration.statements.map(({ sql }) => effectsOf(sql));
  const touched = [...new Set(effects.flatMap((effect) => effect.map(({ name }) => name)))];
  if (touched.length === 0) return { kind: 'none' };
  const points = pointsOf(effects, touched);
  const seen = touched.map((name) => isThere(live, name));
  const fitting = points.filter(({ names }) =>
    names.every((there, index) => there === undefined || there === seen[index]),
  );
  const of = migration.statements.length;
  const first = fitting[0];
  if (!first || first.after === 0) return { kind: 'none' };
  const last = lastTrace(effects);
  if (first.after >= last) return { kind: 'whole' };
  // Two points that look alike but do different things cannot be told apart by names.
  return new Set(fitting.map(({ names }) => JSON.stringify(names))).size === 1
    ? { kind: 'stopped', after: first.after, of }
    : { kind: 'none' };
}

interface Effect {
  readonly name: string;
  readonly does: 'makes' | 'removes';
}

function effectsOf(sql: string): readonly Effect[] {
  const statement = classify(sql);
  switch (statement.kind) {
    case 'create-table':
      return statement.temporary || statement.ifNotExists ? [] : [made(`table:${statement.table}`)];
    case 'create-virtual-table':
      return [made(`table:${statement.table}`)];
    case 'drop-table':
      return statement.ifExists ? [] : [removed(`table:${statement.table}`)];
    case 'create-index':
      return statement.ifNotExists ? [] : [made(`index:${statement.index}`)];
    case 'drop-index':
      return [removed(`index:${statement.index}`)];
    case 'create-view':
      return statement.temporary ? [] : [made(`view:${statement.view}`)];
    case 'drop-view':
      return [removed(`view:${statement.view}`)];
    case 'create-trigger':
      return statement.temporary ? [] : [made(`trigger:${statement.trigger}`)];
    case 'drop-trigger':
      return [removed(`trigger:${statement.trigger}`)];
    case 'alter-table':
      return alterations(statement.table, statement.action);
    default:
      return [];
  }
}

type Alteration = Extract<ReturnType<typeof classify>, { kind: 'alter-table' }>['action'];

function alterations(table: string, action: Alteration): readonly Effect[] {
  switch (action.kind) {
    case 'add-column':
      return [made(`column:${table}.${action.column}`)];
    case 'drop-column':
      return [removed(`column:${table}.${action.column}`)];
    case 'rename-column':
      return [removed(`column:${table}.${action.column}`), made(`column:${table}.${action.to}`)];
    case 'rename-table':
      return [removed(`table:${table}`), made(`table:${action.to}`)];
    default:
      return [];
  }
}

const made = (name: string): Effect => ({ name: name.toLowerCase(), does: 'makes' });
const removed = (name: string): Effect => ({ name: name.toLowerCase(), does: 'removes' });

interface Point {
  readonly after: number;
  /** Per touched name whether it is there at this point. */
  readonly names: readonly (boolean | undefined)[];
}

/** The names before the first statement follow from what the first effect on each needs. */
function pointsOf(effects: readonly (readonly Effect[])[], touched: readonly string[]): readonly Point[] {
  const there = new Map<string, boolean>();
  for (const { name, does } of effects.flat().toReversed()) there.set(name, does === 'removes');
  const points: Point[] = [{ after: 0, names: touched.map((name) => there.get(name)) }];
  for (const [index, effect] of effects.entries()) {
    for (const { name, does } of effect) there.set(name, does === 'makes');
    if (effect.length > 0) points.push({ after: index + 1, names: touched.map((name) => there.get(name)) });
  }
  return points;
}

function lastTrace(effects: readonly (readonly Effect[])[]): number {
  return effects.findLastIndex((effect) => effect.length > 0) + 1;
}

function isThere(live: LiveNames, name: string): boolean {
  const [kind, rest] = splitOnce(name, ':');
  if (kind === 'table') return live.tables.has(rest);
  if (kind === 'column') return live.columns.has(rest);
  return live.others.has(name);
}

function splitOnce(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator);
  return [text.slice(0, at), text.slice(at + separator.length)];
}
