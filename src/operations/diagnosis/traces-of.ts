import type { Migration } from '../../migrations/migration.ts';
import type { Parts } from '../../schema/parts.ts';
import { foldName } from '../../sql/cursor.ts';
import { effectsOf, type Effect } from './name-effects.ts';

/** The names in a live schema, folded to lower case: all that is needed to see how far a migration came. */
export interface LiveNames {
  readonly tables: ReadonlySet<string>;
  /** Indexes, views, triggers and what else there is, as `kind:name`; `trigger:stamp on users` in PostgreSQL. */
  readonly others: ReadonlySet<string>;
  /** As `table.column`. */
  readonly columns: ReadonlySet<string>;
  /** As `index:name`: indexes of PostgreSQL whose building or dropping did not end. They are in no other set. */
  readonly invalid?: ReadonlySet<string>;
}

/**
 * What a migration without a record left in the schema, told by names alone.
 *
 * `none`: as if it had never begun, or nothing can be told. `stopped`: exactly one point fits.
 * `whole`: everything it makes is there and everything it removes is gone.
 */
export type Traces =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'stopped';
      readonly after: number;
      readonly of: number;
      /** What the target keeps of a migration in parts says so, not its names. */
      readonly seen?: 'noted';
    }
  | { readonly kind: 'whole' };

/**
 * What each migration without a record left in the schema, by tag.
 *
 * Neither what an earlier one that has not run would still change nor what those with a record did already says
 * anything about a later one: these names are left out.
 *
 * @param migrations in the order of running
 * @param recorded those that ran, in the same order
 */
export function tracesByTag(
  migrations: readonly Migration[],
  live: LiveNames,
  recorded: readonly Migration[] = [],
): ReadonlyMap<string, Traces> {
  const open = new Set<string>();
  const found = new Map<string, Traces>();
  let left: ReadonlyMap<string, boolean> | undefined;
  for (const migration of migrations) {
    let traces = tracesOf(migration, live, open);
    if (traces.kind !== 'none' && recorded.length > 0) {
      // Read only when something looks as if it had run: that is rare, and most of a history is recorded.
      left ??= leftBy(recorded);
      traces = tracesOf(migration, live, new Set([...open, ...madeAnyway(migration, left)]));
    }
    found.set(migration.tag, traces);
    if (traces.kind === 'whole') continue;
    for (const { name } of effectsIn(migration).flat()) open.add(name);
  }
  return found;
}

const effectsIn = ({ statements }: Migration) => statements.map(({ sql }) => effectsOf(sql));

/** Whether a name is there once these ran; what becomes of it with a table that goes or is renamed is not told. */
function leftBy(recorded: readonly Migration[]): ReadonlyMap<string, boolean> {
  const left = new Map<string, boolean>();
  const of = new Map<string, Set<string>>();
  for (const effect of recorded.flatMap((migration) => effectsIn(migration).flat())) {
    left.set(effect.name, effect.does === 'makes');
    if (effect.of !== undefined) of.set(effect.of, (of.get(effect.of) ?? new Set()).add(effect.name));
    if (effect.does === 'makes') continue;
    for (const name of of.get(effect.name) ?? []) left.delete(name);
    of.delete(effect.name);
  }
  return left;
}

/** Names that were, before the migration, what it makes them: it cannot begin there, and they show nothing of it. */
function madeAnyway(migration: Migration, left: ReadonlyMap<string, boolean>): readonly string[] {
  return [...beginning(withTakenAlong(effectsIn(migration)))].flatMap(([name, needed]) => {
    const was = left.get(name);
    return needed !== undefined && was !== undefined && was !== needed ? [name] : [];
  });
}

/**
 * Plays the migration's statements over the names it touches and compares each point with the live names.
 * Statements that leave no trace in names (data, PRAGMAs) make neighbouring points equal: the earlier one is
 * named, as it is the last whose effect is seen. A live schema that fits no point is drift, not a half run.
 */
function tracesOf(migration: Migration, live: LiveNames, open: ReadonlySet<string>): Traces {
  const effects = migration.statements.map(({ sql }) =>
    effectsOf(sql).filter(({ name, of }) => !open.has(name) && (of === undefined || !open.has(of))),
  );
  const touched = [...new Set(effects.flatMap((effect) => effect.map(({ name }) => name)))];
  if (touched.length === 0) return { kind: 'none' };
  const points = pointsOf(effects, touched);
  // What was to become of an index that is not valid did not come about.
  const seen = touched.map((name) =>
    live.invalid?.has(name) === true && !isThere(live, name)
      ? lastOf(name, effects) !== 'makes'
      : isThere(live, name),
  );
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

function lastOf(name: string, effects: readonly (readonly Effect[])[]): Effect['does'] | undefined {
  return effects.flat().findLast((effect) => effect.name === name)?.does;
}

interface Point {
  readonly after: number;
  /** Per touched name whether it is there at this point; undefined: either. */
  readonly names: readonly (boolean | undefined)[];
}

/** After each statement that leaves a trace. */
function pointsOf(effects: readonly (readonly Effect[])[], touched: readonly string[]): readonly Point[] {
  const whole = withTakenAlong(effects);
  const there = beginning(whole);
  const points: Point[] = [{ after: 0, names: touched.map((name) => there.get(name)) }];
  for (const [index, effect] of whole.entries()) {
    for (const { name, does } of effect) there.set(name, does === 'makes');
    if (effect.length > 0) points.push({ after: index + 1, names: touched.map((name) => there.get(name)) });
  }
  return points;
}

/** Whether each name is there before the first statement, as its first effect needs it; undefined: either. */
function beginning(effects: readonly (readonly Effect[])[]): Map<string, boolean | undefined> {
  const there = new Map<string, boolean | undefined>();
  for (const { name, does } of effects.flat().toReversed())
    there.set(name, does === 'clears' ? undefined : does === 'removes');
  return there;
}

function withTakenAlong(effects: readonly (readonly Effect[])[]): readonly (readonly Effect[])[] {
  return effects.map((effect) => [...effect, ...takenAlong(effect, effects)]);
}

/** A dropped table takes its indexes, triggers and columns along; a rebuild makes them again under their names. */
function takenAlong(effect: readonly Effect[], effects: readonly (readonly Effect[])[]): readonly Effect[] {
  const dropped = new Set(effect.flatMap(({ name, does }) => (does === 'makes' ? [] : [name])));
  return effects
    .flat()
    .filter(({ of }) => of !== undefined && dropped.has(of))
    .map(({ name }) => ({ name, does: 'clears' }));
}

function lastTrace(effects: readonly (readonly Effect[])[]): number {
  return effects.findLastIndex((effect) => effect.length > 0) + 1;
}

/** Whether a name of an effect is in a schema. */
export function isThere(live: LiveNames, name: string): boolean {
  const [kind, rest] = splitOnce(name, ':');
  if (kind === 'table') return live.tables.has(rest);
  if (kind === 'column') return live.columns.has(rest);
  return live.others.has(name);
}

function splitOnce(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator);
  return [text.slice(0, at), text.slice(at + separator.length)];
}

/** The names in a schema that was read. */
export function liveNamesIn(parts: Parts): LiveNames {
  const names = { tables: new Set<string>(), others: new Set<string>(), columns: new Set<string>() };
  for (const { type, key } of parts.values()) {
    const name = foldName(key.slice(type.length + 1));
    if (type === 'table') names.tables.add(name);
    else if (type === 'column') names.columns.add(name);
    else if (type !== 'constraint') names.others.add(`${type === 'domain' ? 'type' : type}:${name}`);
    // Where it is made it goes by its bare name, in the schema of its table.
    if (type === 'index') names.others.add(`index:${name.slice(name.indexOf('.') + 1)}`);
  }
  return names;
}
